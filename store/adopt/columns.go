package adopt

import (
	"slices"
	"strings"
)

// wantedColumn is a column of the task table after the first migration.
type wantedColumn struct {
	name, kind string
	notNull    bool
	fallback   string
}

func wantedColumns() []wantedColumn {
	const text, instant = "text", "timestamp with time zone"
	return []wantedColumn{
		{"user_id", text, true, ""}, {"title", text, true, ""}, {"description", text, false, ""},
		{"priority", text, true, "'MEDIUM'"}, {"tags", text, true, "'[]'"}, {"due_date", instant, false, ""},
		{"completed", "boolean", true, "FALSE"}, {"created_at", instant, true, ""}, {"updated_at", instant, true, ""},
		{"due_kind", text, false, ""}, {"completed_at", instant, false, ""}, {"deleted_at", instant, false, ""},
		{"position", text, true, ""}, {"version", "bigint", true, ""},
	}
}

// ownColumns returns the names of taskql's own columns. A table that has one of them is refused, because another program may
// store something else in it.
func ownColumns() []string {
	return []string{"due_kind", "position", "version", "title_lower", "notes_lower", "tags_lower", "due_end", "priority_rank"}
}

// otherNames are what backends call columns beside taskql's names, as plainName has them.
var otherNames = map[string][]string{
	"completed":  {"iscompleted", "done", "isdone"},
	"due_date":   {"dueat"},
	"is_deleted": {"deleted"},
}

// Columns that are read and stay as they are: statusColumn, from whose words a table without completed is read, categoryColumn, which REST's
// dialect web keeps in a tag, and deletedColumn, which marks tasks that the old backend no longer shows.
const statusColumn, categoryColumn, deletedColumn = "status", "category", "is_deleted"

func readColumns() []string { return []string{statusColumn, categoryColumn, deletedColumn} }

func isRead(name string) bool { return slices.Contains(readColumns(), name) }

// plainName returns what the spellings of a name have in common: user_id, userId and USERID are userid.
func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// nameColumns finds the columns of tasks among those of the old table. It refuses a table that lacks one, that has two for one, or that has a
// column of taskql's own; same compares names as the database does.
func (f *tableFacts) nameColumns(columns []string, same func(a, b string) bool) {
	f.named = map[string]string{}
	wanted := append(readColumns(), "id")
	for _, want := range wantedColumns() {
		wanted = append(wanted, want.name)
	}
	for _, name := range wanted {
		if slices.Contains(ownColumns(), name) {
			continue
		}
		names := append([]string{plainName(name)}, otherNames[name]...)
		var found []string
		for _, column := range columns {
			if slices.Contains(names, plainName(column)) {
				found = append(found, column)
			}
		}
		switch {
		case len(found) > 1:
			f.refuse("its columns %s are the same field, %s: drop those that do not have its values, or rename them", strings.Join(found, " and "), name)
			fallthrough
		case len(found) == 1:
			f.named[name] = found[0]
		}
	}
	var missing, renamed []string
	for _, name := range []string{"id", "user_id", "title", "completed"} {
		if f.named[name] == "" && (name != "completed" || f.named[statusColumn] == "") {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		f.refuse("it is no table of tasks: it has no %s", strings.Join(missing, ", "))
	}
	for _, name := range ownColumns() {
		if slices.ContainsFunc(columns, func(column string) bool { return same(column, name) }) {
			f.refuse("it has a column %s, a name that taskql needs for something else: rename it", name)
		}
	}
	for _, name := range wanted {
		if column := f.named[name]; column != "" && !isRead(name) && !same(column, name) {
			renamed = append(renamed, column+" becomes "+name)
		}
	}
	if len(renamed) > 0 {
		f.change("renamed: %s", strings.Join(renamed, ", "))
	}
	if f.named["completed"] == "" && f.named[statusColumn] != "" {
		f.change("completed: read from %s, whose words stay as they are and are not used afterwards", f.named[statusColumn])
	}
}

// isNamed reports whether a column of the old table becomes one of the task table.
func (f *tableFacts) isNamed(column string, same func(a, b string) bool) bool {
	for name, other := range f.named {
		if !isRead(name) && same(other, column) {
			return true
		}
	}
	return false
}

func identical(a, b string) bool { return a == b }
