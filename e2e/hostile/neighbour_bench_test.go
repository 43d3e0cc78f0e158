package hostile

import (
	"slices"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// BenchmarkNeighbour measures how long a user's read takes alone and beside each of the attacks, in milliseconds.
func BenchmarkNeighbour(b *testing.B) {
	for _, kind := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.SQLite}, {"PostgreSQL", storetest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) {
			s := server(b, kind.url(b), storetest.Scale(2_000, 100_000))
			hostile, quiet := s.As("hostile"), s.As("quiet")
			b.Run("alone", func(b *testing.B) { reads(b, quiet) })
			for _, attack := range attacks {
				r, _ := dearest(b, hostile, attack.field)
				b.Run(attack.name, func(b *testing.B) {
					l := start(hostile, r)
					defer l.stop()
					harness.Eventually(b, "an answer to the load", l.begun.Load)
					reads(b, quiet)
				})
			}
		})
	}
}

// reads reports the median and the 99th percentile of the duration of the quiet user's reads.
func reads(b *testing.B, quiet *harness.Client) {
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		if _, code, _, err := quietRead.send(b.Context(), quiet); err != nil || code != "" {
			b.Errorf("the read = %s, %v", code, err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
