-- What a company wants to know of its contacts besides: a JSON list of `name`, `holds` and `choices`, as it is shown.
ALTER TABLE company ADD COLUMN contact_fields TEXT NOT NULL DEFAULT '[]';
