-- The manual order, and the neighbours of a task in it.
CREATE INDEX task_user_position ON {{.Task}} (user_id, position);
-- The trash by time of deletion.
CREATE INDEX task_trash ON {{.Task}} (user_id, deleted_at) WHERE deleted_at IS NOT NULL;
