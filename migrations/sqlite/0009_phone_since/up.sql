-- Since when a phone is registered without a gap, and what it says that it is. NULL: nobody kept it, or it does not say.
ALTER TABLE phone_binding ADD COLUMN registered_at BIGINT;
ALTER TABLE phone_binding ADD COLUMN user_agent TEXT;
