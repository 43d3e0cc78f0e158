package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/store/storetest"
)

// statements is a hook that notes each statement that goes to the database.
type statements struct {
	mu      sync.Mutex
	queries []string
	bound   []bound // those of them that are bound
}

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (s *statements) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, event.Query)
}

// words are the first words of the statements.
func (s *statements) words() (words []string) {
	for _, query := range s.queries {
		word, _, _ := strings.Cut(query, " ")
		words = append(words, word)
	}
	return words
}

// TestStatements has what each write costs: on Postgres one round trip, with a key or for several tasks
// a short transaction of a few statements, however many tasks there are.
func TestStatements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, err := Open(t.Context(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var seen statements
		seen.observe(s)

		ctx, now := t.Context(), models.Timestamp(time.Now())
		task := &models.Task{UserID: "u", Title: "x", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}
		create := func(db *Store) (*Use, error) {
			_, err := db.Create(ctx, task, 1000)
			return &Use{TaskIDs: []int64{task.ID}, Number: &task.Version}, err
		}
		once := func() error {
			_, err := s.Once(ctx, "u", "key", now, create)
			return err
		}
		apply := func(change Transition) func() error {
			return func() error { _, _, err := s.Apply(ctx, change, "u", task.ID, nil, now); return err }
		}
		other := &models.Task{UserID: "v", Title: "x", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}
		createOther := func() error { _, err := s.Create(ctx, other, 1000); return err }
		hundred, ids := make([]*models.Task, 100), make([]int64, 100)
		inside := func(write func(*Store) error) func() error {
			return func() error { return s.Transaction(ctx, "u", write) }
		}
		all := func(change Transition) func() error {
			return inside(func(s *Store) error {
				_, count, err := s.ApplyAll(ctx, change, "u", WithIDs(ids), 100, now)
				if err == nil && count != 100 {
					t.Errorf("%d tasks were written", count)
				}
				return err
			})
		}
		for _, step := range []struct {
			name             string
			do               func() error
			postgres, sqlite string // what is sent to each
		}{
			{"the first create of an era", func() error { _, err := s.Create(ctx, task, 1000); return err }, "WITH SELECT INSERT WITH",
				"BEGIN UPDATE COMMIT SELECT INSERT UPDATE BEGIN UPDATE WITH REPLACE COMMIT"},
			{"another user's first create", createOther, "WITH SELECT SELECT INSERT WITH",
				"BEGIN UPDATE COMMIT SELECT SELECT INSERT UPDATE BEGIN UPDATE WITH REPLACE COMMIT"},
			{"create", func() error { _, err := s.Create(ctx, task, 1000); return err }, "WITH", "BEGIN UPDATE WITH REPLACE COMMIT"},
			{"update", func() error { _, err := s.Update(ctx, task, task); return err }, "WITH", "BEGIN UPDATE WITH COMMIT"},
			{"complete", apply(Complete), "WITH", "BEGIN UPDATE WITH COMMIT"},
			{"toggle", apply(Toggle), "WITH", "BEGIN UPDATE WITH COMMIT"},
			{"delete", apply(Delete), "WITH", "BEGIN UPDATE WITH COMMIT"},
			{"create with a key", once, "BEGIN WITH SELECT WITH DELETE COMMIT", "BEGIN SELECT SAVEPOINT UPDATE WITH REPLACE RELEASE DELETE COMMIT"},
			{"the same again", once, "BEGIN WITH SELECT COMMIT", "BEGIN SELECT COMMIT"},
			{"move", inside(func(s *Store) error {
				return s.Move(ctx, task, models.TopPosition(2), models.TopPosition(1), true, now)
			}), "BEGIN WITH UPDATE UPDATE COMMIT", "BEGIN UPDATE UPDATE COMMIT"},
			{"create 100", inside(func(s *Store) error {
				for i := range hundred {
					copied := *task
					copied.Position = ""
					hundred[i] = &copied
				}
				err := s.CreateAll(ctx, "u", hundred)
				for i, task := range hundred {
					ids[i] = task.ID
				}
				return err
			}), "BEGIN WITH UPDATE WITH INSERT INSERT COMMIT", "BEGIN UPDATE INSERT REPLACE COMMIT"},
			{"update 100", inside(func(s *Store) error { return s.UpdateAll(ctx, "u", hundred, hundred) }), "BEGIN WITH UPDATE WITH WITH COMMIT", "BEGIN UPDATE WITH COMMIT"},
			{"update the texts of 100", inside(func(s *Store) error {
				return s.UpdateAll(ctx, "u", slices.Repeat([]*models.Task{{Title: "before"}}, 100), hundred)
			}),
				"BEGIN WITH UPDATE WITH WITH WITH INSERT COMMIT", "BEGIN UPDATE WITH REPLACE COMMIT"},
			{"delete 100", all(Delete), "BEGIN WITH SELECT UPDATE WITH WITH COMMIT", "BEGIN SELECT UPDATE WITH COMMIT"},
			{"restore 100", all(Restore), "BEGIN WITH SELECT UPDATE WITH WITH COMMIT", "BEGIN SELECT UPDATE WITH COMMIT"},
			{"purge 100", inside(func(s *Store) error { _, _, err := s.Purge(ctx, "u", WithIDs(ids), 100, now); return err }),
				"BEGIN WITH SELECT UPDATE WITH WITH WITH COMMIT", "BEGIN SELECT UPDATE WITH WITH COMMIT"},
			{"look for old trash", inside(func(s *Store) error { return s.PurgeExpired(ctx, "u", now) }), "BEGIN WITH SELECT SELECT COMMIT", "BEGIN SELECT SELECT COMMIT"},
			// Two would be of two moments: what a write removes and forgets in between would be lost.
			{"a page of changes with its feed", func() error { _, _, err := s.Changes(ctx, "u", 0, 0, 10); return err }, "SELECT", "SELECT"},
			{"begin an era", func() error { return s.BeginEra(ctx) }, "INSERT", "INSERT"},
			{"the first create of a later era", func() error { _, err := s.Create(ctx, task, 1000); return err }, "WITH SELECT SELECT WITH",
				"BEGIN UPDATE COMMIT SELECT SELECT UPDATE BEGIN UPDATE WITH REPLACE COMMIT"},
			{"another user's first create of that era", createOther, "WITH", "BEGIN UPDATE COMMIT SELECT SELECT UPDATE BEGIN UPDATE WITH REPLACE COMMIT"},
			{"create, in which numbers that were left out do not count", func() error { _, err := s.Create(ctx, task, 1000); return err }, "WITH", "BEGIN UPDATE WITH REPLACE COMMIT"},
		} {
			seen.queries = nil
			want := step.sqlite
			if s.postgres {
				want = step.postgres
			}
			before := []int64{task.Version, other.Version}
			err := step.do()
			for i, last := range []int64{task.Version, other.Version} { // the numbers of a later era begin anywhere
				if last != before[i] && s.mergesTerms(last-1, last) {
					want += " BEGIN WITH WITH COMMIT"
				}
			}
			if got := strings.Join(seen.words(), " "); err != nil || got != want {
				t.Errorf("%s: statements %s, error %v, want %s", step.name, got, err, want)
			}
		}
	})
}

