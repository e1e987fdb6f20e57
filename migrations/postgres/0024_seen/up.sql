-- On which pages chat services were seen. `path` is empty where it is not known. Where `admitted` is 0 the service was not for
-- pages of that origin.
CREATE TABLE sighting (
    service BIGINT NOT NULL REFERENCES chat_service (id),
    admitted BIGINT NOT NULL,
    origin TEXT NOT NULL,
    path TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (service, admitted, origin, path)
);
