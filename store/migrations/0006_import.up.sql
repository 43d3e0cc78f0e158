-- What each user has imported from files, so that a file can be imported again: a task that was imported before
-- is left out, whatever became of it since.
CREATE TABLE task_import (
  user_id text   NOT NULL,
  -- Names the task where it came from.
  source  text   NOT NULL,
  task_id bigint NOT NULL,
  PRIMARY KEY (user_id, source)
);
