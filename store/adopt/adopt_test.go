package adopt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/adopt"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// tasksIn is every task, one a line: times in UTC, trashed ones with the moment at the end. A time of
// the last minute is "now".
func tasksIn(t testing.TB, url, table string) []string {
	t.Helper()
	at := func(column string) string {
		if storetest.IsPostgres(url) {
			return "(" + column + " AT TIME ZONE 'UTC')::text"
		}
		return "replace(" + column + ", '+00:00', '')"
	}
	rows := storetest.Query(t, url, `SELECT id, user_id, title, description, priority, tags, `+at("due_date")+`, due_kind, CASE WHEN completed THEN 1 ELSE 0 END, `+
		at("created_at")+`, `+at("updated_at")+`, `+at("completed_at")+`, position, version, `+at("deleted_at")+` FROM `+table+` ORDER BY id`)
	for i, row := range rows {
		row = strings.TrimSuffix(row, "|-")
		fields := strings.Split(row, "|")
		for j, field := range fields {
			if at, err := time.Parse("2006-01-02 15:04:05", field); err == nil {
				if fields[j] = at.Format("2006-01-02 15:04:05.999999"); time.Since(at) < time.Minute {
					fields[j] = "now"
				}
			}
		}
		rows[i] = strings.Join(fields, "|")
	}
	return rows
}

// indexesOf are the names of a table's indexes and of what it refers to.
func indexesOf(t *testing.T, url, table string) []string {
	t.Helper()
	if storetest.IsPostgres(url) {
		return storetest.Query(t, url, "SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = '"+table+"'::regclass "+
			"UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = '"+table+"'::regclass AND confrelid <> to_regclass('users')")
	}
	return storetest.Query(t, url, "SELECT coalesce(m.sql, origin || (SELECT group_concat(name) FROM pragma_index_info(i.name))) FROM pragma_index_list('"+table+"') i "+
		"JOIN sqlite_master m ON m.name = i.name WHERE i.origin <> 'pk' "+
		"UNION ALL SELECT \"from\" || \"table\" || on_delete FROM pragma_foreign_key_list('"+table+"') WHERE \"table\" <> 'users'")
}

// taskqlRelations are the tables and indexes that taskql creates in an empty database of the same kind, and those of
// its table of tasks.
func taskqlRelations(t *testing.T, url, table string) []string {
	t.Helper()
	query := "SELECT name FROM sqlite_master"
	if storetest.IsPostgres(url) {
		query = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
	}
	return append(storetest.Query(t, mustMigrate(t, sameKind(t, url)), query), table, table+"_id_seq")
}

// sameKind returns the address of an empty database of the same kind.
func sameKind(t *testing.T, url string) string {
	t.Helper()
	if storetest.IsPostgres(url) {
		return storetest.Postgres(t)
	}
	return storetest.SQLite(t)
}

// mustMigrate migrates a database and returns its address.
func mustMigrate(t *testing.T, url string) string {
	t.Helper()
	opened.Migrated(t, url)
	return url
}

// TestOwnColumns wants every column that FastAPI's tables do not have to be known as taskql's own, so that one that another program
// has given the same name is found before.
func TestOwnColumns(t *testing.T) {
	known := append(adopt.OwnColumns(), "deleted_at", "completed_at",
		"id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at")
	storetest.Each(t, func(t *testing.T, url string) {
		for _, line := range shape(t, mustMigrate(t, url), "task") {
			if column, _, found := strings.Cut(line, "|"); found && !slices.Contains(known, column) {
				t.Errorf("the column %s is not among %v, which another program may have used for something else", column, known)
			}
		}
	})
}

