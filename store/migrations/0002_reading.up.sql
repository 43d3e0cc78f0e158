-- Case-folded columns for filters and sorting. The program writes them together with the columns they are derived from.
ALTER TABLE {{.Task}} ADD COLUMN title_lower text NOT NULL DEFAULT '' {{.ByteOrder}};
-- NULL if the description is missing or blank.
ALTER TABLE {{.Task}} ADD COLUMN notes_lower text;
-- Each tag on a line of its own, with a line feed before the first and after the last one.
ALTER TABLE {{.Task}} ADD COLUMN tags_lower text NOT NULL DEFAULT '';
-- due_date; for a whole day the end of the day; without a due date later than all times.
ALTER TABLE {{.Task}} ADD COLUMN due_end timestamptz NOT NULL DEFAULT 'infinity';
UPDATE {{.Task}} SET due_end = CASE due_kind WHEN 'DATE' THEN {{.EndOfDueDay}} ELSE due_date END WHERE due_date IS NOT NULL;
-- A column, because SQLite does not use an index on expressions for row values.
ALTER TABLE {{.Task}} ADD COLUMN priority_rank integer
  GENERATED ALWAYS AS (CASE priority WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) {{if .Postgres}}STORED{{else}}VIRTUAL{{end}};

DROP INDEX task_user_due;
DROP INDEX task_user_created;
-- Newest first. With deleted_at, the index alone is enough to count the tasks outside the trash.
CREATE INDEX task_user_created ON {{.Task}} (user_id, created_at, id, deleted_at);
-- Recently updated.
CREATE INDEX task_user_updated ON {{.Task}} (user_id, updated_at, id) WHERE deleted_at IS NULL;
-- Open tasks by due date and by priority, with the expressions of the lists.
CREATE INDEX task_open_due ON {{.Task}} (user_id, due_end, id) WHERE NOT completed AND deleted_at IS NULL;
CREATE INDEX task_open_priority ON {{.Task}} (user_id, priority_rank, due_end, id) WHERE NOT completed AND deleted_at IS NULL;
-- Completed tasks by time of completion.
CREATE INDEX task_done ON {{.Task}} (user_id, completed_at, id) WHERE completed AND deleted_at IS NULL;
