package adopt_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// makeMany fills a table as SQLModel makes it with n rows of a thousand users: a tenth done, every
// third with tags, in JSON and in commas, every second with a due date.
func makeMany(tb testing.TB, url string, n int) {
	tb.Helper()
	id, at, source := "SERIAL", naive, fmt.Sprintf("generate_series(1, %d::bigint) AS i", n)
	moment := func(seconds string) string {
		return "TIMESTAMP '2025-01-01 00:00:00.123456' + (" + seconds + ") * INTERVAL '1 second'"
	}
	if !storetest.IsPostgres(url) {
		id, at = "INTEGER", "DATETIME"
		source = fmt.Sprintf("(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT i FROM s)", n)
		moment = func(seconds string) string {
			return "strftime('%Y-%m-%d %H:%M:%S', '2025-01-01', (" + seconds + ") || ' seconds') || '.123456'"
		}
	}
	storetest.Exec(tb, url,
		`CREATE TABLE task (id `+id+` NOT NULL, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, description VARCHAR, priority VARCHAR NOT NULL,
			tags VARCHAR, due_date `+at+`, completed BOOLEAN NOT NULL, created_at `+at+` NOT NULL, updated_at `+at+` NOT NULL, PRIMARY KEY (id))`,
		`CREATE INDEX ix_task_user_id ON task (user_id)`,
		`INSERT INTO task (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at)
			SELECT 'user-' || (i % 1000), 'Task number ' || i, 'What there is to say of number ' || i, CASE i % 3 WHEN 0 THEN 'high' WHEN 1 THEN 'MEDIUM' ELSE 'low' END,
				CASE i % 6 WHEN 0 THEN '["home", "Work"]' WHEN 3 THEN 'home,work, HOME' ELSE '[]' END, CASE i % 2 WHEN 0 THEN `+moment("i * 7")+` END,
				i % 10 = 0, `+moment("i * 7919 % 5000011")+`, `+moment("i + 60")+` FROM `+source)
}

// BenchmarkAdopt takes over a table of ADOPT_ROWS rows, 100,000 where that is not set.
func BenchmarkAdopt(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("ADOPT_ROWS"))
	if err != nil {
		n = 100_000
	}
	for name, database := range map[string]func(testing.TB) string{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				url := database(b)
				makeMany(b, url, n)
				s := opened.Store(b, url)
				b.StartTimer()
				if _, err := s.Migrate(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
