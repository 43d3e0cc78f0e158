package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/words"
)

// row is a task as it is written, with the derived columns for filters and sorting, which are never read back.
type row struct {
	models.Task
	derived
	// Words are the terms of the task; see storeTerms.
	Words string `bun:"words"`
}

// derived are the columns computed from others. Go folds letter case, so that both databases have the same result.
type derived struct {
	TitleLower string  `bun:"title_lower"`
	NotesLower *string `bun:"notes_lower"`
	TagsLower  string  `bun:"tags_lower"`
	DueEnd     any     `bun:"due_end"` // a time.Time, or afterAll
}

func newRow(t *models.Task) row {
	d := derived{TitleLower: models.Fold(t.Title), TagsLower: tagLines(t.Tags), DueEnd: afterAll}
	if end := t.DueEnd(); end != nil {
		d.DueEnd = *end
	}
	if notes := t.Notes(); notes != nil {
		lower := models.Fold(*notes)
		d.NotesLower = &lower
	}
	return row{Task: *t, derived: d}
}

// tagLines returns each case-folded tag on a line of its own. The text contains the line of a tag if and only if the task has
// that tag.
func tagLines(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	lines := "\n"
	for _, tag := range tags {
		lines += tagLine(tag) + "\n"
	}
	return lines
}

