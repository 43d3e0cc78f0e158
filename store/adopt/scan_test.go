package adopt

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"taskql/store/storetest"
)

// TestBatchesAreReadByKey wants PostgreSQL to read each batch of rows by the index of the key, whatever its type, so that it does not sort the table
// for each.
func TestBatchesAreReadByKey(t *testing.T) {
	url := storetest.Postgres(t)
	for _, kind := range []string{"integer", "bigint", "uuid", "text", "character varying(36)", "character(36)"} {
		storetest.Exec(t, url, "DROP TABLE IF EXISTS task", "CREATE TABLE task (id "+kind+" PRIMARY KEY, user_id text, title text, status text)")
		pool, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		table := Table{Name: "task", Postgres: true}
		err = bun.NewDB(pool, pgdialect.New()).RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			old, err := table.inspect(ctx, tx)
			if err != nil {
				return err
			}
			first, next := table.selectRows(old.facts(), old.facts().allRows(0))
			if err := exec(ctx, tx, "SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off", "SET LOCAL plan_cache_mode = force_generic_plan"); err != nil {
				return err
			}
			for statement, args := range map[string][]any{first: nil, next: {"1"}} {
				if kind == "uuid" && args != nil {
					args = []any{"0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e"}
				}
				rows, err := tx.Tx.QueryContext(ctx, "EXPLAIN "+statement, args...)
				if err != nil {
					return err
				}
				var plan []string
				for rows.Next() {
					var line string
					if err := rows.Scan(&line); err != nil {
						return err
					}
					plan = append(plan, line)
				}
				if text := strings.Join(plan, "\n"); !strings.Contains(text, "Index Scan using task_pkey") || strings.Contains(text, "Sort") || args != nil && !strings.Contains(text, "Index Cond") {
					t.Errorf("%s: %s\nis planned as\n%s", kind, statement, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
