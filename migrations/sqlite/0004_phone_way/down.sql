ALTER TABLE phone_binding DROP COLUMN way_peer;
ALTER TABLE phone_binding DROP COLUMN way_transport;
