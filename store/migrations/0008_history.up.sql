-- The present era of the database; see history.go. The table has one row.
CREATE TABLE task_era (
  id     integer NOT NULL PRIMARY KEY CHECK (id = 1),
  era    bigint  NOT NULL,
  -- How many numbers each user's first write leaves out when it comes from an era before the last jump.
  jump   bigint  NOT NULL,
  -- Where the era began: at which start of a PostgreSQL server, and in which file and transaction. Empty on SQLite.
  server text    NOT NULL,
  place  text    NOT NULL
);

-- The era of n.
ALTER TABLE task_counter ADD COLUMN era bigint NOT NULL DEFAULT 0;
-- The eras of the numbers, the newest first, each as "first number:era,". Numbers before all of them are of era 0.
ALTER TABLE task_counter ADD COLUMN eras text NOT NULL DEFAULT '';
-- How many of the numbers up to n are left out.
ALTER TABLE task_counter ADD COLUMN skipped bigint NOT NULL DEFAULT 0;
