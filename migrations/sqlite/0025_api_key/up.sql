-- Keys by which programs ask. Of a token there is its SHA-256 alone; `roles` and `queues` are ids, as JSON; `until` is the last
-- day, as a date; `used_at` is when it was used last, within a minute.
CREATE TABLE api_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    queues TEXT NOT NULL,
    until TEXT NOT NULL,
    used_at BIGINT,
    removed_at BIGINT,
    UNIQUE (company, name)
);
-- Not unique: what is removed keeps its row.
CREATE INDEX api_key_token ON api_key (token_hash);
