ALTER TABLE company DROP COLUMN keep_withheld_numbers;
