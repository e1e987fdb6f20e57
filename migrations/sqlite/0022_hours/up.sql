-- When a company is open. `week`, `days` and `word` are JSON: the intervals of each day of the week, Monday first; days that are
-- otherwise, by date; and what holds for the moment. All times are those of the wall in the company's zone.
CREATE TABLE hours (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company BIGINT NOT NULL REFERENCES company (id),
    name TEXT NOT NULL,
    week TEXT NOT NULL,
    days TEXT NOT NULL,
    word TEXT,
    removed_at BIGINT,
    UNIQUE (company, name)
);

-- Of what its hours are the time; none: that of its country.
ALTER TABLE company ADD COLUMN time_zone TEXT;
ALTER TABLE queue ADD COLUMN hours BIGINT REFERENCES hours (id);
-- What happens to new items outside of these hours.
ALTER TABLE queue ADD COLUMN closed TEXT;
ALTER TABLE chat_service ADD COLUMN hours BIGINT REFERENCES hours (id);
