ALTER TABLE agent DROP COLUMN applied_password;
