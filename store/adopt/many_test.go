package adopt_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"taskql/models"
	"taskql/store"
	"taskql/store/storetest"
)

// manyTask is what the row i of makeMany becomes, but for its version and position.
func manyTask(i int64) *models.Task {
	at := func(seconds int64) time.Time {
		return time.Date(2025, 1, 1, 0, 0, 0, 123456000, time.UTC).Add(time.Duration(seconds) * time.Second)
	}
	description := fmt.Sprintf("What there is to say of number %d", i)
	t := &models.Task{
		ID: i, UserID: fmt.Sprintf("user-%d", i%1000), Title: fmt.Sprintf("Task number %d", i), Description: &description,
		Priority: []models.Priority{models.PriorityHigh, models.PriorityMedium, models.PriorityLow}[i%3], Tags: []string{},
		Completed: i%10 == 0, CreatedAt: at(i * 7919 % 5000011), UpdatedAt: at(i + 60),
	}
	if i%6 == 0 {
		t.Tags = []string{"home", "Work"}
	} else if i%6 == 3 {
		t.Tags = []string{"home", "work"}
	}
	if i%2 == 0 {
		due, kind := at(i*7), models.DueLocal
		t.Due, t.DueKind = &due, &kind
	}
	if t.Completed {
		t.CompletedAt = &t.UpdatedAt
	}
	return t
}

// TestAdoptMany compares every value of many rows: several batches, and several rows of each user.
func TestAdoptMany(t *testing.T) {
	n, users := int64(storetest.Scale(3500, 100_000)), 1000
	storetest.Each(t, func(t *testing.T, url string) {
		makeMany(t, url, int(n))
		var heard []store.Progress
		s, err := store.Open(t.Context(), store.Options{URL: url, Progress: func(p store.Progress) { heard = append(heard, p) }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		// A quick machine may be done before the first.
		for _, p := range heard {
			if p.Doing == "" || p.Done <= 0 || p.Done > p.Total {
				t.Errorf("progress = %+v", p)
			}
		}
		seen := 0
		for u := range users {
			user := fmt.Sprintf("user-%d", u)
			list, err := s.List(t.Context(), store.Query{User: user, Order: []store.Key{{Field: models.TaskOrderFieldCreatedAt}}})
			if err != nil {
				t.Fatal(err)
			}
			var want []*models.Task
			for i := int64(u); i <= n; i += int64(users) {
				if i > 0 {
					want = append(want, manyTask(i))
				}
			}
			slices.SortFunc(want, func(a, b *models.Task) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
			if len(list.Tasks) != len(want) {
				t.Fatalf("%s has %d tasks, want %d", user, len(list.Tasks), len(want))
			}
			for i, got := range list.Tasks {
				want := want[i]
				version := int64(i + 1)
				if got.ID != want.ID || got.UserID != want.UserID || !got.Same(want) || !got.CreatedAt.Equal(want.CreatedAt) || !got.UpdatedAt.Equal(want.UpdatedAt) ||
					(got.CompletedAt == nil) != (want.CompletedAt == nil) || got.CompletedAt != nil && !got.CompletedAt.Equal(*want.CompletedAt) ||
					got.DeletedAt != nil || got.Version != version || got.Position != fmt.Sprintf("h%d", 999999999999999-version) {
					t.Fatalf("task = %+v\nwant %+v, version %d", got, want, version)
				}
				seen++
			}
		}
		if int64(seen) != n {
			t.Errorf("%d rows are there, want %d", seen, n)
		}
	})
}

// TestAdoptManyUUIDs takes over several batches of rows with UUIDs, whose titles say which row is which.
func TestAdoptManyUUIDs(t *testing.T) {
	const n = 2500
	storetest.Each(t, func(t *testing.T, url string) {
		kind, id, series := "UUID", "gen_random_uuid()", "generate_series(1, 2500) AS i"
		if !storetest.IsPostgres(url) {
			kind, id, series = "CHAR(32)", "lower(hex(randomblob(16)))", "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2500) SELECT i FROM s)"
		}
		storetest.Exec(t, url, "CREATE TABLE task (id "+kind+" NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR, completed BOOLEAN, created_at VARCHAR, PRIMARY KEY (id))",
			"INSERT INTO task (id, user_id, created_at) SELECT "+id+", 'u' || i % 7, '2026-01-01 00:' || substr(CAST(10 + i % 50 AS text), 1, 2) || ':00' FROM "+series,
			"UPDATE task SET title = CAST(id AS text)")
		mustMigrate(t, url)
		got := storetest.Query(t, url, "SELECT count(*), count(DISTINCT o.old_id), min(t.id), max(t.id) FROM task t JOIN task_old_id o ON o.task_id = t.id WHERE replace(o.old_id, '-', '') = replace(t.title, '-', '')")
		if want := fmt.Sprintf("%d|%d|1|%d", n, n, n); got[0] != want {
			t.Errorf("tasks with their old ids, different ones, the first and the last id: %s, want %s", got[0], want)
		}
	})
}
