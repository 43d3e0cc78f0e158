DROP TABLE task_import;
