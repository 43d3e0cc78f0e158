ALTER TABLE task_counter DROP COLUMN skipped;
ALTER TABLE task_counter DROP COLUMN eras;
ALTER TABLE task_counter DROP COLUMN era;
DROP TABLE task_era;
