package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskql/models"

	"github.com/uptrace/bun"
)

func (t *sqliteTable) reshape(ctx context.Context, tx bun.Tx, bounds []int64) error {
	// Constraints must follow all columns.
	slices.SortStableFunc(t.others, func(a, b string) int { return constraintRank(a) - constraintRank(b) })
	text, err := t.table.CreateTable(newTable, t.others)
	if err != nil {
		return err
	}
	if err := exec(ctx, tx, text); err != nil {
		return err
	}
	if err := t.copy(ctx, tx, bounds); err != nil {
		return err
	}
	last, err := t.lastID(ctx, tx)
	if err != nil {
		return err
	}
	// Otherwise the renaming fails on views of the table, which does not exist at that moment.
	if err := exec(ctx, tx, "PRAGMA legacy_alter_table = ON"); err != nil {
		return err
	}
	err = exec(ctx, tx, "DROP TABLE "+quoteName(t.name), "ALTER TABLE "+newTable+" RENAME TO "+quoteName(t.name))
	_, off := tx.Tx.ExecContext(context.WithoutCancel(ctx), "PRAGMA legacy_alter_table = OFF")
	if err := errors.Join(err, off); err != nil {
		return err
	}
	if err := exec(ctx, tx, t.indexes...); err != nil {
		return err
	}
	return t.keepLastID(ctx, tx, last)
}

func constraintRank(text string) int {
	if (definition)(tokens(text)).constraint() != "" {
		return 1
	}
	return 0
}

// copy fills the new table from the old one and the temporary ones.
func (t *sqliteTable) copy(ctx context.Context, tx bun.Tx, bounds []int64) error {
	var kept, old strings.Builder
	for _, column := range t.kept {
		kept.WriteString(", " + column)
		old.WriteString(", o." + column)
	}
	text := func(name string) string {
		if value, found := t.values[name]; found {
			return strings.Replace(value, "CAST(", "CAST(o.", 1)
		}
		return "NULL"
	}
	statement := `INSERT INTO ` + newTable + ` (id, title, description, user_id, priority, tags, due_date, due_kind, completed, completed_at,
			deleted_at, created_at, updated_at, position, version` + kept.String() + `)
		SELECT a.id, ` + text("title") + `, ` + text("description") + `, a.user_id, a.priority, a.tags, a.due_date, a.due_kind, a.completed, a.completed_at,
			a.deleted_at, a.created_at, a.updated_at, ` + models.TopPositionSQL("n.n") + `, n.n` + old.String() + `
		FROM ` + adoptedTable + ` a JOIN ` + numberTable + ` n ON n.id = a.id JOIN ` + quoteName(t.name) + ` o ON o.` + t.values["id"] + ` = a.id
		WHERE a.id > `
	err := t.table.eachBatch(bounds, "writing the rows", func(after, last int64) error {
		return exec(ctx, tx, fmt.Sprintf("%s%d AND a.id <= %d ORDER BY a.id", statement, after, last))
	})
	if err != nil {
		return err
	}
	var before, now int64
	if err := tx.NewRaw("SELECT (SELECT count(*) FROM ?), (SELECT count(*) FROM ?)", bun.Ident(t.name), bun.Ident(newTable)).Scan(ctx, &before, &now); err != nil {
		return err
	}
	if before != now {
		return fmt.Errorf("%d of the %d rows of the table %q were taken over", now, before, t.name)
	}
	return nil
}

// lastID returns the last id that the table has assigned, or 0 if it did not record that.
func (t *sqliteTable) lastID(ctx context.Context, tx bun.Tx) (last int64, err error) {
	err = tx.NewRaw("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE lower(name) = lower(?)", t.name).Scan(ctx, &last)
	return last, err
}

// keepLastID makes the new table assign ids after last.
func (t *sqliteTable) keepLastID(ctx context.Context, tx bun.Tx, last int64) error {
	result, err := tx.NewRaw("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", last, t.name).Exec(ctx)
	if err != nil {
		return err
	}
	// A table that never had a row has no entry yet.
	if n, err := result.RowsAffected(); err != nil || n > 0 || last == 0 {
		return err
	}
	_, err = tx.NewRaw("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", t.name, last).Exec(ctx)
	return err
}
