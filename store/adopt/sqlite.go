package adopt

import (
	"cmp"
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
	// become maps the names of columns, in lower case, to those that they have in the new table, where that is another one.
	become map[string]string
	// referring are the foreign keys of other tables to its ids.
	referring []struct{ Name, SQL string }
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
	if err := tx.NewRaw(`SELECT m.name, f."from" AS sql FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
			AND lower(f."table") = lower(?0) AND lower(m.name) <> lower(?0) AND lower(coalesce(f."to", 'id')) = 'id' ORDER BY 1, 2`, t.name).Scan(ctx, &t.referring); err != nil {
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
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	t.nameColumns(names, strings.EqualFold)
	t.become = map[string]string{}
	for name, column := range t.named {
		if !strings.EqualFold(name, column) && !isRead(name) {
			t.become[strings.ToLower(column)] = name
		}
	}
	column := func(name string) (sqliteColumn, bool) {
		i := slices.IndexFunc(columns, func(c sqliteColumn) bool { return c.Name == t.named[name] })
		return columns[max(i, 0)], i >= 0
	}
	var added []string
	for _, want := range wantedColumns() {
		if c, found := column(want.name); found {
			t.readColumn(want, c)
		} else {
			added = append(added, want.name)
		}
	}
	for _, name := range []string{statusColumn, deletedColumn} {
		if c, found := column(name); found {
			t.values[name] = "CAST(" + quoteName(c.Name) + " AS TEXT)"
		}
	}
	if category, found := column(categoryColumn); found {
		name := quoteName(category.Name)
		t.values[categoryColumn] = "CASE typeof(" + name + ") WHEN 'text' THEN " + name + " END"
	}
	if len(added) > 0 {
		t.change("added: %s", strings.Join(added, ", "))
	}
	for _, c := range columns {
		switch {
		case c.Name == t.named["id"]:
			t.readID(c, columns)
		case c.PK != 0:
			t.refuse("its primary key is not the column id alone")
		case !t.isNamed(c.Name, strings.EqualFold) && c.Hidden == 0: // the others are generated
			t.kept = append(t.kept, quoteName(c.Name))
		}
	}
	for _, d := range definitions {
		t.keepDefinition(d)
	}
	t.changeKept()
	t.change("the table is rebuilt, so that SQLite never uses an id twice")
}

// readID decides whether the table keeps its ids. Others become the row ids, which SQLite has assigned in the order in which the rows were inserted.
func (t *sqliteTable) readID(id sqliteColumn, columns []sqliteColumn) {
	kind := strings.ToUpper(id.Type)
	name := quoteName(id.Name)
	switch text := strings.Contains(kind, "CHAR") || strings.Contains(kind, "TEXT") || kind == "UUID"; {
	case id.PK == 0 || id.Hidden != 0:
		t.refuse("its primary key is not the column id")
	case strings.Contains(kind, "INT"):
		t.key, t.values["id"] = name, name
	case !text:
		t.refuse("the column %s is %s, but must be a number, a UUID or a text", id.Name, id.Type)
	default:
		// A column may have taken one of the names of the row id.
		for _, t.key = range []string{"_rowid_", "rowid", "oid"} {
			if !slices.ContainsFunc(columns, func(c sqliteColumn) bool { return strings.EqualFold(c.Name, t.key) }) {
				break
			}
		}
		t.values["id"] = t.key
		t.undashedIDs = charUUID.MatchString(id.Type)
		t.renumber(id.Name, id.Type, "CASE typeof("+name+") WHEN 'text' THEN "+name+" END")
		for _, key := range t.referring {
			t.refuseReference(key.Name, key.SQL)
		}
	}
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
func (t *sqliteTable) keepDefinition(d definition) {
	ours := func(name string) bool { return t.isNamed(name, strings.EqualFold) }
	switch d.constraint() {
	case "primary": // the new table defines its own
	case "unique":
		t.others = append(t.others, d.renamed(t.become).String())
	case "foreign":
		if slices.ContainsFunc(d.list(), ours) || t.renumbered && d.refersTo(t.name) {
			t.change("dropped: %s", d)
			return
		}
		t.others = append(t.others, d.String())
	case "check":
		if slices.ContainsFunc(d, func(part token) bool { return ours(part.word()) }) {
			t.change("dropped: %s", d)
			return
		}
		t.others = append(t.others, d.String())
	default:
		name := d[0].word()
		if !ours(name) {
			if t.renumbered && d.refersTo(t.name) {
				t.refuse("the column %s refers to its ids, which become numbers: drop the foreign key", name)
			}
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
			t.others = append(t.others, "UNIQUE ("+quoteName(cmp.Or(t.become[name], name))+")")
		}
	}
}
