ALTER TABLE chat_service DROP COLUMN identify_key;
ALTER TABLE chat_service DROP COLUMN widget;
