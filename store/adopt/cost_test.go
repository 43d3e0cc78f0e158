package adopt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"taskql/store"
	"taskql/store/adopt"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

func TestCost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		makeMany(t, url, 12_000)
		before := storetest.Dump(t, url)
		db := opened.Store(t, url).Raw()
		table := adopt.Table{Name: "task", Postgres: db.Postgres, Progress: func(string, int64, int64) {}, Free: 1000}
		err := db.Writer.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			const want = "of free disk space, and the file system of the database has 1 MB"
			plan, err := table.Plan(ctx, tx)
			if err != nil || plan.Refusal == nil || !strings.Contains(plan.Refusal.Error(), want) || plan.Cost.Room < 1_000_000 || plan.Cost.Duration < time.Second {
				t.Errorf("Plan = %+v, %v, want a refusal with %q", plan, err, want)
			}
			_, err = table.Begin(ctx, tx, time.Now())
			var refused *adopt.Error
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
				t.Errorf("Begin = %v, want a refusal with %q", err, want)
			}
			return err
		})
		if err == nil || storetest.Dump(t, url) != before {
			t.Error("the database has changed")
		}
		var notices []string
		s, err := store.Open(t.Context(), store.Options{URL: url, Notice: func(message string) { notices = append(notices, message) }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(notices) != 1 || !strings.HasPrefix(notices[0], `taking over the table "task" with 12000 rows. It may take less than a minute and needs about `) {
			t.Errorf("the notices are %q", notices)
		}
	})
}

func TestCostInWords(t *testing.T) {
	for _, tt := range []struct {
		cost adopt.Cost
		want string
	}{
		{adopt.Cost{Duration: time.Second, Room: 1, Free: 5_000_000}, "It may take less than a minute and needs about 1 MB of disk space; 5 MB are free."},
		{adopt.Cost{Duration: 50 * time.Second, Room: 10_000_001, Free: -1}, "It may take about a minute and needs about 11 MB of disk space; its server does not tell how much is free."},
		{adopt.Cost{Duration: 333 * time.Second, Room: 900_000_000, Free: -1}, "It may take about 6 minutes and needs about 900 MB of disk space; its server does not tell how much is free."},
	} {
		if got := tt.cost.String(); got != tt.want {
			t.Errorf("%+v = %q, want %q", tt.cost, got, tt.want)
		}
	}
}

// TestRefusedRowsChangeNothing wants rows that are refused to be counted as rows and no more.
func TestRefusedRowsChangeNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		plainTable(t, url)
		storetest.Exec(t, url, `UPDATE task SET priority = 'HIGH', tags = '[]'`,
			`INSERT INTO task (id, user_id, title, priority, tags, due_date) VALUES (200, 'u', 'x', 'HIGH', '[]', '2026-02-30'), (201, 'u', NULL, 'low', 'a', '2026-02-01'),
				(202, 'u', 'x', 'HIGH', '[]', '0000-01-01'), (203, 'u', 'good', 'low', '[]', '2026-02-01')`)
		plan, err := opened.Store(t, url).Plan(t.Context())
		want := adopt.Counts{Rows: 6, Priorities: 1, Days: 1}
		if err != nil || plan.Adoption.Refusal == nil || plan.Adoption.Rows != want {
			t.Errorf("Plan = %+v, %v, want the counts %+v", plan.Adoption, err, want)
		}
	})
}
