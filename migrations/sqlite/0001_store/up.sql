-- Keys are 64-bit integers, times are milliseconds since 1970-01-01T00:00:00Z, yes and no are 1 and 0.

-- One row per start of the daemon. At `last_at` it was alive; rows of the journal may tell of a later time.
CREATE TABLE boot (
    epoch INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Who has a journal. `ended_at` is set with the last row of an actor that is over.
CREATE TABLE actor (
    number INTEGER PRIMARY KEY,
    company BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX actor_live ON actor (company, number) WHERE ended_at IS NULL;

-- One row per command with its events. UNIQUE (actor, seq) is the compare-and-set against a second writer.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    actor BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    at BIGINT NOT NULL,
    sender BIGINT,
    outbox BIGINT,
    client TEXT,
    command BIGINT,
    version BIGINT NOT NULL,
    events TEXT NOT NULL,
    UNIQUE (actor, seq)
);

-- An actor as it was after its row `seq`, and what its shell knew of clients: a short cut for loading, never the truth.
CREATE TABLE snapshot (
    actor INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    text TEXT NOT NULL
);

-- Messages that their receivers have not yet committed, each with the row of its sender that it went out with.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    company BIGINT NOT NULL,
    sender BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    receiver BIGINT NOT NULL,
    at BIGINT NOT NULL,
    message TEXT NOT NULL
);

-- What people wrote and who they are, outside of the events, so that it can be erased. A row of kind 0 says that this
-- was done.
CREATE TABLE content (
    actor BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (actor, kind, number)
) WITHOUT ROWID;

-- What became of each call that is over, written with the row of the journal that ends it, and told by its events alone.
-- `queues` and `talks` are JSON. Read newest first, by company, and by company and outcome.
CREATE TABLE call_record (
    actor INTEGER PRIMARY KEY,
    company BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    queues TEXT NOT NULL,
    last_queue BIGINT NOT NULL,
    moves BIGINT NOT NULL,
    offers BIGINT NOT NULL,
    talks TEXT NOT NULL
);
CREATE INDEX call_record_newest ON call_record (company, arrived_at, actor);
CREATE INDEX call_record_outcome ON call_record (company, outcome, arrived_at, actor);

-- Where a call waited (role 1: a queue's id) and who talked (role 2: an agent's), so that theirs are found newest first.
CREATE TABLE call_party (
    role BIGINT NOT NULL,
    id BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    PRIMARY KEY (role, id, arrived_at, actor)
) WITHOUT ROWID;

CREATE TABLE company (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

-- NULL means the daemon's own setting, or its default. `pushed` and `head_starts` are JSON.
CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    exclusive BIGINT NOT NULL,
    ring_ms BIGINT,
    call_wrap_up_ms BIGINT,
    chat_wrap_up_ms BIGINT,
    strategy TEXT,
    pushed TEXT,
    head_starts TEXT,
    waiting_max BIGINT,
    wait_max_ms BIGINT,
    overflow BIGINT REFERENCES queue (id),
    unserved TEXT,
    chats_max BIGINT,
    voice TEXT,
    UNIQUE (company, name)
);

-- `phone` is the user that registers, or a fixed `sip:` URI; the two HA1 of RFC 8760 are those of a registering user.
CREATE TABLE agent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    login_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
    phone TEXT UNIQUE,
    phone_ha1_md5 TEXT,
    phone_ha1_sha256 TEXT,
    voice_only BIGINT NOT NULL,
    chats_max BIGINT
);
CREATE INDEX agent_company ON agent (company);

CREATE TABLE queue_agent (
    queue BIGINT NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    agent BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    company BIGINT NOT NULL REFERENCES company (id),
    skill BIGINT NOT NULL,
    PRIMARY KEY (queue, agent)
) WITHOUT ROWID;

-- Why people take breaks, in the company's own words.
CREATE TABLE break_reason (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    UNIQUE (company, name)
);

CREATE TABLE chat_service (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    token TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    queue BIGINT NOT NULL REFERENCES queue (id),
    active BIGINT NOT NULL
);

CREATE TABLE number (
    dialled TEXT NOT NULL PRIMARY KEY,
    company BIGINT NOT NULL REFERENCES company (id),
    queue BIGINT NOT NULL REFERENCES queue (id)
) WITHOUT ROWID;

CREATE TABLE trunk (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    -- From where it calls without a password: a JSON list.
    addresses TEXT NOT NULL,
    -- Where our requests to it go, and whether we register there.
    server TEXT,
    registers BIGINT NOT NULL,
    tcp BIGINT NOT NULL,
    -- Whoever registers proves a password in a realm that is not known before, so that it cannot be hashed.
    user TEXT,
    login TEXT,
    password TEXT,
    ha1_md5 TEXT,
    ha1_sha256 TEXT,
    expires_s BIGINT,
    probe_s BIGINT,
    dialled_to BIGINT NOT NULL,
    UNIQUE (company, name)
);

-- Only hashes of the tokens are kept: who reads the database can log in as nobody.
CREATE TABLE web_session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    agent BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    company BIGINT NOT NULL REFERENCES company (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE visitor_session (
    session_hash BLOB NOT NULL PRIMARY KEY,
    chat BIGINT NOT NULL,
    company BIGINT NOT NULL REFERENCES company (id),
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Who answered a caller's last call, for queues that give them the same agent again.
CREATE TABLE last_agent (
    company BIGINT NOT NULL REFERENCES company (id),
    caller TEXT NOT NULL,
    agent BIGINT NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    PRIMARY KEY (company, caller)
) WITHOUT ROWID;

-- Where registered phones are, so that they ring after a restart without having to register again.
-- A user's phones in the order in which they were heard from, the last one first; `path` has a proxy a line.
CREATE TABLE phone_binding (
    phone TEXT NOT NULL,
    place INTEGER NOT NULL,
    contact TEXT NOT NULL,
    transport TEXT NOT NULL,
    local TEXT,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    instance TEXT,
    reg_id BIGINT,
    call_id TEXT NOT NULL,
    cseq BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (phone, place)
) WITHOUT ROWID;
