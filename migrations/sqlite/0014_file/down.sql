DROP TABLE file_part;
DROP TABLE file;
