-- The ids that tasks had in a table that was taken over, if those were no numbers; see adoption.go. A table of its own, so that writes to tasks
-- have no index more to keep. Only the takeover writes it, and rows stay when their tasks are purged.
CREATE TABLE task_old_id (
  task_id {{if .Postgres}}bigint NOT NULL{{else}}integer{{end}} PRIMARY KEY,
  old_id  text NOT NULL {{.ByteOrder}}
);
CREATE UNIQUE INDEX task_old_id_unique ON task_old_id (old_id);
