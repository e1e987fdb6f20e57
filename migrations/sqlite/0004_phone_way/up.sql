-- By which way a phone is called: another than the one by which it registered if it sends from elsewhere than it listens.
-- NULL means the same way.
ALTER TABLE phone_binding ADD COLUMN way_transport TEXT;
ALTER TABLE phone_binding ADD COLUMN way_peer TEXT;
