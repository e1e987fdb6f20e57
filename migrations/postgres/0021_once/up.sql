-- The first answer to each request that came with a key, so that it is done once however often it comes. `who` asked; `status`
-- is NULL while it is being done, by the daemon of that boot. `headers` are JSON.
CREATE TABLE once (
    who TEXT NOT NULL,
    key BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    at BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    status BIGINT,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (who, key)
);
CREATE INDEX once_at ON once (at);
