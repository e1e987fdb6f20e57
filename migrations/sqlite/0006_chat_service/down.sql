DROP INDEX chat_service_previous;
ALTER TABLE chat_service DROP COLUMN previous_until;
ALTER TABLE chat_service DROP COLUMN previous_token;
ALTER TABLE chat_service DROP COLUMN telephone;
