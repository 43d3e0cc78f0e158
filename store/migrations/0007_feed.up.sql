-- Tombstones up to this number are deleted.
ALTER TABLE task_counter ADD COLUMN forgotten bigint NOT NULL DEFAULT 0;
-- Settings of the database. The first migration creates this table, but its first release did not.
CREATE TABLE IF NOT EXISTS task_setting (
  name  text NOT NULL PRIMARY KEY,
  value text NOT NULL
);
-- Distinguishes the sync tokens of this database from those of others.
INSERT INTO task_setting (name, value) VALUES ('database_id', {{.RandomID}});
