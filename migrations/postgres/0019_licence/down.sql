ALTER TABLE company DROP COLUMN licence;
