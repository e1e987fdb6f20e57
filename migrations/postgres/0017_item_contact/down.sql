DELETE FROM call_party WHERE role = 4;
ALTER TABLE call_record DROP COLUMN contact;
