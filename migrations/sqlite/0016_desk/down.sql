DROP INDEX web_session_agent;
ALTER TABLE web_session DROP COLUMN browser;
DROP TABLE preference;
DROP TABLE write_up;
DROP TABLE template;
DROP TABLE classification;
