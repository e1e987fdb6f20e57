ALTER TABLE contact_point ALTER COLUMN value TYPE TEXT COLLATE "default";
