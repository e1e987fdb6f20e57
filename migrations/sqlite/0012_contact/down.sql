DROP INDEX audit_thing;
DROP TABLE contact_word;
DROP TABLE contact_point;
DROP TABLE contact;
