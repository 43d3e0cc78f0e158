package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// TestChooseTable opens a database one time after the other, each with a table asked for.
func TestChooseTable(t *testing.T) {
	const columns = "(id INTEGER PRIMARY KEY, user_id VARCHAR, title VARCHAR, completed BOOLEAN)"
	type start struct{ given, table, refusal string }
	for _, tt := range []struct {
		name, tables string
		starts       []start
	}{
		{"nothing there", "", []start{{"", "task", ""}, {"task", "task", ""}, {"other", "", `keeps its tasks in the table "task", not in "other"`}}},
		{"nothing there, and a name", "", []start{{"My_Tasks", "My_Tasks", ""}, {"", "My_Tasks", ""}, {"task", "", `keeps its tasks in the table "My_Tasks", not in "task"`}}},
		{"one", "tasks", []start{{"", "tasks", ""}, {"", "tasks", ""}, {"tasks", "tasks", ""}, {"task", "", `in the table "tasks"`}}},
		{"one, and its name", "tasks", []start{{"tasks", "tasks", ""}, {"", "tasks", ""}}},
		{"one, and another name", "tasks", []start{{"own", "own", ""}, {"", "own", ""}}},
		{"both", "task tasks", []start{{"", "", `a table "task" and a table "tasks": say which`}, {"tasks", "tasks", ""}, {"", "tasks", ""}}},
		{"another", "todo", []start{{"", "task", ""}}},
		{"another, and its name", "todo", []start{{"todo", "todo", ""}, {"", "todo", ""}}},
		{"a name of taskql's", "", []start{{"task_counter", "", `the name "task_counter" is for another table of taskql`}, {"", "task", ""}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				for _, table := range strings.Fields(tt.tables) {
					storetest.Exec(t, url, "CREATE TABLE "+table+columns, "INSERT INTO "+table+" VALUES (1, 'u', '"+table+"', TRUE)")
				}
				for _, start := range tt.starts {
					s, err := store.Open(t.Context(), store.Options{URL: url, Table: start.given})
					if err != nil {
						t.Fatal(err)
					}
					var refused *store.TableError
					plan, planErr := s.Plan(t.Context())
					_, err = s.Migrate(t.Context())
					if start.refusal != "" {
						if !errors.As(err, &refused) || !strings.Contains(err.Error(), start.refusal) || planErr == nil {
							t.Errorf("Migrate with the table %q = %v, Plan = %v, want a refusal with %q", start.given, err, planErr, start.refusal)
						}
					} else if err != nil || planErr != nil || plan.Table != start.table {
						t.Errorf("Migrate with the table %q = %v, Plan = %+v, %v, want the table %s", start.given, err, plan, planErr, start.table)
					} else {
						_ = opened.Task(t, s, "next", "title")
						if rows := storetest.Query(t, url, `SELECT title FROM "`+start.table+`" WHERE user_id = 'next'`); len(rows) == 0 {
							t.Errorf("the task is not in the table %s", start.table)
						}
						if got, err := s.Task(t.Context(), "u", 1); err != nil || (got != nil) != strings.Contains(" "+tt.tables+" ", " "+start.table+" ") {
							t.Errorf("Task = %+v, %v", got, err)
						}
					}
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// TestReservedNames wants every name that the steps make to be known as theirs, so that one that is
// taken is found before.
func TestReservedNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		if _, err := opened.Store(t, url).Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		query := "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
		if storetest.IsPostgres(url) {
			query = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE '%\\_pkey'"
		}
		for _, name := range storetest.Query(t, url, query) {
			if !slices.Contains(append(store.ReservedNames(), "task", "task_id_seq"), name) {
				t.Errorf("the name %s is not among those that are reserved", name)
			}
		}
	})
}
