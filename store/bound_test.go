package store

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// bound is a bound statement.
type bound struct {
	text   string
	values []any
}

var placeholder = regexp.MustCompile(`[$?](\d+)`)

// inline returns the statement with its values in the text, as PostgreSQL plans it the first few times.
func (b bound) inline() string {
	return placeholder.ReplaceAllStringFunc(b.text, func(p string) string {
		i, _ := strconv.Atoi(p[1:])
		return literal(b.values[i-1])
	})
}

func literal(value any) string {
	switch value := value.(type) {
	case int64:
		return fmt.Sprint(value)
	case time.Time:
		return value.UTC().Format("'2006-01-02 15:04:05.999999-07:00'")
	}
	return "'" + strings.ReplaceAll(value.(string), "'", "''") + "'"
}

// observe notes all statements of a store, bound ones with their values in the text.
func (s *statements) observe(db *Store) {
	one := db.reader == db.writer
	db.writer = db.writer.WithQueryHook(s)
	if db.reader = db.reader.WithQueryHook(s); one {
		db.reader = db.writer
	}
	db.onBound = func(text string, values []any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		b := bound{text, values}
		s.queries, s.bound = append(s.queries, b.inline()), append(s.bound, b)
	}
	db.useTable(db.table)
}

// execute executes the statement after it was prepared as probe.
func (b bound) execute() string {
	arguments := make([]string, len(b.values))
	for i, value := range b.values {
		arguments[i] = literal(value)
	}
	if len(arguments) == 0 {
		return "EXECUTE probe"
	}
	return "EXECUTE probe (" + strings.Join(arguments, ", ") + ")"
}

// timesPlanned returns how many of ten executions of a prepared statement PostgreSQL plans with the values.
func (s *Store) timesPlanned(tb testing.TB, b bound) (times int) {
	tb.Helper()
	conn, err := s.reader.Conn(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range append([]string{"PREPARE probe AS " + b.text}, slices.Repeat([]string{b.execute()}, 10)...) {
		if _, err := conn.Conn.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatalf("%v: %s", err, statement)
		}
	}
	if err := conn.NewRaw("SELECT custom_plans FROM pg_prepared_statements WHERE name = 'probe'").Scan(tb.Context(), &times); err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Conn.ExecContext(tb.Context(), "DEALLOCATE probe"); err != nil {
		tb.Fatal(err)
	}
	return times
}

// explainGeneric explains on PostgreSQL how a bound statement runs once it is prepared, when its plan does not depend on the values.
func (s *Store) explainGeneric(tb testing.TB, options string, b bound) (lines []string) {
	tb.Helper()
	conn, err := s.reader.Conn(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	execute := b.execute()
	for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE probe AS " + b.text} {
		if _, err := conn.Conn.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatalf("%v: %s", err, statement)
		}
	}
	err = conn.NewRaw("EXPLAIN ("+options+") ?", bun.Safe(execute)).Scan(tb.Context(), &lines)
	for _, statement := range []string{"DEALLOCATE probe", "RESET plan_cache_mode"} {
		if _, err := conn.Conn.ExecContext(tb.Context(), statement); err != nil {
			tb.Fatal(err)
		}
	}
	if err != nil {
		tb.Fatalf("%v: %s", err, b.text)
	}
	return lines
}
