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
	"taskql/tasks"
)

// bench is a service and the database behind it, both seen by tests.
type bench struct {
	*tasks.Service
	clock *time.Time
	db    *sql.DB
}

// eachBench runs a test on a service over a database of each kind. Its clock stands still until moved.
func eachBench(t *testing.T, test func(t *testing.T, b *bench)) {
	storetest.Each(t, func(t *testing.T, url string) { test(t, newBench(t, url)) })
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
	return &bench{&tasks.Service{Store: mustOpen(t, url), MaxTasks: 100_000, Now: func() time.Time { return clock }}, &clock, db}
}

// numbers are what a query returns in its only column.
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

// mine are the user's tasks in the manual order, those in the trash among them.
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

// outcome is "ok", or the codes of what is wrong and where: "NOT_FOUND ids.1, IN_TRASH ids.2".
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

// numbered are n new tasks, called "name 0" and so on.
func numbered(n int, name string) []*models.CreateTaskInput {
	inputs := make([]*models.CreateTaskInput, n)
	for i := range inputs {
		inputs[i] = &models.CreateTaskInput{Title: fmt.Sprint(name, " ", i), Priority: models.PriorityLow}
	}
	return inputs
}

// mustCreateAll makes tasks, the first of them on top.
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

// mustMake makes tasks of one-word titles, the first of them on top.
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

// checkOrder wants what holds whatever was written: each number was given once and none is above the
// counter, and no two tasks have the same place.
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

// text is all of a task, or of several, for comparing: equal instants are written alike, whatever their zone is called.
func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // tasks always encode
	}
	return string(out)
}
