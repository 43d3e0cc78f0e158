{{if not .Postgres}}DROP TRIGGER task_search_delete;{{end}}
DROP TABLE task_search;
