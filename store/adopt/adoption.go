package adopt

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Adoption is a table that is being taken over.
type Adoption struct {
	Table
	old  oldTable
	now  time.Time
	rows int64
}

// Begin puts the rows aside. It leaves an empty task table, without the columns and indexes of later migrations. A row without
// times gets now. If the table cannot be taken over it returns an *Error; the caller must then roll the transaction back.
func (t Table) Begin(ctx context.Context, tx bun.Tx, now time.Time) (*Adoption, error) {
	if err := t.lock(ctx, tx); err != nil {
		return nil, err
	}
	old, err := t.inspect(ctx, tx)
	if err != nil {
		return nil, err
	}
	facts := old.facts()
	if err := facts.refusal(); err != nil {
		return nil, err
	}
	cost, rows, err := t.cost(ctx, tx, facts)
	if err != nil {
		return nil, err
	}
	if shortage := cost.shortage(); shortage != "" {
		return nil, &Error{Table: t.Name, Reasons: []string{shortage}}
	}
	if rows >= noticeRows {
		t.Notice(fmt.Sprintf("taking over the table %q with %d rows. %s", t.Name, rows, cost))
	}
	key := "integer" // on SQLite an alias of the row id
	if t.Postgres {
		key = facts.keyKind
	}
	if err := exec(ctx, tx, "CREATE TEMPORARY TABLE "+adoptedTable+" (id "+key+" PRIMARY KEY, user_id text, created_at timestamptz)"); err != nil {
		return nil, err
	}
	insert := t.insertSQL(adoptedTable, []string{"id", "user_id", "created_at"}, "")
	_, err = t.scan(ctx, tx, facts, facts.allRows(rows), now, func(moved []movedRow) (func() error, error) {
		keys := make([][]any, len(moved))
		for i, row := range moved {
			keys[i] = []any{row.key, row.UserID, row.CreatedAt.UTC().Format("2006-01-02 15:04:05.000000-07:00")} // in the order of the times
		}
		return t.writer(ctx, tx, insert, keys), nil
	})
	if err != nil {
		return nil, err
	}
	if err := old.setAside(ctx, tx); err != nil {
		return nil, err
	}
	return &Adoption{t, old, now, rows}, exec(ctx, tx, "DROP TABLE "+adoptedTable)
}

// numbered selects the id and the version of each row, and its newID if there are new ones. The tasks of a user are numbered by age, and so are new ids.
// more are other columns.
func (f *tableFacts) numbered(more ...string) string {
	columns := append([]string{"id", "row_number() OVER (PARTITION BY user_id ORDER BY created_at, id) AS version"}, more...)
	if f.renumbered {
		columns = append(columns, "row_number() OVER (ORDER BY created_at, id) AS "+newID)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + adoptedTable
}

// Finish writes the rows into the parts, of which the first is the task table with the columns of all migrations.
func (a *Adoption) Finish(ctx context.Context, tx bun.Tx, parts []Part) error {
	facts := a.old.facts()
	if facts.renumbered {
		parts = append(parts, Part{Table: oldIDTable, Columns: []string{"task_id", "old_id"}})
	}
	if err := a.old.dropIndexes(ctx, tx, parts); err != nil {
		return err
	}
	aside := a.old.asideRows()
	aside.rows, aside.doing = a.rows, "writing the rows"
	counts, err := a.scan(ctx, tx, facts, aside, a.now, func(moved []movedRow) (func() error, error) {
		for i := range moved {
			version, err := strconv.ParseInt(moved[i].others[0].String, 10, 64)
			if err != nil {
				return nil, err
			}
			moved[i].Version, moved[i].Position = version, models.TopPosition(version)
		}
		writers := make([]func() error, len(parts))
		for p, part := range parts {
			rows := make([][]any, len(moved))
			for i := range moved {
				if part.Values == nil {
					rows[i] = []any{moved[i].ID, moved[i].oldID}
					continue
				}
				rows[i] = part.Values(&moved[i].Task)
			}
			if p > 0 {
				writers[p] = a.writer(ctx, tx, a.old.insert(part, nil), rows)
				continue
			}
			for i := range rows {
				for _, other := range moved[i].others[1:] {
					rows[i] = append(rows[i], nullable(other))
				}
			}
			writers[p] = a.writer(ctx, tx, a.old.insert(part, facts.kept), rows)
		}
		last := moved[len(moved)-1].ID
		return func() error {
			for _, write := range writers {
				if err := write(); err != nil {
					return err
				}
			}
			return a.old.forget(ctx, tx, last)
		}, nil
	})
	if err != nil {
		return err
	}
	if counts.Rows != a.rows {
		return fmt.Errorf("%d of the %d rows of the table %q were taken over", counts.Rows, a.rows, a.Name)
	}
	if err := exec(ctx, tx, "DROP TABLE "+asideTable); err != nil {
		return err
	}
	return a.old.restore(ctx, tx, parts)
}

func nullable(text sql.NullString) any {
	if text.Valid {
		return text.String
	}
	return nil
}
