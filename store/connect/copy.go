package connect

import (
	"context"
	"database/sql"
	"io"
)

// Copy runs a COPY … FROM STDIN on a connection of a Postgres pool, within its transaction.
func Copy(ctx context.Context, lent *sql.Conn, statement string, rows io.Reader) error {
	return lent.Raw(func(inner any) error {
		_, err := inner.(*conn).lent.Conn().PgConn().CopyFrom(ctx, rows, statement)
		return explained(ctx, err)
	})
}
