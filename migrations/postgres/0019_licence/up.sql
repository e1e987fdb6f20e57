-- By which a company's chats may begin: the signed text as it was issued.
ALTER TABLE company ADD COLUMN licence TEXT;
