-- Up to which number tombstones have been removed.
ALTER TABLE task_counter ADD COLUMN forgotten bigint NOT NULL DEFAULT 0;
-- What the database itself has to keep. The first step makes this table; it did not always.
CREATE TABLE IF NOT EXISTS task_setting (
  name  text NOT NULL PRIMARY KEY,
  value text NOT NULL
);
-- Tells this database's bookmarks from those of others.
INSERT INTO task_setting (name, value) VALUES ('database_id', {{.RandomID}});