func TestAdopt(t *testing.T) {
	for _, d := range oldDatabases() {
		t.Run(d.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				d.make(t, url)
				ours := taskqlRelations(t, url, d.table)
				others := storetest.Dump(t, url, ours...)
				unchanged := "SELECT id, title" + d.kept + " FROM " + d.table + " ORDER BY id"
				if d.renumbered != nil {
					unchanged = "SELECT title" + d.kept + " FROM " + d.table + " ORDER BY title"
				}
				texts := storetest.Query(t, url, unchanged)
				indexes := indexesOf(t, url, d.table)
				s := opened.Store(t, url)
				plan, err := s.Plan(t.Context())
				if err != nil || plan.Adoption == nil || plan.Adoption.Refusal != nil || plan.Adoption.Rows.Rows != int64(len(d.want)) {
					t.Fatalf("Plan = %+v, %v, want %d rows", plan, err, len(d.want))
				}
				if none := (adopt.Counts{}); d.counts != none && plan.Adoption.Rows != d.counts {
					t.Errorf("Plan counts %+v, want %+v", plan.Adoption.Rows, d.counts)
				}
				if _, err := s.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := tasksIn(t, url, d.table); !slices.Equal(got, d.want) {
					t.Errorf("tasks =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(d.want, "\n"))
				}
				if got := storetest.Dump(t, url, ours...); got != others {
					t.Errorf("the other tables are\n%s\nwant\n%s", got, others)
				}
				if got := storetest.Query(t, url, unchanged); !slices.Equal(got, texts) {
					t.Errorf("what is not to change is\n%q\nwant\n%q", got, texts)
				}
				after := indexesOf(t, url, d.table)
				for _, index := range indexes {
					// PostgreSQL has given the definition as a name, of 63 bytes.
					if storetest.IsPostgres(url) && strings.HasPrefix(d.dropped, index) {
						continue
					}
					// Definitions have the new names of columns.
					index = strings.NewReplacer("userId,", "user_id,", `("userId")`, `("user_id")`, "dueDate", "due_date", `(dueDate,`, `("due_date",`).Replace(index)
					if index == "parent_task_idtasksSET NULL" { // SQLite's words
						continue
					}
					if !slices.Contains(after, index) {
						t.Errorf("the index or constraint %s is gone, want it kept", index)
					}
				}
				wantShape(t, url, d.table)
				wantOldIDs(t, s, d)
				dump := storetest.Dump(t, url)
				again := opened.Store(t, url)
				if steps, err := again.Migrate(t.Context()); err != nil || len(steps) != 0 || storetest.Dump(t, url) != dump {
					t.Errorf("Migrate again = %v, %v, want nothing done", steps, err)
				}
				wantNext(t, again, d)
			})
		})
	}
}

// TestAdoptGoesOnWithIDs takes over tables whose last rows are gone, in one case all of them.
func TestAdoptGoesOnWithIDs(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		id := "INTEGER PRIMARY KEY AUTOINCREMENT"
		if name == "PostgreSQL" {
			id = "SERIAL PRIMARY KEY"
		}
		for rows := range int64(2) {
			t.Run(fmt.Sprintf("%s, %d left", name, rows), func(t *testing.T) {
				url := database(t)
				storetest.Exec(t, url, "CREATE TABLE task (id "+id+", user_id VARCHAR NOT NULL, title VARCHAR NOT NULL, completed BOOLEAN NOT NULL)",
					"INSERT INTO task (user_id, title, completed) VALUES ('u', 'a', FALSE), ('u', 'b', FALSE), ('u', 'c', FALSE)",
					fmt.Sprintf("DELETE FROM task WHERE id > %d", rows))
				s := opened.Store(t, url)
				if _, err := s.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if task := opened.Task(t, s, "u", "new"); task.ID != 4 || task.Version != rows+1 {
					t.Errorf("the next task after %d of 3 rows = %d with the version %d, want 4 and %d", rows, task.ID, task.Version, rows+1)
				}
			})
		}
	}
}

// TestCapitalNames takes over a table of PostgreSQL whose key, to which another table refers, has a capital in its name.
func TestCapitalNames(t *testing.T) {
	url := storetest.Postgres(t)
	storetest.Exec(t, url, `CREATE TABLE task ("Id" SERIAL PRIMARY KEY, "UserID" VARCHAR, "Title" VARCHAR UNIQUE, "Completed" BOOLEAN)`,
		`CREATE TABLE note (task_id INTEGER REFERENCES task ("Id"), title VARCHAR REFERENCES task ("Title"))`,
		`INSERT INTO task ("UserID", "Title", "Completed") VALUES ('u', 'a', TRUE), ('u', 'b', FALSE)`, "INSERT INTO note VALUES (2, 'a')")
	s := opened.Store(t, mustMigrate(t, url))
	if task := opened.Task(t, s, "u", "c"); task.ID != 3 {
		t.Errorf("the next task has the id %d, want 3", task.ID)
	}
	const keys = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'note'::regclass ORDER BY 1"
	if got := storetest.Query(t, url, keys); len(got) != 2 || got[0] != "FOREIGN KEY (task_id) REFERENCES task(id)" || got[1] != "FOREIGN KEY (title) REFERENCES task(title)" {
		t.Errorf("the foreign keys are %q", got)
	}
}

