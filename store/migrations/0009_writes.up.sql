-- Each index costs every write another page to change and to log. Lists by time of update, and of open tasks by priority, are sorted instead.
DROP INDEX task_user_updated;
DROP INDEX task_open_priority;
ALTER TABLE {{.Task}} DROP COLUMN priority_rank;
