-- Who the customer of an item was, if that is known; it is found under them in call_party, as `role` 4.
ALTER TABLE call_record ADD COLUMN contact BIGINT;
