-- What people may do: the roles of a company's own, whose ids begin at 16. `levels` is JSON: what may be done in each area.
CREATE TABLE role (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    answers BIGINT NOT NULL,
    levels TEXT NOT NULL,
    removed_at BIGINT,
    UNIQUE (company, name)
);

-- The ids of a person's roles, as JSON; 1, 2 and 3 are those that every company has.
ALTER TABLE agent ADD COLUMN roles TEXT NOT NULL DEFAULT '[1]';
UPDATE agent SET roles = CASE role WHEN 'administrator' THEN '[3]' WHEN 'supervisor' THEN '[2]' ELSE '[1]' END;
ALTER TABLE agent DROP COLUMN role;