var escapeTag, unescapeTag = strings.NewReplacer(`\`, `\\`, "\n", `\n`), strings.NewReplacer(`\\`, `\`, `\n`, "\n")

func tagLine(tag string) string { return escapeTag.Replace(models.Fold(tag)) }

// The terms of a search are derived, too; see search.go.

// searchField is a field of a task: its weight on PostgreSQL and its column on SQLite.
type searchField struct{ weight, column string }

// searchFields are the searched fields, the most relevant first.
var searchFields = []searchField{{"A", "title"}, {"B", "tags"}, {"C", "notes"}}

// tsvector returns the terms of a task in PostgreSQL's syntax, and their number. The third word of the title is 'term':3A.
func (s *Store) tsvector(t *models.Task) (terms string, count int) {
	key := s.userKey(t.UserID)
	var b strings.Builder
	// PostgreSQL assumes that a term without statistics occurs in one of 200 rows, and may then scan the table. The user's key
	// is a second term of each of the user's tasks. With both terms the estimate is low enough for the index.
	b.WriteString("'" + key + "' '" + key + priorityTerm(t.Priority) + "'")
	place := 0
	for i, terms := range words.NewText(t.Title, t.Tags, t.Description) {
		for _, term := range terms {
			place++
			if term != "" {
				count++
				b.WriteString(" '" + key + term + "':" + strconv.Itoa(place) + searchFields[i].weight)
			}
		}
		place++ // a gap, so that no phrase matches across two fields
	}
	return b.String(), count
}

// priorityTerm is the term of a priority. A search in the tasks of one priority looks for it too, so that it reads only those. No
// word has an exclamation mark.
func priorityTerm(p models.Priority) string { return "!" + string(p) }

// noTerm fills a word position in FTS5 that has no term. It begins with no user's key, so that no search finds it.
const noTerm = "x"

// ftsColumns returns the terms of a task for FTS5, one text for each field.
func (s *Store) ftsColumns(t *models.Task) []any {
	key := s.userKey(t.UserID)
	columns := make([]any, len(searchFields))
	for i, terms := range words.NewText(t.Title, t.Tags, t.Description) {
		var b strings.Builder
		for _, term := range terms {
			if term == "" {
				b.WriteString(noTerm + " ")
			} else {
				b.WriteString(key + term + " ")
			}
		}
		columns[i] = b.String()
	}
	return columns
}

// searchColumns are the columns of task_search, and searchValues what they hold of a task.
func (s *Store) searchColumns() []string {
	if s.postgres {
		return []string{"task_id", "created_at", "words"}
	}
	columns := []string{"rowid"}
	for _, field := range searchFields {
		columns = append(columns, field.column)
	}
	return columns
}

func (s *Store) searchValues(t *models.Task) []any {
	if s.postgres {
		words, _ := s.tsvector(t)
		return []any{t.ID, stored(reflect.ValueOf(t.CreatedAt)), words}
	}
	return append([]any{t.ID}, s.ftsColumns(t)...)
}

// indexTasks stores the terms of tasks that have no recent ones.
func (s *Store) indexTasks(ctx context.Context, tx bun.IDB, tasks ...*models.Task) error {
	values := make([]string, len(tasks))
	var args []any
	for i, t := range tasks {
		row := s.searchValues(t)
		values[i] = "(?" + strings.Repeat(", ?", len(row)-1) + ")"
		args = append(args, row...)
	}
	statement := "task_search (" + strings.Join(s.searchColumns(), ", ") + ") VALUES " + strings.Join(values, ", ")
	if s.postgres {
		statement = "INSERT INTO " + statement + " ON CONFLICT (task_id) DO UPDATE SET words = excluded.words"
	} else {
		statement = "REPLACE INTO " + statement
	}
	_, err := tx.NewRaw(statement, args...).Exec(ctx)
	return err
}

// sameTerms reports whether two states of a task have the same terms.
func (s *Store) sameTerms(a, b *models.Task) bool {
	notes := func(t *models.Task) string {
		if t.Description == nil {
			return ""
		}
		return *t.Description
	}
	return a.Title == b.Title && notes(a) == notes(b) && slices.Equal(a.Tags, b.Tags) && (a.Priority == b.Priority || !s.postgres)
}

// On PostgreSQL the terms of a new task go to the table task_search_recent, which has no index of terms. A task has some
// twenty terms, each on another page of the index task_search_words: to store them there took more than half of the time of a
// write. With each mergeEvery-th change of a user, the recent terms move to task_search together: those of one user are neighbours in
// the index. A search reads both tables; see searching.terms. The terms of a task are in one of them.
//
// This is what the pending list of a GIN index does, but a search has to read the recent terms of its own user only. The index has a short
// pending list all the same (0013_pending), through which the terms of a move reach their pages in order.

const (
	// mergeEvery is after how many changes of a user the recent terms move.
	mergeEvery = 64
	// maxRecent is the largest number of terms that a task may have to be among the recent ones, so that they move quickly.
	maxRecent = 100
)

// How the statement that writes a task, written, stores its terms.
const (
	// newTerms is for the terms of a new task.
	newTerms = `recent AS (INSERT INTO task_search_recent (user_id, task_id, created_at, words)
		SELECT user_id, id, created_at, CAST(?words AS tsvector) FROM written)`
	// indexedTerms is for more than maxRecent terms, and for terms in place of others. Those may be moved by another transaction while the
	// statement waits for the user's counter. It then does not see them in task_search, so that only ON CONFLICT can replace them.
	indexedTerms = `recent AS (DELETE FROM task_search_recent WHERE user_id = ?user_id AND task_id = (SELECT id FROM written)),
		indexed AS (INSERT INTO task_search (task_id, created_at, words) SELECT id, created_at, CAST(?words AS tsvector) FROM written
		ON CONFLICT (task_id) DO UPDATE SET words = excluded.words)`
)

// storeTerms sets the terms of a row and returns how to store them.
func (s *Store) storeTerms(r *row, isNew bool) string {
	count := 0
	if s.postgres {
		r.Words, count = s.tsvector(&r.Task)
	}
	if isNew && count <= maxRecent {
		return newTerms
	}
	return indexedTerms
}

// mergesTerms reports whether a write that has taken the numbers after before, up to last, is to call mergeTerms.
func (s *Store) mergesTerms(before, last int64) bool {
	return s.postgres && before/mergeEvery != last/mergeEvery
}

// mergeTerms moves the recent terms of the user to task_search. Call it inside Transaction only.
func (s *Store) mergeTerms(ctx context.Context, user string) error {
	_, err := s.write.NewRaw(`WITH recent AS (DELETE FROM task_search_recent WHERE user_id = ? RETURNING task_id, created_at, words)
		INSERT INTO task_search (task_id, created_at, words) SELECT * FROM recent ORDER BY task_id
			ON CONFLICT (task_id) DO UPDATE SET words = excluded.words`, user).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store: merge terms: %w", err)
	}
	return nil
}
