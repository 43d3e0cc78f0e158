package adopt

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// postgresTable is a table to take over on PostgreSQL, which alters it.
type postgresTable struct {
	tableFacts
	table   Table
	columns map[string]postgresColumn
	// outdated are the statements that drop what depends on changed columns.
	outdated []string
	// dropped is to be created again, in this order.
	dropped []dropped
}

type postgresColumn struct {
	Name, Kind string
	// Category is PostgreSQL's letter for the family of the type (pg_type.typcategory).
	Category                        string
	NotNull, HasDefault, IsIdentity bool
	IsGenerated                     bool
}

// lock locks the table against all other programs until the transaction ends.
func (t Table) lock(ctx context.Context, tx bun.Tx) error {
	if !t.Postgres {
		return nil // the transaction locks the whole file
	}
	if _, err := tx.Tx.ExecContext(ctx, "SET LOCAL lock_timeout = '10s'"); err != nil {
		return err
	}
	_, err := tx.Tx.ExecContext(ctx, "LOCK TABLE "+quoteName(t.Name)+" IN ACCESS EXCLUSIVE MODE")
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == lockNotAvailable {
		return fmt.Errorf("another program keeps the table %q locked: stop the old backend first", t.Name)
	}
	return err
}

const lockNotAvailable = "55P03"

