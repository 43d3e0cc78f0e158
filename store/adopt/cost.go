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

// On two processors, shared with other work, PostgreSQL adopted 12,000 rows of short texts a second and SQLite 8,600 to 11,000. The databases
// grew by 1,210 and 1,090 bytes a row at most, of which some 65 were texts.
const (
	rowsPerSecond = 10_000
	// rowRoom is the space that a row and its index entries need; textRoom is that of its texts, in sizes of them: they stand in
	// the old row put aside, in the new row, folded, and as search terms.
	rowRoom, textRoom = 1000, 4
	// oldIDRoom is what an old id needs with its index entries.
	oldIDRoom = 200
)

// noticeRows is the number of rows from which Adopt reports the cost.
const noticeRows = 10_000

// cost estimates the cost of a table and counts its rows.
func (t Table) cost(ctx context.Context, tx bun.Tx, facts *tableFacts) (c Cost, rows int64, err error) {
	length := "length(CAST(%s AS blob))"
	if t.Postgres {
		length = "octet_length(CAST(%s AS text))"
	}
	lengths := "0"
	for _, column := range []string{"title", "description", "tags"} {
		if name, found := facts.named[column]; found {
			lengths += " + coalesce(" + fmt.Sprintf(length, quoteName(name)) + ", 0)"
		}
	}
	var texts int64
	query := "SELECT count(*), CAST(coalesce(sum(" + lengths + "), 0) AS bigint) FROM " + quoteName(t.Name)
	if err := tx.Tx.QueryRowContext(ctx, query).Scan(&rows, &texts); err != nil {
		return c, 0, err
	}
	room := rows*rowRoom + texts*textRoom
	if facts.renumbered {
		room += rows * oldIDRoom
	}
	return Cost{Duration: time.Duration(rows/rowsPerSecond) * time.Second, Room: room, Free: t.Free}, rows, nil
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
