-- The idempotency keys of each user's writes with the result of the first write, so that a repeated request
-- does not write again.
CREATE TABLE task_idempotency (
  user_id    text        NOT NULL,
  key        text        NOT NULL,
  -- Identifies the operation and its arguments.
  request    text        NOT NULL,
  -- The tasks that the write returned, as a JSON array.
  task_ids   text        NOT NULL,
  -- The number of the user's change, or NULL if nothing changed.
  n          bigint,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);

-- Expired keys, the oldest first.
CREATE INDEX task_idempotency_created ON task_idempotency (user_id, created_at);
