-- What lists are filtered and sorted by, without a look at letter case. The program writes these
-- columns with the ones they follow from.
ALTER TABLE {{.Task}} ADD COLUMN title_lower text NOT NULL DEFAULT '' {{.ByteOrder}};
-- NULL where there is no description, or a blank one.
ALTER TABLE {{.Task}} ADD COLUMN notes_lower text;
-- Each tag on a line of its own, with a line feed before the first and after the last.
ALTER TABLE {{.Task}} ADD COLUMN tags_lower text NOT NULL DEFAULT '';
-- due_date, or the end of the day for a whole day, or after all times for none.
ALTER TABLE {{.Task}} ADD COLUMN due_end timestamptz NOT NULL DEFAULT 'infinity';
UPDATE {{.Task}} SET due_end = CASE due_kind WHEN 'DATE' THEN {{.EndOfDueDay}} ELSE due_date END WHERE due_date IS NOT NULL;
-- A column, because SQLite finds no row value in an index of expressions.
ALTER TABLE {{.Task}} ADD COLUMN priority_rank integer
  GENERATED ALWAYS AS (CASE priority WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) {{if .Postgres}}STORED{{else}}VIRTUAL{{end}};

DROP INDEX task_user_due;
DROP INDEX task_user_created;
-- Newest first; and how many tasks there are outside the trash, without a look at them.
CREATE INDEX task_user_created ON {{.Task}} (user_id, created_at, id, deleted_at);
-- What changed lately.
CREATE INDEX task_user_updated ON {{.Task}} (user_id, updated_at, id) WHERE deleted_at IS NULL;
-- What is still to be done, by due date and by priority, as the lists spell these orders.
CREATE INDEX task_open_due ON {{.Task}} (user_id, due_end, id) WHERE NOT completed AND deleted_at IS NULL;
CREATE INDEX task_open_priority ON {{.Task}} (user_id, priority_rank, due_end, id) WHERE NOT completed AND deleted_at IS NULL;
-- What is done, lately first.
CREATE INDEX task_done ON {{.Task}} (user_id, completed_at, id) WHERE completed AND deleted_at IS NULL;
