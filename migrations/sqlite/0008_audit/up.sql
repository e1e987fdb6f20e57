-- Who changed what of a company and when. `author_kind` is 'operator' (at the command line) or 'agent' (by the API);
-- `was` and `is_now` are JSON: the keys that differ, with secrets masked.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    at BIGINT NOT NULL,
    author_kind TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    what TEXT NOT NULL,
    was TEXT NOT NULL,
    is_now TEXT NOT NULL
);
CREATE INDEX audit_company ON audit (company, at, id);
