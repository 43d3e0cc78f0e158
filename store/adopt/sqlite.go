package adopt

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// sqliteTable is a table to take over on SQLite. SQLite can alter so little that the table is rebuilt, as its page on ALTER TABLE
// describes. Only AUTOINCREMENT, which cannot be added later, prevents ids from being used twice.
type sqliteTable struct {
	tableFacts
	table Table
	// others are additional definitions of the new table.
	others []string
	// indexes are the statements that create the dropped indexes again.
	indexes []string
	// last is the last id that the table has assigned.
	last int64
}

type sqliteColumn struct {
	Name   string
	Type   string
	PK     int
	Hidden int
}

var charUUID = regexp.MustCompile(`(?i)^(CHAR\s*\(\s*32\s*\)|UUID)$`)

func inspectSQLite(ctx context.Context, tx bun.Tx, table Table) (oldTable, error) {
	t := &sqliteTable{tableFacts: tableFacts{name: table.Name, values: map[string]string{}}, table: table}
	var master []struct{ Type, Name, SQL string }
	if err := tx.NewRaw("SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_master WHERE lower(tbl_name) = lower(?) ORDER BY rowid", t.name).Scan(ctx, &master); err != nil {
		return nil, err
	}
	var columns []sqliteColumn
	if err := tx.NewRaw("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", t.name).Scan(ctx, &columns); err != nil {
		return nil, err
	}
	for _, m := range master {
		switch {
		case m.Type == "table":
			t.readDefinitions(m.SQL, columns)
		case m.Type == "trigger":
			t.refuse("the trigger %s depends on it: drop it, and create it again afterwards if you need it with taskql", m.Name)
		case m.Type == "view":
			t.refuse("it is a view")
		}
	}
	return t, nil
}

func (t *sqliteTable) facts() *tableFacts { return &t.tableFacts }

// readDefinitions compares the columns with those of the task table, and collects the definitions of other columns.
func (t *sqliteTable) readDefinitions(text string, columns []sqliteColumn) {
	definitions, options := readDefinitions(text)
	if definitions == nil || definition(options).has("rowid", "strict") || strings.EqualFold(tokens(text)[1].text, "virtual") {
		t.refuse("it is no ordinary table, but a virtual one, one WITHOUT ROWID or a STRICT one")
		return
	}
	t.requireColumns(func(name string) bool {
		return slices.ContainsFunc(columns, func(c sqliteColumn) bool { return strings.EqualFold(c.Name, name) })
	})
	ours := map[string]bool{"id": true}
	var added []string
	for _, want := range wantedColumns() {
		ours[want.name] = true
		i := slices.IndexFunc(columns, func(c sqliteColumn) bool { return strings.EqualFold(c.Name, want.name) })
		if i < 0 {
			added = append(added, want.name)
			continue
		}
		t.readColumn(want, columns[i])
	}
	if len(added) > 0 {
		t.change("added: %s", strings.Join(added, ", "))
	}
	for _, c := range columns {
		switch name := strings.ToLower(c.Name); {
		case name == "id":
			t.values["id"] = quoteName(c.Name)
			if c.PK == 0 || !strings.Contains(strings.ToUpper(c.Type), "INT") {
				t.refuse("the column id is %s, but must be the primary key, and an integer", strings.TrimSpace(c.Type+" "))
			}
		case c.PK != 0:
			t.refuse("its primary key is not the column id alone")
		case !ours[name] && c.Hidden == 0: // the others are generated
			t.kept = append(t.kept, quoteName(c.Name))
		}
	}
	for _, d := range definitions {
		t.keepDefinition(d, ours)
	}
	t.changeKept()
	t.change("the table is rebuilt, so that SQLite never uses an id twice")
}

func (t *sqliteTable) readColumn(want wantedColumn, c sqliteColumn) {
	if c.Hidden != 0 {
		t.refuse("the column %s is generated", c.Name)
	}
	// Cast to text, because the driver converts values by the type of their column.
	t.values[want.name] = "CAST(" + quoteName(c.Name) + " AS TEXT)"
	if want.name == "user_id" {
		t.undashed = charUUID.MatchString(c.Type)
	}
	kind := strings.Replace(want.kind, "timestamp with time zone", "timestamptz", 1)
	if !strings.EqualFold(c.Type, kind) {
		t.change("%s: %s becomes %s", strings.ToLower(c.Name), c.Type, kind)
	}
}

// keepDefinition decides whether the new table gets a definition of the old one.
func (t *sqliteTable) keepDefinition(d definition, ours map[string]bool) {
	about := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return ours[name] })
	}
	switch d.constraint() {
	case "primary": // the new table defines its own
	case "unique":
		t.others = append(t.others, d.String())
	case "foreign":
		if about(d.list()) {
			t.change("dropped: %s", d)
			return
		}
		t.others = append(t.others, d.String())
	case "check":
		for _, part := range d {
			if ours[part.word()] {
				t.change("dropped: %s", d)
				return
			}
		}
		t.others = append(t.others, d.String())
	default:
		name := d[0].word()
		if !ours[name] {
			kept, was := d.optional()
			if was {
				t.change("%s: no longer NOT NULL, because taskql does not fill it", name)
			}
			t.others = append(t.others, kept.String())
			return
		}
		if d.has("references", "check") {
			t.change("dropped: the rules in %s", d)
		}
		if d.has("unique") {
			t.others = append(t.others, "UNIQUE ("+quoteName(name)+")")
		}
	}
}
