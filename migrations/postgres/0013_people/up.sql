-- In which country a company's numbers are written that name none: two letters (ISO 3166-1).
ALTER TABLE company ADD COLUMN country TEXT NOT NULL DEFAULT 'DE';

-- Where a contact stands in the alphabet, in its simple form and the order of its bytes.
ALTER TABLE contact ADD COLUMN sorting TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE contact SET sorting = lower(CASE name WHEN '' THEN organisation ELSE name END);
CREATE INDEX contact_sorted ON contact (company, sorting, id) WHERE merged_into IS NULL AND erased_at IS NULL;
