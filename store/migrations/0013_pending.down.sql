{{if .Postgres -}}
ALTER INDEX task_search_words SET (fastupdate = off);
ALTER INDEX task_search_words RESET (gin_pending_list_limit);
SELECT gin_clean_pending_list('task_search_words');
{{- else -}}
SELECT 1;
{{- end}}
