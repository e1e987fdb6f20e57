-- The systems that have ids of contacts are looked for one behind the other, in the order of their bytes.
ALTER TABLE contact_point ALTER COLUMN value TYPE TEXT COLLATE "C";
