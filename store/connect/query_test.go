package connect

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskql/store/storetest"
)

// TestQuery leaves rows in all ways, and wants the only connection back each time, also through a pooler.
func TestQuery(t *testing.T) {
	t.Parallel()
	direct := storetest.Postgres(t)
	for name, url := range map[string]string{"direct": direct, "pooler": storetest.PgBouncer(t, direct)} {
		var open int
		p := mustOpen(t, url, Options{Conns: 1, Observe: func(ctx context.Context, _ string) (context.Context, func(error)) {
			open++
			return ctx, func(error) { open-- }
		}})
		for way, leave := range map[string]func(ctx context.Context, cancel func()) error{
			"read": func(ctx context.Context, _ func()) error {
				rows, err := p.Query(ctx, true, "SELECT n, 'text' FROM generate_series(1, $1::bigint) AS n", int64(3))
				if err != nil {
					return err
				}
				sum := 0
				for rows.Next() {
					var n int
					var text string
					if err := rows.Scan(&n, &text); err != nil || text != "text" {
						t.Errorf("%s: scan: %q, %v", name, text, err)
					}
					sum += n
				}
				if sum != 6 {
					t.Errorf("%s: the sum is %d, want 6", name, sum)
				}
				return rows.Err()
			},
			"closed": func(ctx context.Context, _ func()) error {
				rows, err := p.Query(ctx, false, "SELECT * FROM generate_series(1, 1000)")
				if err != nil {
					return err
				}
				rows.Next()
				return errors.Join(rows.Close(), rows.Close())
			},
			"refused": func(ctx context.Context, _ func()) error {
				if _, err := p.Query(ctx, false, "SELECT 1 FROM missing"); err == nil {
					t.Errorf("%s: a query of a table that does not exist succeeds", name)
				}
				return nil
			},
			"failed in a later row": func(ctx context.Context, _ func()) error {
				rows, err := p.Query(ctx, true, "SELECT 1 / (1000 - n) FROM generate_series(1, 1000) AS n")
				if err != nil {
					return err
				}
				for rows.Next() {
				}
				if rows.Err() == nil || rows.Close() == nil {
					t.Errorf("%s: a division by zero is no error", name)
				}
				return nil
			},
			"canceled": func(ctx context.Context, cancel func()) error {
				time.AfterFunc(time.Millisecond, cancel)
				if _, err := p.Query(ctx, true, "SELECT pg_sleep(600)"); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: the error of a canceled query is %v", name, err)
				}
				return nil
			},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			if err := leave(ctx, cancel); err != nil {
				t.Errorf("%s, %s: %v", name, way, err)
			}
			cancel()
			if _, used, waiting := p.Usage(); used != 0 || waiting != 0 || open != 0 {
				t.Errorf("%s, %s: %d connections are in use, %d wait, and %d statements are under way", name, way, used, waiting, open)
			}
		}
	}
}
