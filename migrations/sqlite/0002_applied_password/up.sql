-- The hash of the password that the company file last gave somebody: while the file says the same, a password that was
-- changed since stays as it is.
ALTER TABLE agent ADD COLUMN applied_password TEXT;
UPDATE agent SET applied_password = password_hash;
