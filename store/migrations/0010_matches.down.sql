{{if .Postgres -}}
ALTER TABLE task_search RENAME TO task_search_before;
ALTER INDEX task_search_pkey RENAME TO task_search_before_pkey;
CREATE TABLE task_search (
  task_id bigint   NOT NULL PRIMARY KEY,
  words   tsvector NOT NULL
);
INSERT INTO task_search (task_id, words)
  SELECT t.id, CAST(replace(CAST(ts_delete(s.words, k.before || '!' || t.priority) AS text), '''' || k.before, '''' || k.after) AS tsvector)
  FROM task_search_before AS s JOIN {{.Task}} AS t ON t.id = s.task_id
  CROSS JOIN LATERAL (SELECT left(encode(hash, 'base64'), 4) AS before, left(encode(hash, 'hex'), 8) AS after
    FROM sha256(convert_to(t.user_id, 'UTF8')) AS hash) AS k
  ORDER BY t.id;
DROP TABLE task_search_before;
ALTER TABLE task_search ADD FOREIGN KEY (task_id) REFERENCES {{.Task}} (id) ON DELETE CASCADE;
CREATE INDEX task_search_words ON task_search USING gin (words);
{{- else -}}
SELECT 1;
{{- end}}
