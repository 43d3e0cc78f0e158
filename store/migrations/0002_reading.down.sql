DROP INDEX task_open_priority;
DROP INDEX task_open_due;
CREATE INDEX task_user_due ON {{.Task}} (user_id, due_date, id);
ALTER TABLE {{.Task}} DROP COLUMN priority_rank;
ALTER TABLE {{.Task}} DROP COLUMN due_end;
ALTER TABLE {{.Task}} DROP COLUMN tags_lower;
ALTER TABLE {{.Task}} DROP COLUMN notes_lower;
ALTER TABLE {{.Task}} DROP COLUMN title_lower;
