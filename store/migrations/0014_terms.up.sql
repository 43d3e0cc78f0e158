-- A foreign key has each new row of task_search lock its task, a quarter of the time of moving recent terms. A trigger does instead what the key did, whoever
-- deletes a task: it runs with the rights and the search path of this migration. The recent terms come first, because their rows make it
-- wait for a transaction that moves them; only then does it see where they went.
{{if .Postgres -}}
ALTER TABLE task_search DROP CONSTRAINT IF EXISTS task_search_task_id_fkey;
CREATE FUNCTION task_search_delete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  their record;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM task_search_recent;
    DELETE FROM task_search;
    RETURN NULL;
  END IF;
  -- Arrays, because PostgreSQL might compare each task with each recent one.
  FOR their IN SELECT user_id, array_agg(id) AS tasks FROM gone GROUP BY user_id LOOP
    DELETE FROM task_search_recent WHERE user_id = their.user_id AND task_id = ANY (their.tasks);
    DELETE FROM task_search WHERE task_id = ANY (their.tasks);
  END LOOP;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION task_search_delete() FROM PUBLIC;
CREATE TRIGGER task_search_delete AFTER DELETE ON {{.Task}} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION task_search_delete();
CREATE TRIGGER task_search_truncate AFTER TRUNCATE ON {{.Task}} FOR EACH STATEMENT EXECUTE FUNCTION task_search_delete();
{{- else -}}
SELECT 1;
{{- end}}
