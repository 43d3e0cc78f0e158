DROP TABLE task_old_id;
