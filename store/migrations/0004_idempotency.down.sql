DROP TABLE task_idempotency;
