package live

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func query(t *testing.T, databaseURL, sql string, dest any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(dest); err != nil {
		t.Fatal(err)
	}
}
