package connect

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// mustOpen opens a pool on a database.
func mustOpen(t *testing.T, url string, options Options) *Pool {
	t.Helper()
	address, err := Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Postgres(address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = p.Reader.Close(), p.Writer.Close() })
	return p
}

// backend returns the id of the PostgreSQL process behind the pool's one connection.
func backend(t *testing.T, db *sql.DB) (pid int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// TestCanceledStatements ends the contexts of statements and transactions and wants their connection to stay.
func TestCanceledStatements(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1})
	first := backend(t, p.Writer)
	for name, run := range map[string]func(ctx context.Context, cancel func()) error{
		"a short statement": func(ctx context.Context, cancel func()) error {
			time.AfterFunc(time.Millisecond, cancel)
			_, err := p.Writer.ExecContext(ctx, "SELECT pg_sleep(0.05)")
			return err
		},
		"a long statement": func(ctx context.Context, cancel func()) error {
			time.AfterFunc(time.Millisecond, cancel)
			_, err := p.Reader.ExecContext(ctx, "SELECT pg_sleep(600)")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the error of a canceled statement is %v", err)
			}
			return err
		},
		"a transaction": func(ctx context.Context, cancel func()) error {
			tx, err := p.Writer.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			cancel()
			return tx.Rollback()
		},
		"a transaction in a statement": func(ctx context.Context, cancel func()) error {
			tx, err := p.Writer.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			time.AfterFunc(time.Millisecond, cancel)
			_, err = tx.ExecContext(ctx, "SELECT pg_sleep(600)")
			return errors.Join(err, tx.Rollback())
		},
		"many rows": func(ctx context.Context, cancel func()) error {
			rows, err := p.Reader.QueryContext(ctx, "SELECT * FROM generate_series(1, 1000)")
			if err != nil {
				return err
			}
			rows.Next()
			cancel()
			return rows.Close()
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		err := run(ctx, cancel)
		cancel()
		if now := backend(t, p.Reader); now != first {
			t.Errorf("%s, canceled with %v, cost the connection", name, err)
			first = now
		}
	}
}

// TestIsolation wants statements and transactions to see what others commit, even if the database's default is another, or the
// address names another.
func TestIsolation(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	for _, tt := range []struct {
		name, url, statement string
	}{
		{"of the database", storetest.As(t, url, "default_transaction_isolation = 'repeatable read'"), "read committed"},
		{"of the address", url + "&default_transaction_isolation=serializable", "serializable"}, // chosen on purpose
	} {
		p := mustOpen(t, tt.url, Options{})
		show := func(what string, db interface {
			QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
		}, want string) {
			t.Helper()
			var level string
			if err := db.QueryRowContext(t.Context(), "SHOW transaction_isolation").Scan(&level); err != nil || level != want {
				t.Errorf("the default %s: the isolation of %s is %s, %v, want %s", tt.name, what, level, err, want)
			}
		}
		show("a statement", p.Writer, tt.statement)
		show("a read", p.Reader, tt.statement)
		for want, options := range map[string]*sql.TxOptions{"read committed": nil, "repeatable read": {ReadOnly: true, Isolation: sql.LevelRepeatableRead}} {
			tx, err := p.Writer.BeginTx(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			show("a transaction", tx, want)
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestWaitForConnection has all connections in use until the time of another request is over: it may be sent again, because nothing was begun.
func TestWaitForConnection(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, storetest.Postgres(t), Options{Conns: 1})
	_, _, writer := mustOpenFile(t)
	for name, db := range map[string]*sql.DB{"PostgreSQL": p.Writer, "SQLite": writer} {
		held, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err = db.ExecContext(ctx, "SELECT 1")
		cancel()
		var late *models.Error
		if !errors.As(err, &late) || late.Code != models.CodeTimeout || late.RetryAfter == 0 || late.Status() != 503 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: the wait ends in %v, want TIMEOUT with a time to try again", name, err)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, leave)
		if _, err := db.ExecContext(gone, "SELECT 1"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a wait that is given up ends in %v", name, err)
		}
		if err := held.Rollback(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "SELECT 1"); err != nil {
			t.Errorf("%s: the next statement: %v", name, err)
		}
	}
}