// wantOldIDs looks each task up by the id that it had.
func wantOldIDs(t *testing.T, s *store.Store, d oldDatabase) {
	t.Helper()
	for i, old := range d.renumbered {
		user := strings.Split(d.want[i], "|")[1]
		for _, spelling := range []string{old, strings.ToUpper(old), strings.ReplaceAll(old, "-", "")} {
			want := int64(i + 1)
			if spelling != old && len(old) != len("0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e") {
				continue // only UUIDs have spellings
			}
			if id, any, err := s.TaskByOldID(t.Context(), user, spelling); id != want || !any || err != nil {
				t.Errorf("TaskByOldID(%q, %q) = %d, %v, %v, want %d", user, spelling, id, any, err, want)
			}
			if id, any, err := s.TaskByOldID(t.Context(), "another", spelling); id != 0 || !any || err != nil {
				t.Errorf("TaskByOldID of another user = %d, %v, %v, want none", id, any, err)
			}
		}
	}
	for _, unknown := range []string{"00000000-0000-0000-0000-000000000000", "", "a\x00", "\xff", "1"} {
		if id, any, err := s.TaskByOldID(t.Context(), "ada", unknown); id != 0 || any != (d.renumbered != nil) || err != nil {
			t.Errorf("TaskByOldID(%q) = %d, %v, %v, want none", unknown, id, any, err)
		}
	}
}

// wantNext makes a task and wants it to follow on those of the old rows.
func wantNext(t *testing.T, s *store.Store, d oldDatabase) {
	t.Helper()
	first := strings.Split(d.want[0], "|")
	user, n, last := first[1], int64(0), int64(0)
	for _, row := range d.want {
		fields := strings.Split(row, "|")
		if fields[1] == user {
			n++
		}
		id, _ := models.ParseID(fields[0])
		last = max(last, id)
	}
	task := opened.Task(t, s, user, "new")
	if task.Version != n+1 || task.ID != last+1 {
		t.Errorf("the next task of %s has the id %d and the version %d, want %d and %d", user, task.ID, task.Version, last+1, n+1)
	}
	list, err := s.List(t.Context(), store.Query{User: user, Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt}}, Trash: models.TrashScopeInclude})
	if err != nil || len(list.Tasks) != int(n)+1 {
		t.Errorf("List = %v, %v, want %d tasks", list, err, n+1)
	}
}

// wantShape compares the table of tasks with one that was made of nothing.
func wantShape(t *testing.T, url, table string) {
	t.Helper()
	fresh := mustMigrate(t, sameKind(t, url))
	got := shape(t, url, table)
	for _, want := range shape(t, fresh, "task") {
		if !slices.Contains(got, want) {
			t.Errorf("the table is\n%s\nwant %s", strings.Join(got, "\n"), want)
		}
	}
}

// shape is what the columns and taskql's indexes are, one a line.
func shape(t *testing.T, url, table string) []string {
	t.Helper()
	if !storetest.IsPostgres(url) {
		all := storetest.Query(t, url, `SELECT lower(name), lower(type), "notnull", dflt_value, pk FROM pragma_table_info('`+table+`')`)
		all = append(all, storetest.Query(t, url, `SELECT sql LIKE '%integer PRIMARY KEY AUTOINCREMENT%position%COLLATE BINARY%' FROM sqlite_master WHERE name = '`+table+`'`)...)
		return append(all, storetest.Query(t, url, `SELECT replace(sql, '"`+table+`"', 'task') FROM sqlite_master WHERE name LIKE 'task!_%' ESCAPE '!' AND type = 'index' AND tbl_name = '`+table+`'`)...)
	}
	all := storetest.Query(t, url, `SELECT a.attname, CASE a.attname WHEN 'id' THEN '' ELSE format_type(a.atttypid, a.atttypmod) END, a.attnotnull, a.attcollation::regcollation,
			CASE a.attname WHEN 'id' THEN '' ELSE pg_get_expr(d.adbin, d.adrelid) END
		FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = '`+table+`'::regclass AND a.attnum > 0 AND NOT a.attisdropped`)
	return append(all, storetest.Query(t, url, `SELECT regexp_replace(indexdef, ' ON \S+ ', ' ') FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '`+table+`' AND indexname LIKE 'task\_%' AND indexname NOT LIKE '%\_key' AND indexname NOT LIKE '%\_pkey'`)...)
}
