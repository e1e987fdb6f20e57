-- Chats and tasks leave a record too. `kind` is the channel; `preempted` and `wrap_up` are milliseconds. Read newest first,
-- by company and kind, and by company, kind and outcome.
ALTER TABLE call_record ADD COLUMN kind TEXT NOT NULL DEFAULT 'call';
ALTER TABLE call_record ADD COLUMN preemptions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call_record ADD COLUMN preempted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call_record ADD COLUMN wrap_up BIGINT NOT NULL DEFAULT 0;
DROP INDEX call_record_newest;
DROP INDEX call_record_outcome;
CREATE INDEX call_record_newest ON call_record (company, kind, arrived_at, actor);
CREATE INDEX call_record_outcome ON call_record (company, kind, outcome, arrived_at, actor);
