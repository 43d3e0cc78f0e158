-- The search terms of each task; see search.go. In a table of their own, so that a write that changes no text does not rewrite
-- them. 0010_matches changes and fills it.
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
