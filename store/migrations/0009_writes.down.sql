ALTER TABLE {{.Task}} ADD COLUMN priority_rank integer
  GENERATED ALWAYS AS (CASE priority WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END) {{if .Postgres}}STORED{{else}}VIRTUAL{{end}};
CREATE INDEX task_open_priority ON {{.Task}} (user_id, priority_rank, due_end, id) WHERE NOT completed AND deleted_at IS NULL;
CREATE INDEX task_user_updated ON {{.Task}} (user_id, updated_at, id) WHERE deleted_at IS NULL;
