{{define "table" -}}
CREATE TABLE {{.Task}} (
  id           {{.Identity}},
  user_id      text        NOT NULL,
  title        text        NOT NULL,
  description  text,
  priority     text        NOT NULL DEFAULT 'MEDIUM',
  tags         text        NOT NULL DEFAULT '[]',
  due_date     timestamptz,
  completed    boolean     NOT NULL DEFAULT FALSE,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  due_kind     text,
  completed_at timestamptz,
  deleted_at   timestamptz,
  position     text        NOT NULL {{.ByteOrder}},
  version      bigint      NOT NULL
  {{- range .Others}},
  {{.}}{{end}}
);
{{- end -}}

-- Tasks. The first ten columns are those of the SQLModel class that the FastAPI backends use. If such a backend
-- has created the table, package adopt turns it into this one.
{{if not .Adopted}}{{template "table" .}}{{end}}

-- Lists: newest first, and by due date.
CREATE INDEX task_user_created ON {{.Task}} (user_id, created_at, id);
CREATE INDEX task_user_due ON {{.Task}} (user_id, due_date, id);
-- Changes since a number. Unique, because each change has a number of its own.
CREATE UNIQUE INDEX task_user_version ON {{.Task}} (user_id, version);

-- The number of each user's last change. The lock of its row orders the user's writes, so that no commit has a lower
-- number than one that was already read.
CREATE TABLE task_counter (
  user_id text   NOT NULL PRIMARY KEY,
  n       bigint NOT NULL
);

-- Tombstones of purged tasks, for clients that have not received the deletion yet.
CREATE TABLE task_tombstone (
  user_id   text        NOT NULL,
  version   bigint      NOT NULL,
  task_id   bigint      NOT NULL,
  purged_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, version)
);

-- Settings of this database; see setting.go.
CREATE TABLE task_setting (
  name  text NOT NULL PRIMARY KEY,
  value text NOT NULL
);
