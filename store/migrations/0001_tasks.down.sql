DROP TABLE IF EXISTS task_setting;
DROP TABLE task_tombstone;
DROP TABLE task_counter;
DROP TABLE {{.Task}};
