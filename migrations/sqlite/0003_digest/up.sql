-- What a client's command said, as far as it takes to know it again: another one with the same number is no repetition.
ALTER TABLE journal ADD COLUMN digest BIGINT;
