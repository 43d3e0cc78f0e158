package adopt

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Cost is a rough estimate of what taking over a table and the migrations after it need.
type Cost struct {
	// Duration is on a small server.
	Duration time.Duration
	// Room is the disk space in bytes beyond what the database has now.
	Room int64
	// Free is the free disk space in bytes, or -1 if it cannot be known.
	Free int64
}

// With 100,000 rows of short texts on two busy cores, SQLite adopted 15,000 rows a second and PostgreSQL 2,500 (7,000 on idle ones);
// the databases grew by 6.5 and 7.4 sizes of the old table. Short texts are the worst case for the latter.
const (
	sqliteRowsPerSecond, postgresRowsPerSecond = 10_000, 3000
	// sqliteRoom and postgresRoom are the space that is needed, in sizes of the old table, for the rewritten rows, the
	// indexes, the search terms, and the log of the transaction.
	sqliteRoom, postgresRoom = 7, 9
)

// noticeRows is the number of rows from which Adopt reports the cost.
const noticeRows = 10_000

// cost estimates the cost of a table. The size of an SQLite table is unknown, so that of its file counts.
func (t Table) cost(ctx context.Context, tx bun.Tx) (c Cost, rows int64, err error) {
	size, perSecond, room := "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())", int64(sqliteRowsPerSecond), int64(sqliteRoom)
	if t.Postgres {
		size, perSecond, room = "pg_total_relation_size(CAST(?1 AS regclass))", postgresRowsPerSecond, postgresRoom
	}
	var bytes int64
	if err := tx.NewRaw("SELECT (SELECT count(*) FROM ?0), "+size, bun.Ident(t.Name), quoteName(t.Name)).Scan(ctx, &rows, &bytes); err != nil {
		return c, 0, err
	}
	return Cost{Duration: time.Duration(rows/perSecond) * time.Second, Room: bytes * room, Free: t.Free}, rows, nil
}

// shortage returns why the disk space is not enough, or "".
func (c Cost) shortage() string {
	if c.Free < 0 || c.Room <= c.Free {
		return ""
	}
	return fmt.Sprintf("it needs about %s of free disk space, and the file system of the database has %s", megabytes(c.Room), megabytes(c.Free))
}

// String states the cost in a sentence for people.
func (c Cost) String() string {
	took := "less than a minute"
	if minutes := int64(c.Duration.Round(time.Minute) / time.Minute); minutes > 1 {
		took = fmt.Sprintf("about %d minutes", minutes)
	} else if c.Duration >= 30*time.Second {
		took = "about a minute"
	}
	free := "its server does not tell how much is free"
	if c.Free >= 0 {
		free = megabytes(c.Free) + " are free"
	}
	return fmt.Sprintf("It may take %s and needs about %s of disk space; %s.", took, megabytes(c.Room), free)
}

// megabytes rounds up.
func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", (bytes+999_999)/1_000_000) }
