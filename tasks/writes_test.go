package tasks_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// bench is a service and a direct connection to its database.
type bench struct {
	*tasks.Service
	clock *time.Time
	db    *sql.DB
}

// eachBench runs test with a bench on each kind of database. The clock changes only if the test sets it.
func eachBench(t *testing.T, test func(t *testing.T, b *bench)) {
	storetest.Each(t, func(t *testing.T, url string) {
		t.Parallel()
		test(t, newBench(t, url))
	})
}

func newBench(t *testing.T, url string) *bench {
	t.Helper()
	driver, address := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &bench{&tasks.Service{Store: opened.Migrated(t, url), MaxTasks: 100_000, Now: func() time.Time { return clock }}, &clock, db}
}

// numbers returns the values of a query with one column.
func (b *bench) numbers(t *testing.T, query string) (list []int64) {
	t.Helper()
	rows, err := b.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// mine returns the user's tasks in the manual order, including those in the trash.
func (b *bench) mine(t *testing.T, user string) []*models.Task {
	t.Helper()
	return b.list(t, user, models.TrashScopeInclude)
}

func (b *bench) list(t *testing.T, user string, trash models.TrashScope) []*models.Task {
	t.Helper()
	list, err := b.Store.List(t.Context(), store.Query{User: user, Trash: trash, Order: []store.Key{{Field: models.TaskOrderFieldPosition}}})
	if err != nil {
		t.Fatal(err)
	}
	return list.Tasks
}

// outcome returns "ok", or the codes and paths of the errors: "NOT_FOUND ids.1, IN_TRASH ids.2".
func outcome(t *testing.T, err error) string {
	t.Helper()
	var refused models.UserErrors
	if err == nil {
		return "ok"
	}
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	all := make([]string, len(refused))
	for i, e := range refused {
		d := models.Detail(e)
		all[i] = strings.TrimSpace(string(d.Code) + " " + strings.Join(d.Field, "."))
	}
	return strings.Join(all, ", ")
}

func idOf(task *models.Task) string { return strconv.FormatInt(task.ID, 10) }

func idsOf(tasks []*models.Task) []string {
	all := make([]string, len(tasks))
	for i, task := range tasks {
		all[i] = idOf(task)
	}
	return all
}

func titlesOf(tasks []*models.Task) string {
	all := make([]string, len(tasks))
	for i, task := range tasks {
		all[i] = task.Title
	}
	return strings.Join(all, " ")
}

// numbered returns n inputs with the titles "name 0", "name 1" and so on.
func numbered(n int, name string) []*models.CreateTaskInput {
	inputs := make([]*models.CreateTaskInput, n)
	for i := range inputs {
		inputs[i] = &models.CreateTaskInput{Title: fmt.Sprint(name, " ", i), Priority: models.PriorityLow}
	}
	return inputs
}

// mustCreateAll creates tasks, the first of each bulk write on top.
func (b *bench) mustCreateAll(ctx context.Context, t *testing.T, inputs ...*models.CreateTaskInput) (made []*models.Task) {
	t.Helper()
	for some := range slices.Chunk(inputs, tasks.MaxBulk) {
		writes, err := b.CreateAll(ctx, some, nil)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, writes.Tasks...)
	}
	return made
}

// mustMake creates tasks with the space-separated titles, the first on top.
func (b *bench) mustMake(ctx context.Context, t *testing.T, titles string) []*models.Task {
	t.Helper()
	var inputs []*models.CreateTaskInput
	for title := range strings.FieldsSeq(titles) {
		inputs = append(inputs, &models.CreateTaskInput{Title: title, Priority: models.PriorityMedium})
	}
	return b.mustCreateAll(ctx, t, inputs...)
}

func (b *bench) mustDelete(ctx context.Context, t *testing.T, tasks ...*models.Task) {
	t.Helper()
	if left, err := b.DeleteAll(ctx, idsOf(tasks)); err != nil || left.Count != len(tasks) {
		t.Fatal(left, err)
	}
}

// checkOrder checks the invariants of versions and positions. Each version is unique and none exceeds the user's counter.
// Positions are unique and not too long.
func (b *bench) checkOrder(t *testing.T, user string) {
	t.Helper()
	quoted := "'" + user + "'"
	counter := b.numbers(t, "SELECT n FROM task_counter WHERE user_id = "+quoted)
	given := b.numbers(t, "SELECT version FROM task WHERE user_id = "+quoted+" UNION ALL SELECT version FROM task_tombstone WHERE user_id = "+quoted)
	slices.Sort(given)
	if len(given) > 0 && (len(counter) != 1 || given[len(given)-1] > counter[0]) || len(slices.Compact(slices.Clone(given))) != len(given) {
		t.Errorf("the numbers %d were given, the counter is at %d", given, counter)
	}
	all := b.mine(t, user)
	for i, task := range all {
		if len(task.Position) > models.MaxPosition {
			t.Fatalf("the position %q is too long", task.Position)
		}
		if i > 0 && task.Position <= all[i-1].Position {
			t.Errorf("the positions %q and %q follow each other", all[i-1].Position, task.Position)
		}
	}
}

// text returns a task, or several, as JSON for comparisons. JSON contains no zone names, so that equal instants compare equal.
func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // encoding a task cannot fail
	}
	return string(out)
}
