{{if .Postgres -}}
CREATE TABLE task_search_recent (
  user_id    text        NOT NULL,
  task_id    bigint      NOT NULL,
  created_at timestamptz NOT NULL,
  words      tsvector    NOT NULL,
  PRIMARY KEY (user_id, task_id)
);
{{- else -}}
SELECT 1;
{{- end}}
