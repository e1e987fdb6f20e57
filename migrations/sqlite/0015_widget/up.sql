-- What visitors' browsers are told (JSON, null: all as by default), and by what a website proves who a visitor is.
ALTER TABLE chat_service ADD COLUMN widget TEXT;
ALTER TABLE chat_service ADD COLUMN identify_key TEXT;
