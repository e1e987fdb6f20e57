-- Which rows of queues' journals decided to whom an item went. Written with the row, and told by its events alone. `item`
-- is the item's number in the journal.
CREATE TABLE decision (
    item BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (item, actor, seq)
) WITHOUT ROWID;

-- Those of the rows that are there: a call's offer names it, anything else is pushed by its kind and number.
INSERT OR IGNORE INTO decision (item, actor, seq)
SELECT json_extract(event.value, '$.offer.call') << 3 | 3, journal.actor, journal.seq
FROM journal, json_each(journal.events) AS event
WHERE json_extract(event.value, '$.event') = 'offered';

INSERT OR IGNORE INTO decision (item, actor, seq)
SELECT
    CAST(substr(item, instr(item, ':') + 1) AS INTEGER) << 3
    | CASE substr(item, 1, instr(item, ':') - 1) WHEN 'chat' THEN 2 WHEN 'call' THEN 3 ELSE 4 END,
    actor,
    seq
FROM (
    SELECT journal.actor, journal.seq, json_extract(event.value, '$.item') AS item
    FROM journal, json_each(journal.events) AS event
    WHERE json_extract(event.value, '$.event') = 'pushed'
);
