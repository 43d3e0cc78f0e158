{{if .Postgres -}}
INSERT INTO task_search (task_id, created_at, words)
  SELECT r.task_id, r.created_at, r.words FROM task_search_recent AS r JOIN {{.Task}} AS t ON t.id = r.task_id;
DROP TABLE task_search_recent;
{{- else -}}
SELECT 1;
{{- end}}
