DELETE FROM task_setting WHERE name = 'database_id';
ALTER TABLE task_counter DROP COLUMN forgotten;
