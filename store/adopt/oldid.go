package adopt

import (
	"strings"
	"unicode/utf8"

	"taskql/fastapi"
)

// Rows whose ids are no numbers get new ids. Their old ids go into a table of their own, by which REST finds them.

// renumber gives the rows new ids. text is the expression that reads the old ones.
func (f *tableFacts) renumber(column, kind, text string) {
	f.renumbered, f.values["old_id"] = true, text
	f.change("%s: %s becomes bigint, a new number for each task; REST finds tasks by their old ids as well", column, kind)
}

// refuseReference refuses a table whose ids change, and to whose ids another table refers.
func (f *tableFacts) refuseReference(table, key string) {
	f.refuse("the table %s refers to its ids, which become numbers: drop its foreign key if taskql is to be used without that table (%s)", table, key)
}

// readOldID makes the old id of a row what REST has in paths.
func (r *reading) readOldID() {
	id := r.row.OldID.String
	uuid, undashed := dashed(id)
	_, number := fastapi.ParseInteger(id)
	switch {
	case !r.row.OldID.Valid:
		r.wrong("its id is no text")
	case !utf8.ValidString(id) || strings.ContainsRune(id, 0):
		r.wrong("its id is not valid UTF-8, or contains a NUL character")
	case strings.TrimSpace(id) == "":
		r.wrong("its id is empty")
	case r.undashedIDs && undashed:
		r.row.OldID.String = uuid
	case number:
		r.wrong("its id is a number as text, which could not be told from the new ids")
	}
}

// OldIDs returns what the takeover may have stored of an id that REST has in a path: the text itself, and a UUID as it is written with dashes. It
// returns nothing for a text that no database stores.
func OldIDs(text string) []string {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil
	}
	if uuid, ok := fastapi.ParseUUID(text); ok && uuid != text {
		return []string{text, uuid}
	}
	return []string{text}
}

// dashed returns a UUID of 32 digits as it is written with dashes.
func dashed(digits string) (id string, ok bool) {
	if len(digits) != 32 {
		return "", false
	}
	return fastapi.ParseUUID(digits)
}
