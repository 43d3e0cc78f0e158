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

// TestStatements has what each write costs on Postgres: one round trip, and with a key a short transaction.
func TestStatements(t *testing.T) {
	s, err := Open(t.Context(), Options{URL: storetest.Postgres(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var seen statements
	s.writer = s.writer.WithQueryHook(&seen)
	s.useTable(s.table)

	now := models.Timestamp(time.Now())
	task := &models.Task{UserID: "u", Title: "x", Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}
	create := func(db *Store) (*Use, error) {
		_, err := db.Create(t.Context(), task, 100)
		return &Use{TaskIDs: []int64{task.ID}, Number: &task.Version}, err
	}
	once := func() error {
		_, err := s.Once(t.Context(), "u", "key", now, create)
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"create", func() error { _, err := s.Create(t.Context(), task, 100); return err }, []string{"WITH"}},
		{"update", func() error { _, err := s.Update(t.Context(), task, task); return err }, []string{"WITH"}},
		{"update of texts", func() error { _, err := s.Update(t.Context(), &models.Task{Title: "y"}, task); return err }, []string{"WITH"}},
		{"toggle", func() error { _, err := s.Apply(t.Context(), Toggle, "u", task.ID, nil, now); return err }, []string{"WITH"}},
		{"create with a key", once, []string{"BEGIN", "INSERT", "SELECT", "WITH", "DELETE", "COMMIT"}},
		{"the same again", once, []string{"BEGIN", "INSERT", "SELECT", "COMMIT"}},
	} {
		seen.queries = nil
		if err := step.do(); err != nil || !slices.Equal(seen.words(), step.want) {
			t.Errorf("%s: statements %v, error %v, want %v", step.name, seen.words(), err, step.want)
		}
	}
}