func inspectPostgres(ctx context.Context, tx bun.Tx, table Table) (oldTable, error) {
	t := &postgresTable{tableFacts: tableFacts{name: table.Name, values: map[string]string{}}, table: table, columns: map[string]postgresColumn{}}
	// Values are read as text, in these forms.
	if err := exec(ctx, tx, "SET LOCAL datestyle = 'ISO'", "SET LOCAL timezone = 'UTC'", "SET LOCAL intervalstyle = 'postgres'", "SET LOCAL extra_float_digits = 3"); err != nil {
		return nil, err
	}
	var class struct {
		OID     int64
		Relkind string
		Family  bool
	}
	if err := tx.NewRaw(`SELECT c.oid, c.relkind::text, EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent)) AS family
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relname = ?`, t.name).Scan(ctx, &class); err != nil {
		return nil, err
	}
	if class.Relkind != "r" || class.Family {
		t.refuse("it is no ordinary table, but a view, a partition or similar")
		return t, nil
	}
	var columns []postgresColumn
	if err := tx.NewRaw(`SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS kind, y.typcategory::text AS category,
			a.attnotnull AS not_null, a.atthasdef AS has_default, a.attidentity <> '' AS is_identity, a.attgenerated <> '' AS is_generated
		FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
		WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, class.OID).Scan(ctx, &columns); err != nil {
		return nil, err
	}
	for _, c := range columns {
		t.columns[c.Name] = c
	}
	t.readColumns(columns)
	if err := t.readDependents(ctx, tx, class.OID); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *postgresTable) facts() *tableFacts { return &t.tableFacts }

// readColumns compares the columns with those of the task table.
func (t *postgresTable) readColumns(columns []postgresColumn) {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	t.nameColumns(names, identical)
	if id, found := t.column("id"); found {
		t.readID(id)
	}
	for _, name := range []string{statusColumn, deletedColumn} {
		if c, found := t.column(name); found {
			t.values[name] = quoteName(c.Name) + "::text"
		}
	}
	// A text or an enum; not the number of a category, or a list.
	if category, found := t.column(categoryColumn); found && (category.Category == "S" || category.Category == "E") {
		t.values[categoryColumn] = quoteName(category.Name) + "::text"
	}
	var added []string
	for _, want := range wantedColumns() {
		c, found := t.column(want.name)
		if !found {
			added = append(added, want.name)
			continue
		}
		if c.IsGenerated {
			t.refuse("the column %s is generated", c.Name)
		}
		if c.Kind != want.kind {
			t.change("%s: %s becomes %s", c.Name, c.Kind, want.kind)
		}
		column := quoteName(c.Name)
		switch {
		case c.Category == "A":
			t.values[want.name] = "to_json(" + column + ")::text"
		default:
			t.values[want.name] = column + "::text"
		}
	}
	if len(added) > 0 {
		t.change("added: %s", strings.Join(added, ", "))
	}
	for _, c := range columns {
		if t.isNamed(c.Name, identical) {
			continue
		}
		t.kept = append(t.kept, quoteName(c.Name))
		if c.IsGenerated {
			t.refuse("the column %s is generated from others: drop it, and add it again afterwards", c.Name)
		}
		if c.NotNull && !c.HasDefault && !c.IsIdentity {
			t.change("%s: no longer NOT NULL, because taskql does not fill it", c.Name)
			t.outdated = append(t.outdated, "ALTER TABLE "+quoteName(t.name)+" ALTER COLUMN "+quoteName(c.Name)+" DROP NOT NULL")
		}
	}
	t.changeKept()
}

// column returns the column that becomes one of the task table.
func (t *postgresTable) column(name string) (postgresColumn, bool) {
	c, found := t.columns[t.named[name]]
	return c, found
}

// readID decides whether the table keeps its ids.
func (t *postgresTable) readID(id postgresColumn) {
	t.key, t.keyKind = quoteName(id.Name), id.Kind
	switch {
	case id.Kind == "integer" || id.Kind == "bigint":
		t.values["id"] = t.key
	case id.Kind == "uuid" || id.Category == "S":
		t.renumber(id.Name, id.Kind, t.key+"::text")
	default:
		t.refuse("the column %s is %s, but must be a number of 32 or 64 bits, a UUID or a text", id.Name, id.Kind)
	}
}

// readDependents reads what depends on changed columns.
func (t *postgresTable) readDependents(ctx context.Context, tx bun.Tx, oid int64) error {
	var found []struct{ Kind, Name, Definition string }
	id, _ := t.column("id")
	ours := []string{id.Name}
	var converted []string
	if t.renumbered {
		converted = append(converted, id.Name)
	}
	for _, want := range wantedColumns() {
		c, found := t.column(want.name)
		if found {
			ours = append(ours, c.Name)
		}
		if found && c.Kind != want.kind && c.Category != "S" && c.Category != "D" {
			converted = append(converted, c.Name)
		}
	}
	// Foreign keys to ids that change.
	toID := "contype = 'f' AND confrelid = ?0 AND ?3 AND confkey = (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = ?0 AND attname = ?4)"
	attributes := "(SELECT attnum FROM pg_attribute WHERE attrelid = ?0 AND attname IN (?1))"
	err := tx.NewRaw(`
		SELECT contype::text AS kind, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
			WHERE conrelid = ?0 AND (contype = 'p' OR contype IN ('c', 'f') AND EXISTS (SELECT FROM unnest(conkey) k WHERE k IN `+attributes+`) OR `+toID+`)
		UNION ALL SELECT 'other', conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> ?0 AND `+toID+`
		UNION ALL SELECT 'reference', conrelid::regclass::text, '' FROM pg_constraint
			WHERE contype = 'f' AND confrelid = ?0 AND NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = conrelid), 'USAGE')
		UNION ALL SELECT 'trigger', tgname, '' FROM pg_trigger WHERE tgrelid = ?0 AND NOT tgisinternal
		UNION ALL SELECT 'policy', polname, '' FROM pg_policy WHERE polrelid = ?0
		UNION ALL SELECT DISTINCT 'view', r.ev_class::regclass::text, '' FROM pg_depend d JOIN pg_rewrite r ON d.objid = r.oid
			WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ?0
		UNION ALL SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
			WHERE i.indrelid = ?0 AND (m.amname <> 'btree' OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND EXISTS (
				SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = ?0
				AND d.refobjsubid IN (SELECT attnum FROM pg_attribute WHERE attrelid = ?0 AND attname IN (?2)))
		ORDER BY 1, 2`, oid, bun.List(ours), bun.List(converted), t.renumbered, id.Name).Scan(ctx, &found)
	if err != nil {
		return err
	}
	keyed := false
	for _, f := range found {
		switch f.Kind {
		case "p":
			keyed = strings.ReplaceAll(f.Definition, `"`, "") == "PRIMARY KEY ("+id.Name+")"
		case "c", "f":
			t.change("dropped: the constraint %s, %s", f.Name, f.Definition)
			t.outdated = append(t.outdated, "ALTER TABLE "+quoteName(t.name)+" DROP CONSTRAINT "+quoteName(f.Name))
		case "other":
			t.refuseReference(f.Name, f.Definition)
		case "reference":
			t.refuse("the table %s refers to it, and belongs to another role: its foreign key must be created again. Migrate as the owner of both", f.Name)
		case "index":
			t.change("dropped: the index %s, because a type in it changes (%s)", f.Name, f.Definition)
			t.outdated = append(t.outdated, "DROP INDEX "+f.Name)
		default:
			t.refuse("the %s %s depends on it: drop it, and create it again afterwards if you need it with taskql", f.Kind, f.Name)
		}
	}
	if id.Name != "" && !keyed {
		t.refuse("its primary key is not the column id")
	}
	return nil
}
