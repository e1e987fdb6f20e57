ALTER TABLE chat_service DROP COLUMN removed_at;
ALTER TABLE break_reason DROP COLUMN removed_at;
ALTER TABLE queue DROP COLUMN removed_at;
ALTER TABLE agent DROP COLUMN removed_at;
ALTER TABLE agent DROP COLUMN active;
