package store

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"text/template"

	"github.com/uptrace/bun"
)

// bigUser has 100,000 of a million tasks, and each of 900 other users 1,000.
const bigUser, smallUser = "big", "u1"

// fillSQL makes rows tasks at once, as the program would have made them one after the other. The n-th task of a user
// is as all users' n-th tasks are.
const fillSQL = `INSERT INTO task (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at,
		due_kind, completed_at, deleted_at, position, version, title_lower, notes_lower, tags_lower, due_end)
	SELECT user_id, 'Task ' || n || ' ' || word, CASE WHEN n % 2 = 0 THEN 'Notes on ' || word END,
		CASE n % 3 WHEN 0 THEN 'HIGH' WHEN 1 THEN 'MEDIUM' ELSE 'LOW' END, '["tag' || (n % 40) || '"]',
		due, n % 10 < 6, made, changed, CASE WHEN due IS NOT NULL THEN 'INSTANT' END,
		CASE WHEN n % 10 < 6 THEN changed END, CASE WHEN n % 25 = 0 THEN changed END,
		'h' || (999999999999998 - n), n + 1, 'task ' || n || ' ' || word, CASE WHEN n % 2 = 0 THEN 'notes on ' || word END,
		{{.LineFeed}} || 'tag' || (n % 40) || {{.LineFeed}}, coalesce(due, 'infinity')
	FROM (
		SELECT user_id, n, CASE n % 5 WHEN 0 THEN 'Ärger' WHEN 1 THEN 'milk' WHEN 2 THEN 'plants' WHEN 3 THEN 'tax' ELSE 'call' END AS word,
			{{at "1767225600 + g"}} AS made, {{at "1767225600 + g + n * 7919 % 500000"}} AS changed,
			CASE WHEN n % 4 > 0 THEN {{at "1767225600 + n * 104729 % 5000000"}} END AS due
		FROM (SELECT g, {{.Owner}} AS user_id, {{.Number}} AS n FROM {{.Series}}) AS numbers
	) AS tasks`

// fillStatement renders fillSQL for rows tasks. Owner and number are expressions of g, which counts from 0.
func (s *Store) fillStatement(tb testing.TB, owner, number string, rows int) string {
	tb.Helper()
	words := struct{ LineFeed, Owner, Number, Series string }{"E'\\n'", owner, number, fmt.Sprintf("generate_series(bigint '0', %d) AS series(g)", rows-1)}
	at := func(seconds string) string { return "to_timestamp(" + seconds + ")" }
	if !s.postgres {
		words.LineFeed = "char(10)"
		at = func(seconds string) string {
			return "strftime('%Y-%m-%d %H:%M:%S+00:00', " + seconds + ", 'unixepoch')"
		}
		words.Series = fmt.Sprintf("(WITH RECURSIVE series(g) AS (VALUES (0) UNION ALL SELECT g + 1 FROM series WHERE g < %d) SELECT g FROM series)", rows-1)
	}
	var insert bytes.Buffer
	text := template.Must(template.New("").Funcs(template.FuncMap{"at": at}).Parse(fillSQL))
	if err := text.Execute(&insert, words); err != nil {
		tb.Fatal(err)
	}
	return insert.String()
}

// fill puts tasks into the empty table: 1,000 of smallUser, or a million, of which bigUser has 100,000.
func (s *Store) fill(tb testing.TB, rows int) {
	tb.Helper()
	owner, number := "'u1'", "g"
	if rows > 1000 {
		owner, number = "CASE g % 10 WHEN 0 THEN 'big' ELSE 'u' || (g % 1000) END", "CASE g % 10 WHEN 0 THEN g / 10 ELSE g / 1000 END"
	}
	insert := s.fillStatement(tb, owner, number, rows)
	err := s.writer.RunInTx(tb.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		exec := func(statements ...string) error {
			for _, statement := range statements {
				if _, err := tx.Tx.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		}
		// Making the indexes afterwards takes a third of the time.
		var indexes []struct{ Name, Made string }
		catalog := "SELECT name, sql AS made FROM sqlite_master WHERE type = 'index' AND tbl_name = 'task' AND sql IS NOT NULL"
		if s.postgres {
			catalog = `SELECT indexname AS name, indexdef AS made FROM pg_indexes
				WHERE schemaname = current_schema AND tablename = 'task' AND indexname <> 'task_pkey'`
			if err := exec("ALTER TABLE task_search SET UNLOGGED", "ALTER TABLE task SET UNLOGGED", "SET LOCAL maintenance_work_mem = '256MB'"); err != nil {
				return err
			}
		}
		if err := tx.NewRaw(catalog).Scan(ctx, &indexes); err != nil {
			return err
		}
		for _, index := range indexes {
			if err := exec("DROP INDEX " + index.Name); err != nil {
				return err
			}
		}
		if err := exec(insert); err != nil {
			return err
		}
		for _, index := range indexes {
			if err := exec(index.Made); err != nil {
				return err
			}
		}
		return exec("INSERT INTO task_counter (user_id, n) SELECT user_id, max(version) FROM task GROUP BY user_id")
	})
	if err != nil {
		tb.Fatal(err)
	}
	if s.postgres { // as autovacuum would a minute later
		if _, err := s.writer.ExecContext(tb.Context(), "VACUUM ANALYZE task"); err != nil {
			tb.Fatal(err)
		}
	}
}