// TestLooksForOldTrash has a write look into the trash only if the user's last look is an hour old or has found something.
func TestLooksForOldTrash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		now := models.Timestamp(time.Now()).Add(-48 * time.Hour)
		looks := func(user string) (looks bool) {
			t.Helper()
			s.onBound = func(text string, _ []any) { looks = looks || strings.Contains(text, "deleted_at <") }
			defer func() { s.onBound = nil }()
			_, err := s.Create(t.Context(), &models.Task{UserID: user, Title: "x", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return looks
		}
		if looks("u") {
			t.Error("a write looks for what never expires")
		}
		s.TrashFor = 24 * time.Hour
		for _, step := range []struct {
			user string
			pass time.Duration
			want bool
		}{
			{"u", 0, true}, {"u", 0, false}, {"v", 0, true}, {"u", lookPause - time.Microsecond, false}, {"u", time.Microsecond, true},
			{"u", -time.Second, true}, // the clock was put back
		} {
			if now = now.Add(step.pass); looks(step.user) != step.want {
				t.Errorf("a write of %s after %v looks: %v, want %v", step.user, step.pass, !step.want, step.want)
			}
		}
		if _, _, err := s.Apply(t.Context(), Delete, "u", 1, nil, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(25 * time.Hour)
		for _, want := range []bool{true, true, false} {
			if looks("u") != want { // one purges a thousand at most
				t.Errorf("once a task is too old, a write looks: %v, want %v", !want, want)
			}
		}
	})
}
