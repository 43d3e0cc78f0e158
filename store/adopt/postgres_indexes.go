package adopt

import (
	"context"

	"github.com/uptrace/bun"
)

// dropped is an index or a constraint that is dropped for as long as rows are written.
type dropped struct{ On, Name, Constraint, Definition string }

func (d dropped) create() string {
	if d.Constraint == "" {
		return d.Definition
	}
	return "ALTER TABLE " + d.On + " ADD CONSTRAINT " + quoteName(d.Constraint) + " " + d.Definition
}

// dropIndexes drops all indexes and constraints of the parts but the primary keys, and foreign keys from and to them.
func (t *postgresTable) dropIndexes(ctx context.Context, tx bun.Tx, parts []Part) error {
	for _, kinds := range []string{"c.contype = 'f'", "c.contype IN ('u', 'x')"} {
		for _, part := range parts {
			if err := t.drop(ctx, tx, kinds+" AND c.conrelid = ?0::regclass", quoteName(part.Table)); err != nil {
				return err
			}
		}
	}
	for _, part := range parts {
		var indexes []dropped
		err := tx.NewRaw(`SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
			WHERE i.indrelid = ?::regclass AND NOT i.indisprimary ORDER BY i.indexrelid`, quoteName(part.Table)).Scan(ctx, &indexes)
		if err != nil {
			return err
		}
		for _, index := range indexes {
			if err := t.exec(ctx, tx, "DROP INDEX "+index.Name); err != nil {
				return err
			}
		}
		t.dropped = append(indexes, t.dropped...)
	}
	return nil
}

// drop drops the constraints that match a condition on pg_constraint.
func (t *postgresTable) drop(ctx context.Context, tx bun.Tx, where, table string) error {
	var constraints []dropped
	err := tx.NewRaw(`SELECT c.conrelid::regclass::text AS on, c.conname AS constraint, pg_get_constraintdef(c.oid) AS definition
		FROM pg_constraint c WHERE c.conparentid = 0 AND `+where+` ORDER BY c.oid`, table).Scan(ctx, &constraints)
	if err != nil {
		return err
	}
	for _, c := range constraints {
		if err := t.exec(ctx, tx, "ALTER TABLE "+c.On+" DROP CONSTRAINT "+quoteName(c.Constraint)); err != nil {
			return err
		}
	}
	// They are created again in the opposite order: a foreign key needs the unique index that it refers to.
	t.dropped = append(constraints, t.dropped...)
	return nil
}

// restore creates the indexes and constraints again. It builds the primary keys anew, because the rows did not come in their order.
func (t *postgresTable) restore(ctx context.Context, tx bun.Tx, parts []Part) error {
	for _, part := range parts {
		var keys []string
		err := tx.NewRaw("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = ?::regclass AND indisprimary", quoteName(part.Table)).Scan(ctx, &keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := t.exec(ctx, tx, "REINDEX INDEX "+key); err != nil {
				return err
			}
		}
	}
	for _, d := range t.dropped {
		if err := t.exec(ctx, tx, d.create()); err != nil {
			return err
		}
	}
	for _, part := range parts {
		if err := exec(ctx, tx, "ANALYZE "+quoteName(part.Table)); err != nil {
			return err
		}
	}
	return t.number(ctx, tx)
}
