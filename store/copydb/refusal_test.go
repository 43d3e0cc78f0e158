package copydb_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taskql/store/copydb"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

func TestCopyRefusesTargets(t *testing.T) {
	const fastAPI = "CREATE TABLE task (id integer PRIMARY KEY, user_id text, title text)"
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, from, to string)
		want    string
	}{
		"in use": {func(t *testing.T, _, to string) { opened.Task(t, opened.Migrated(t, to), "u", "theirs") }, "empty database"},
		"in use, with nothing left": {func(t *testing.T, _, to string) {
			opened.Migrated(t, to)
			mustExec(t, to, "INSERT INTO task_counter (user_id, n) VALUES ('u', 5)")
		}, "in use"},
		"in use, of FastAPI": {func(t *testing.T, _, to string) {
			mustExec(t, to, fastAPI, "INSERT INTO task VALUES (1, 'u', 't')")
		}, "empty database"},
		"in use, of FastAPI, by another name": {func(t *testing.T, _, to string) {
			mustExec(t, to, strings.Replace(fastAPI, "task", "tasks", 1), "INSERT INTO tasks VALUES (1, 'u', 't')")
		}, "empty database"},
		"of somebody else": {func(t *testing.T, _, to string) {
			mustExec(t, to, fastAPI, strings.Replace(fastAPI, "task", "tasks", 1))
		}, `a table "task" and a table "tasks"`},
		"more than the source": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			opened.Task(t, opened.Store(t, to), "newcomer", "later")
		}, "task 201"},
		"the source goes on": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			opened.Task(t, opened.Store(t, from), "newcomer", "later")
		}, "in use, or the source has changed"},
		"the source has changed": {func(t *testing.T, from, to string) {
			mustCopy(t, from, to)
			mustExec(t, from, "UPDATE task SET title = 'other' WHERE id = 150")
		}, "task 150"},
		"a newer program's": {func(t *testing.T, _, to string) {
			opened.Migrated(t, to)
			mustExec(t, to, "INSERT INTO task_migration VALUES ('9999_future', '2026-01-01 00:00:00+00:00')")
		}, "9999_future"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, to string) {
				from := storetest.SQLite(t)
				fill(t, from, 200)
				tt.prepare(t, from, to)
				before := append(tables(t, to), content(t, to)...)
				copied, err := copydb.Copy(t.Context(), from, to, quiet)
				if copied != nil || err == nil || !strings.Contains(err.Error(), "target") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "same command again") {
					t.Errorf("Copy = %+v, %v, want an error about the target with %q", copied, err, tt.want)
				}
				if !slices.Equal(append(tables(t, to), content(t, to)...), before) {
					t.Errorf("the target has changed")
				}
			})
		})
	}
}

func TestCopyRefusesAddresses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tasks.db")
	good := "sqlite:" + path
	fill(t, good, 10)
	if err := os.Symlink(path, filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	postgres, empty := storetest.Postgres(t), storetest.SQLite(t)
	fill(t, postgres, 10)
	opened.Store(t, empty)
	old := storetest.SQLite(t)
	if _, err := opened.Migrated(t, old).MigrateDown(t.Context()); err != nil {
		t.Fatal(err)
	}
	api := storetest.SQLite(t)
	mustExec(t, api, "CREATE TABLE task (id integer PRIMARY KEY, title text)", "INSERT INTO task VALUES (1, 't')")
	_, port, _ := strings.Cut(postgres, "@")
	wrong := "postgres://nobody:hidden@" + port
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("no database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(strings.TrimPrefix(api, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, to, want string }{
		{"sqlite:" + garbage, empty, "file is not a database"},
		{good, good, "same database"},
		{good, "sqlite:" + dir + "/./tasks.db", "same database"},
		{"file:" + dir + "/link.db", good, "same database"},
		{postgres, postgres, "same database"},
		{postgres, postgres + "&application_name=other", "same database"},
		{"sqlite:" + dir + "/typo.db", empty, "no such file"},
		{"sqlite:" + dir, empty, "the source: the SQLite file cannot be opened"},
		{"mysql://u:hidden@h/d", empty, "the source: the address must begin"},
		{good, "mysql://u:hidden@h/d", "the target: the address must begin"},
		{good, "", "the target: the address must begin"},
		{good, "sqlite:" + dir + "/none/x.db", "the target: the SQLite file cannot be opened: no such file"},
		{"postgres://u:hidden@127.0.0.1:1/d", empty, "the source: the PostgreSQL database does not answer"},
		{good, "postgres://u:hidden@127.0.0.1:1/d", "the target: the PostgreSQL database does not answer"},
		{good, wrong, "the target: the PostgreSQL database does not answer"},
		{good, "postgres://u:hidden@h:port/d", "the target: the address is not a valid"},
		{empty, good, "the source: it is no database of taskql"},
		{api, empty, "taskql migrate up"},
		{old, empty, "the source: it lacks the migration 0"},
	} {
		_, err := copydb.Copy(t.Context(), tt.from, tt.to, quiet)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("Copy(%q, %q) = %v, want an error with %q", tt.from, tt.to, err, tt.want)
		}
	}
	if after, err := os.ReadFile(strings.TrimPrefix(api, "sqlite:")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the source has changed: %v", err)
	}
	if files, err := filepath.Glob(dir + "/typo*"); err != nil || len(files) > 0 {
		t.Errorf("the copy has made %q", files)
	}
	if names := tables(t, empty); len(names) > 0 {
		t.Errorf("the target has the tables %q", names)
	}
}
