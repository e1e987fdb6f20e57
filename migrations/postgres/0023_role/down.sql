ALTER TABLE agent ADD COLUMN role TEXT NOT NULL DEFAULT 'agent';
UPDATE agent SET role = CASE roles WHEN '[3]' THEN 'administrator' WHEN '[2]' THEN 'supervisor' ELSE 'agent' END;
ALTER TABLE agent DROP COLUMN roles;
DROP TABLE role;
