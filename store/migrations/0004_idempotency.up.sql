-- The idempotency keys of each user's writes: what a write that came with one has left, so that the
-- same request sent again finds it instead of writing once more.
CREATE TABLE task_idempotency (
  user_id    text        NOT NULL,
  key        text        NOT NULL,
  -- Stands for the operation and its arguments: another of either is another request.
  request    text        NOT NULL,
  -- The tasks that the write returned, as a JSON array.
  task_ids   text        NOT NULL,
  -- The number of the user's change, or NULL when there was nothing to change.
  n          bigint,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);

-- The keys that have become too old, the oldest first.
CREATE INDEX task_idempotency_created ON task_idempotency (user_id, created_at);
