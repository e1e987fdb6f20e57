DROP INDEX contact_sorted;
ALTER TABLE contact DROP COLUMN sorting;
ALTER TABLE company DROP COLUMN country;
