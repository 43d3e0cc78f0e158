-- The terms that each task is found by; see search.go. A table of its own, so that a write that leaves
-- the texts alone leaves them alone, too. The program fills it and then, on Postgres, adds its index and foreign key.
{{if .Postgres -}}
CREATE TABLE task_search (
  task_id bigint   NOT NULL PRIMARY KEY,
  words   tsvector NOT NULL
);
{{- else -}}
CREATE VIRTUAL TABLE task_search USING fts5 (title, tags, notes, tokenize = 'ascii', content = '', contentless_delete = 1);
CREATE TRIGGER task_search_delete AFTER DELETE ON {{.Task}} BEGIN
  DELETE FROM task_search WHERE rowid = old.id;
END;
{{- end}}
