-- Customers whom companies know. `fields` is JSON: the company's own, by name. One that was merged into another is the same
-- person. Of one that was erased the row stays empty, so that its id comes to nobody else.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    language TEXT NOT NULL,
    notes TEXT NOT NULL,
    fields TEXT NOT NULL,
    merged_into BIGINT REFERENCES contact (id),
    erased_at BIGINT
);
CREATE INDEX contact_merged ON contact (merged_into) WHERE merged_into IS NOT NULL;

-- By what they are reached, in its one form: of `kind` 'telephone' (+49301234567), 'email' or 'other' (system:id).
CREATE TABLE contact_point (
    company BIGINT NOT NULL REFERENCES company (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact BIGINT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (company, kind, value)
) WITHOUT ROWID;
CREATE INDEX contact_point_contact ON contact_point (contact);

-- The words by which they are found, in their simple form and the order of their bytes; those of whoever was merged stand
-- under the other one. The second index looks for a further word of one contact.
CREATE TABLE contact_word (
    company BIGINT NOT NULL,
    word TEXT NOT NULL,
    contact BIGINT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (company, word, contact)
) WITHOUT ROWID;
CREATE INDEX contact_word_contact ON contact_word (contact, word);

-- What was changed about one thing: of whoever is erased it is emptied.
CREATE INDEX audit_thing ON audit (company, kind, name);
