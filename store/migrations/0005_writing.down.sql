DROP INDEX task_trash;
DROP INDEX task_user_position;
