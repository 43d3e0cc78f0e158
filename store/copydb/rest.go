package copydb

import (
	"context"
	"fmt"
	"slices"
	"taskql/store"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/schema"
)

// raiseLastID makes the target assign ids after all that the source has assigned, including those of purged tasks.
func (c *copier) raiseLastID(ctx context.Context) error {
	from, to := c.from.Raw(), c.to.Raw()
	last, err := lastID(ctx, from)
	if err != nil {
		return err
	}
	// In a table that was taken over or written to by hand, the sequence may be lower than the ids.
	var highest int64
	if err := from.Reader.NewRaw("SELECT coalesce(max(id), 0) FROM ?task").Scan(ctx, &highest); err != nil {
		return err
	}
	last = max(last, highest)
	mine, err := lastID(ctx, to)
	if err != nil || last <= mine {
		return err
	}
	if to.Postgres {
		_, err = to.Writer.NewRaw("SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", pgx.Identifier{to.Table}.Sanitize(), last).Exec(ctx)
		return err
	}
	result, err := to.Writer.NewRaw("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", last, to.Table).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = to.Writer.NewRaw("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", to.Table, last).Exec(ctx)
	return err
}

// lastID returns the highest id that the database's sequence has assigned, or 0.
func lastID(ctx context.Context, db store.Raw) (last int64, err error) {
	query := "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
	name := db.Table
	if db.Postgres {
		var sequence *string
		if err := db.Reader.NewRaw("SELECT pg_get_serial_sequence(?, 'id')", pgx.Identifier{name}.Sanitize()).Scan(ctx, &sequence); err != nil || sequence == nil {
			return 0, err
		}
		query = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM " + *sequence
	}
	err = db.Reader.NewRaw(query, name).Scan(ctx, &last)
	return last, err
}

// copyID gives the target the id of the source, so that its sync tokens are valid there.
func (c *copier) copyID(ctx context.Context) error {
	id, err := c.from.ID(ctx)
	if err != nil {
		return err
	}
	_, err = c.to.Raw().Writer.NewRaw("UPDATE task_setting SET value = ? WHERE name = 'database_id'", id).Exec(ctx)
	return err
}

// leftBehind describes what the database contains and a copy omits.
func leftBehind(ctx context.Context, from *store.Store) (left []string, err error) {
	db := from.Raw()
	query := "SELECT name FROM pragma_table_info(?) ORDER BY cid"
	if db.Postgres {
		query = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?
			AND is_generated = 'NEVER' ORDER BY ordinal_position`
	}
	for _, p := range parts() {
		table := p.table
		if table == "?task" {
			table = db.Table
		}
		var names []string
		if err := db.Reader.NewRaw(query, table).Scan(ctx, &names); err != nil {
			return nil, err
		}
		fields := p.fields(db)
		for _, name := range names {
			if !slices.ContainsFunc(fields, func(f *schema.Field) bool { return f.Name == name }) {
				left = append(left, fmt.Sprintf("the column %q of the table %q, which is not taskql's", name, table))
			}
		}
	}
	return left, nil
}
