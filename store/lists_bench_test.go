package store

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// benchRows is how many tasks the large table has; the environment variable BENCH_ROWS says otherwise.
func benchRows(b *testing.B) int {
	b.Helper()
	rows := os.Getenv("BENCH_ROWS")
	if rows == "" {
		return 1_000_000
	}
	n, err := strconv.Atoi(rows)
	if err != nil {
		b.Fatalf("BENCH_ROWS: %v", err)
	}
	return n
}

// BenchmarkLists measures, in a table of a million tasks, each list for a user of 1,000 tasks and one of
// 100,000; pages deep in a list against its first page, as the metric deep/first; and lists against the same
// ones in a table of 1,000, as the metric million/thousand.
func BenchmarkLists(b *testing.B) {
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		b.Run(kind, func(b *testing.B) {
			url := storetest.SQLite
			if kind == "PostgreSQL" {
				url = storetest.Postgres
			}
			million, thousand := mustOpenFilled(b, url(b), benchRows(b)), mustOpenFilled(b, url(b), 1000)
			for _, user := range []string{smallUser, bigUser} {
				b.Run(user, func(b *testing.B) { benchViews(b, million, user) })
			}
			b.Run("deep", func(b *testing.B) { benchDeep(b, million) })
			b.Run("size", func(b *testing.B) {
				for _, shape := range shapes(smallUser) {
					b.Run(shape.name, func(b *testing.B) {
						compare(b, "million/thousand", func() { mustList(b, thousand, shape.query) }, func() { mustList(b, million, shape.query) })
					})
				}
			})
		})
	}
}

func mustList(b *testing.B, s *Store, q Query) *List {
	b.Helper()
	list, err := s.List(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func benchViews(b *testing.B, s *Store, user string) {
	all := shapes(user)
	for _, shape := range all {
		b.Run(shape.name, func(b *testing.B) {
			for b.Loop() {
				mustList(b, s, shape.query)
			}
		})
	}
	b.Run("all counts", func(b *testing.B) {
		due := func(window models.DueWindow) *models.TaskFilter {
			return &models.TaskFilter{Completed: new(bool), Due: []models.DueWindow{window}}
		}
		tests := []*models.TaskFilter{{}, open(), due(models.DueWindowOverdue), due(models.DueWindowToday), due(models.DueWindowNext7Days)}
		for b.Loop() {
			if _, _, err := s.Counts(b.Context(), all[0].query, tests, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tags", func(b *testing.B) {
		for b.Loop() {
			if err := s.EachTagged(b.Context(), user, "", func(Tagged) {}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchDeep compares the page at nine tenths of a list with its first.
func benchDeep(b *testing.B, s *Store) {
	for _, shape := range shapes(bigUser) {
		first := shape.query
		if first.After != nil || first.Before != nil || first.FromEnd || shape.index[0] == "" {
			continue
		}
		count := first
		count.Total, count.Limit = true, 1
		nine := first
		nine.Offset, nine.Limit = int64(mustList(b, s, count).Total)*9/10, 1
		last := mustList(b, s, nine).Tasks
		if len(last) == 0 {
			b.Fatalf("%s is empty", shape.name)
		}
		deep := first
		deep.After = &Keyset{ID: last[0].ID}
		for _, key := range deep.Order {
			deep.After.Values = append(deep.After.Values, SortValue(last[0], key.Field))
		}
		b.Run(shape.name, func(b *testing.B) {
			compare(b, "deep/first", func() { mustList(b, s, first) }, func() { mustList(b, s, deep) })
		})
	}
}

// compare reports how many times as long the second takes as the first, by their medians, the two being
// run in turns so that what else the machine does weighs on both.
func compare(b *testing.B, metric string, first, second func()) {
	var took [2][]time.Duration
	for b.Loop() {
		for i, do := range []func(){first, second} {
			start := time.Now()
			do()
			took[i] = append(took[i], time.Since(start))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	middle := len(took[0]) / 2
	b.ReportMetric(float64(took[1][middle])/float64(took[0][middle]), metric)
}
