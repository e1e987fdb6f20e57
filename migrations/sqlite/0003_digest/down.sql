ALTER TABLE journal DROP COLUMN digest;
