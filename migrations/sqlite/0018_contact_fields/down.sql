ALTER TABLE company DROP COLUMN contact_fields;
