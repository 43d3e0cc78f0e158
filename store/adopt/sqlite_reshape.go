package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// setAside renames the table, and creates a new one of its name.
func (t *sqliteTable) setAside(ctx context.Context, tx bun.Tx) error {
	if err := t.dropIndexesOf(ctx, tx, t.name); err != nil {
		return err
	}
	// Otherwise other tables, views and triggers would follow the rows to the new name.
	if err := exec(ctx, tx, "PRAGMA legacy_alter_table = ON"); err != nil {
		return err
	}
	err := exec(ctx, tx, "ALTER TABLE "+quoteName(t.name)+" RENAME TO "+asideTable)
	_, off := tx.Tx.ExecContext(context.WithoutCancel(ctx), "PRAGMA legacy_alter_table = OFF")
	if err := errors.Join(err, off); err != nil {
		return err
	}
	// Constraints must follow all columns.
	slices.SortStableFunc(t.others, func(a, b string) int { return constraintRank(a) - constraintRank(b) })
	text, err := t.table.CreateTable(t.name, t.others)
	if err != nil {
		return err
	}
	err = exec(ctx, tx, text, "CREATE TEMPORARY TABLE "+numberTable+" (task_row integer PRIMARY KEY, version bigint)",
		"INSERT INTO "+numberTable+" (task_row, version) SELECT id, version FROM ("+t.numbered()+")")
	if err != nil {
		return err
	}
	// SQLite has had the table of sequences since the new table was created.
	return tx.NewRaw("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", asideTable).Scan(ctx, &t.last)
}

func constraintRank(text string) int {
	if (definition)(tokens(text)).constraint() != "" {
		return 1
	}
	return 0
}

func (t *sqliteTable) asideRows() rowSource {
	key := asideTable + "." + t.key
	return rowSource{from: asideTable + " JOIN " + numberTable + " ON task_row = " + key, key: key, id: key, others: []string{"version"}}
}

func (t *sqliteTable) insert(part Part, kept []string) string {
	return t.table.insertSQL(part.Table, part.Columns, t.key, kept...)
}

// forget makes the space of the rows free, which new rows take: the file would have to be rewritten to become smaller.
func (t *sqliteTable) forget(ctx context.Context, tx bun.Tx, last int64) error {
	return exec(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE %s <= %d", asideTable, t.key, last))
}

func (t *sqliteTable) dropIndexes(ctx context.Context, tx bun.Tx, parts []Part) error {
	for _, part := range parts {
		if err := t.dropIndexesOf(ctx, tx, part.Table); err != nil {
			return err
		}
	}
	return nil
}

// dropIndexesOf drops the indexes of a table, but for those of its constraints.
func (t *sqliteTable) dropIndexesOf(ctx context.Context, tx bun.Tx, table string) error {
	var indexes []struct{ Name, SQL string }
	if err := tx.NewRaw("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND lower(tbl_name) = lower(?) ORDER BY rowid", table).Scan(ctx, &indexes); err != nil {
		return err
	}
	for _, index := range indexes {
		if err := exec(ctx, tx, "DROP INDEX "+quoteName(index.Name)); err != nil {
			return err
		}
		if strings.EqualFold(table, t.name) && len(t.become) > 0 {
			index.SQL = definition(tokens(index.SQL)).renamed(t.become).String()
		}
		t.indexes = append(t.indexes, index.SQL)
	}
	return nil
}

// restore creates the indexes again.
func (t *sqliteTable) restore(ctx context.Context, tx bun.Tx, _ []Part) error {
	if err := exec(ctx, tx, append(t.indexes, "DROP TABLE "+numberTable)...); err != nil {
		return err
	}
	return t.keepLastID(ctx, tx)
}

// keepLastID makes the new table assign ids after those that the old one has assigned.
func (t *sqliteTable) keepLastID(ctx context.Context, tx bun.Tx) error {
	result, err := tx.NewRaw("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", t.last, t.name).Exec(ctx)
	if err != nil {
		return err
	}
	// A table that never had a row has no entry yet.
	if n, err := result.RowsAffected(); err != nil || n > 0 || t.last == 0 {
		return err
	}
	_, err = tx.NewRaw("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", t.name, t.last).Exec(ctx)
	return err
}
