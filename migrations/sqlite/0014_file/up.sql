-- What people sent in chats, in parts, so that no write is long. `size` is NULL until all of it is there. A file belongs to
-- a message if `content` has a row of kind 12 with its id as the number; one that belongs to none was not finished.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    chat BIGINT NOT NULL,
    company BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    size BIGINT
);
CREATE INDEX file_chat ON file (chat);

CREATE TABLE file_part (
    file BIGINT NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (file, number)
);
