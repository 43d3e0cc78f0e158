-- What is needed to put the matches of a search in order and to leave out those of other priorities, without looking at their tasks:
-- the time of creation, and a term for the priority. Keys of users are shorter, because each term has one; see search.go. The program then
-- adds the index and the foreign key, and fills the table if it is empty.
{{if .Postgres -}}
ALTER TABLE task_search RENAME TO task_search_before;
ALTER INDEX task_search_pkey RENAME TO task_search_before_pkey;
CREATE TABLE task_search (
  task_id    bigint      NOT NULL PRIMARY KEY,
  created_at timestamptz NOT NULL,
  words      tsvector    NOT NULL
);
-- Within the text of a tsvector, a quotation mark followed by the key is the beginning of a term.
INSERT INTO task_search (task_id, created_at, words)
  SELECT t.id, t.created_at, CAST(replace(CAST(s.words AS text), '''' || k.before, '''' || k.after) || ' ''' || k.after || '!' || t.priority || '''' AS tsvector)
  FROM task_search_before AS s JOIN {{.Task}} AS t ON t.id = s.task_id
  CROSS JOIN LATERAL (SELECT left(encode(hash, 'hex'), 8) AS before, left(encode(hash, 'base64'), 4) AS after
    FROM sha256(convert_to(t.user_id, 'UTF8')) AS hash) AS k
  ORDER BY t.id;
DROP TABLE task_search_before;
{{- else -}}
SELECT 1;
{{- end}}
