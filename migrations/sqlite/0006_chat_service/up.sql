-- What visitors may dial when nobody is there, and the token before this one with its end.
ALTER TABLE chat_service ADD COLUMN telephone TEXT;
ALTER TABLE chat_service ADD COLUMN previous_token TEXT;
ALTER TABLE chat_service ADD COLUMN previous_until BIGINT;
CREATE UNIQUE INDEX chat_service_previous ON chat_service (previous_token);
