-- What items may be about: a tree. `queues` is a JSON list of the queues' ids that have it in a list of their own.
CREATE TABLE classification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    code TEXT NOT NULL,
    label TEXT NOT NULL,
    parent BIGINT REFERENCES classification (id),
    queues TEXT NOT NULL,
    removed_at BIGINT,
    UNIQUE (company, code)
);

-- What agents write again and again. `queues` is a JSON list of ids; empty means all.
CREATE TABLE template (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT,
    queues TEXT NOT NULL,
    removed_at BIGINT,
    UNIQUE (company, name)
);

-- What agents wrote of an item: `words` is the note in its simple form, `classifications` a JSON list of ids. `version` grows
-- with every change; `agent` is who made the last one. What an item that is over was about is found in call_party: role 3.
CREATE TABLE write_up (
    actor INTEGER PRIMARY KEY,
    company BIGINT NOT NULL REFERENCES company (id),
    version BIGINT NOT NULL,
    note TEXT NOT NULL,
    words TEXT NOT NULL,
    classifications TEXT NOT NULL,
    agent BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- What a person has set for their screens: JSON.
CREATE TABLE preference (
    agent INTEGER PRIMARY KEY REFERENCES agent (id) ON DELETE CASCADE,
    text TEXT NOT NULL
);

-- By which browser a session was begun, as it named itself.
ALTER TABLE web_session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
CREATE INDEX web_session_agent ON web_session (agent);
