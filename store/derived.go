package store

import (
	"context"
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
	// Words are the terms of the task; see searchable.
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

// batch is the number of rows that a migration reads and writes at once.
const batch = 2000

// fillLower writes the case-folded columns of all existing tasks.
func (s *Store) fillLower(ctx context.Context, tx bun.Tx) error {
	var done, total int64
	if err := tx.NewRaw("SELECT count(*) FROM ?task").Scan(ctx, &total); err != nil {
		return err
	}
	for last := int64(0); ; {
		var tasks []models.Task
		err := tx.NewSelect().Model(&tasks).ModelTableExpr(tableExpr).Column("id", "title", "description", "tags").
			Where("t.id > ?", last).OrderExpr("t.id").Limit(batch).Scan(ctx)
		if err != nil || len(tasks) == 0 {
			return err
		}
		values := make([]string, len(tasks))
		args := make([]any, 0, 4*len(tasks))
		for i, t := range tasks {
			r := newRow(&t)
			values[i] = "(?, ?, ?, ?)"
			args = append(args, t.ID, r.TitleLower, r.NotesLower, r.TagsLower)
		}
		_, err = tx.NewRaw(`WITH v(id, title_lower, notes_lower, tags_lower) AS (VALUES `+strings.Join(values, ", ")+`)
			UPDATE ?task AS t SET title_lower = v.title_lower, notes_lower = v.notes_lower, tags_lower = v.tags_lower
			FROM v WHERE t.id = v.id`, args...).Exec(ctx)
		if err != nil {
			return err
		}
		last = tasks[len(tasks)-1].ID
		done += int64(len(tasks))
		s.reporter.update("preparing lists", done, total)
	}
}

// The terms of a search are derived, too; see search.go.

// searchField is a field of a task: its weight on PostgreSQL and its column on SQLite.
type searchField struct{ weight, column string }

// searchFields are the searched fields, the most relevant first.
var searchFields = []searchField{{"A", "title"}, {"B", "tags"}, {"C", "notes"}}

// tsvector returns the terms of a task in PostgreSQL's syntax. The third word of the title is 'term':3A.
func (s *Store) tsvector(t *models.Task) string {
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
				b.WriteString(" '" + key + term + "':" + strconv.Itoa(place) + searchFields[i].weight)
			}
		}
		place++ // a gap, so that no phrase matches across two fields
	}
	return b.String()
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

// searchable sets the column that indexWritten stores.
func (s *Store) searchable(r row) row {
	if s.postgres {
		r.Words = s.tsvector(&r.Task)
	}
	return r
}

// indexWritten stores the terms of the task that the same statement writes.
const indexWritten = `INSERT INTO task_search (task_id, created_at, words) SELECT id, created_at, CAST(?words AS tsvector) FROM written
	ON CONFLICT (task_id) DO UPDATE SET words = excluded.words`

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
		return []any{t.ID, stored(reflect.ValueOf(t.CreatedAt)), s.tsvector(t)}
	}
	return append([]any{t.ID}, s.ftsColumns(t)...)
}

// indexTasks stores the terms of tasks.
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

// fillSearch stores the terms of all existing tasks, unless there are terms already.
func (s *Store) fillSearch(ctx context.Context, tx bun.Tx) error {
	var done, total int64
	if err := tx.NewRaw("SELECT count(*) FROM ?task WHERE NOT EXISTS (SELECT 1 FROM task_search)").Scan(ctx, &total); err != nil {
		return err
	}
	for last := int64(0); done < total; {
		var tasks []*models.Task
		err := tx.NewSelect().Model(&tasks).ModelTableExpr(tableExpr).Column("id", "user_id", "title", "description", "priority", "tags", "created_at").
			Where("t.id > ?", last).OrderExpr("t.id").Limit(batch).Scan(ctx)
		if err != nil {
			return err
		}
		if err := s.indexTasks(ctx, tx, tasks...); err != nil {
			return err
		}
		last = tasks[len(tasks)-1].ID
		done += int64(len(tasks))
		s.reporter.update("preparing searches", done, total)
	}
	if !s.postgres {
		return nil
	}
	// Building the index once over all rows is many times faster than adding rows to it. Without fastupdate, new rows do not wait in a list
	// that every search reads from end to end; see docs/performance.md.
	_, err := tx.NewRaw(`ALTER TABLE task_search ADD FOREIGN KEY (task_id) REFERENCES ?task (id) ON DELETE CASCADE;
		CREATE INDEX task_search_words ON task_search USING gin (words) WITH (fastupdate = off)`).Exec(ctx)
	return err
}
