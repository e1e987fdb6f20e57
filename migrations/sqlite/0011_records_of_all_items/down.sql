DROP INDEX call_record_newest;
DROP INDEX call_record_outcome;
DELETE FROM call_record WHERE kind <> 'call';
ALTER TABLE call_record DROP COLUMN kind;
ALTER TABLE call_record DROP COLUMN preemptions;
ALTER TABLE call_record DROP COLUMN preempted;
ALTER TABLE call_record DROP COLUMN wrap_up;
CREATE INDEX call_record_newest ON call_record (company, arrived_at, actor);
CREATE INDEX call_record_outcome ON call_record (company, outcome, arrived_at, actor);
