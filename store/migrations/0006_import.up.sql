-- The tasks that each user has imported from files. A file can be imported again: it skips tasks that were imported
-- before, even if they were changed or purged since.
CREATE TABLE task_import (
  user_id text   NOT NULL,
  -- Identifies the task in its source.
  source  text   NOT NULL,
  task_id bigint NOT NULL,
  PRIMARY KEY (user_id, source)
);
