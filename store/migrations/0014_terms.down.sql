{{if .Postgres -}}
DROP FUNCTION task_search_delete() CASCADE;
ALTER TABLE task_search ADD FOREIGN KEY (task_id) REFERENCES {{.Task}} (id) ON DELETE CASCADE;
{{- else -}}
SELECT 1;
{{- end}}
