package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/store/storetest"
)

// TestUnknownParameter wants the parameter named, and no password.
func TestUnknownParameter(t *testing.T) {
	url := storetest.Postgres(t)
	s, err := Open(t.Context(), Options{URL: url + "&secret_colour=hidden"})
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "the address has the parameter secret_colour") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("Open with an unknown parameter = %v", err)
	}
}

// TestSchemaParameter opens a database by the parameters that Prisma writes.
func TestSchemaParameter(t *testing.T) {
	url := strings.Replace(storetest.Postgres(t), "search_path=", "schema=", 1) + "&connection_limit=1&pgbouncer=true"
	s := mustMigrated(t, url)
	mustStore(t, s, "u", "x", "")
	var schema string
	if err := s.reader.NewRaw("SELECT current_schema()").Scan(t.Context(), &schema); err != nil || !strings.HasPrefix(schema, "test_") {
		t.Errorf("current_schema = %q, %v, want the one of the address", schema, err)
	}
	if got := s.direct.Size(); got != 2 {
		t.Errorf("the pool has up to %d connections, want 2: one may be listening", got)
	}
}

// TestLockedFile wants the errors of an expired wait for a lock to name the cause once and in words.
func TestLockedFile(t *testing.T) {
	url := storetest.SQLite(t)
	s, other := mustMigrated(t, url), mustMigrated(t, url)
	mustRun(t, s, "PRAGMA busy_timeout = 1")
	err := other.writer.RunInTx(t.Context(), nil, func(ctx context.Context, _ bun.Tx) error {
		task, errs := models.CreateTaskInput{Title: "x", Priority: models.PriorityLow}.NewTask("u", time.Now())
		if errs != nil {
			t.Fatal(errs)
		}
		_, err := s.Create(ctx, task, 10)
		return err
	})
	const want = "another program keeps the SQLite file locked"
	if err == nil || Cause(err).Error() != want {
		t.Errorf("Create = %v, want the cause %q", err, want)
	}
}
