{{if .Postgres -}}
ALTER INDEX task_search_words SET (fastupdate = on, gin_pending_list_limit = 64);
{{- else -}}
SELECT 1;
{{- end}}
