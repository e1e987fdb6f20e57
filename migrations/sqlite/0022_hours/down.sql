ALTER TABLE chat_service DROP COLUMN hours;
ALTER TABLE queue DROP COLUMN closed;
ALTER TABLE queue DROP COLUMN hours;
ALTER TABLE company DROP COLUMN time_zone;
DROP TABLE hours;
