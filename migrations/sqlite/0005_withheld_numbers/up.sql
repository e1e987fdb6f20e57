-- Whether the company may keep the numbers of callers who don't want theirs to be shown.
ALTER TABLE company ADD COLUMN keep_withheld_numbers BIGINT NOT NULL DEFAULT 0;
