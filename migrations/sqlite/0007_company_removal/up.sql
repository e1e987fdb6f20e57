-- Who may work, and what was removed from a company: its row stays, so that records tell its name and its id is not given
-- again. What has to be unique among those that are there (names, log-ins, tokens) then ends in U+001F and the id, so that
-- somebody else may have it.
ALTER TABLE agent ADD COLUMN active BIGINT NOT NULL DEFAULT 1;
ALTER TABLE agent ADD COLUMN removed_at BIGINT;
ALTER TABLE queue ADD COLUMN removed_at BIGINT;
ALTER TABLE break_reason ADD COLUMN removed_at BIGINT;
ALTER TABLE chat_service ADD COLUMN removed_at BIGINT;
