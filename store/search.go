package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/words"
)

// Tasks are searched by the table task_search, which has the terms of each: on Postgres as a
// tsvector, on SQLite in an FTS5 index. Both are told the terms that package words has found and split
// nothing themselves, so that both find the same. The terms of a user's tasks begin with the user's mark:
// what others write, be it a million tasks with the same word, costs a search nothing.

// userMark is what the terms of a user's tasks begin with. Users may share one, which costs them
// time and nothing else: each query names the user, too.
func userMark(user string) string {
	sum := sha256.Sum256([]byte(user))
	return hex.EncodeToString(sum[:4])
}

// searchField is a field of a task as each database names it.
type searchField struct{ weight, column string }

// searchFields are the fields, those that count most first.
var searchFields = []searchField{{"A", "title"}, {"B", "tags"}, {"C", "notes"}}

// tsvector returns the terms of a task as Postgres reads them, a term in the third place of the
// title as 'term':3A.
func tsvector(t *models.Task) string {
	mark := userMark(t.UserID)
	var b strings.Builder
	// Postgres takes a term that it has no statistics of for one in every 200 tasks, which may seem too
	// many for the index. With the user's mark as a second term, which all tasks of the user have, it expects few.
	b.WriteString("'" + mark + "'")
	place := 0
	for i, terms := range words.NewText(t.Title, t.Tags, t.Description) {
		for _, term := range terms {
			place++
			if term != "" {
				b.WriteString(" '" + mark + term + "':" + strconv.Itoa(place) + searchFields[i].weight)
			}
		}
		place++ // so that no phrase reaches into the next field
	}
	return b.String()
}

// noTerm keeps a place in FTS5 where there is no term. It begins with no mark, so nothing finds it.
const noTerm = "x"

// ftsColumns returns the terms of a task as FTS5 reads them, a text for each field.
func ftsColumns(t *models.Task) []any {
	mark := userMark(t.UserID)
	columns := make([]any, len(searchFields))
	for i, terms := range words.NewText(t.Title, t.Tags, t.Description) {
		var b strings.Builder
		for _, term := range terms {
			if term == "" {
				b.WriteString(noTerm + " ")
			} else {
				b.WriteString(mark + term + " ")
			}
		}
		columns[i] = b.String()
	}
	return columns
}

// searchable adds to a row what indexWritten needs.
func (s *Store) searchable(r row) row {
	if s.postgres {
		r.Words = tsvector(&r.Task)
	}
	return r
}

// indexWritten writes the terms of the task that a statement writes.
const indexWritten = `INSERT INTO task_search (task_id, words) SELECT id, CAST(?words AS tsvector) FROM written
	ON CONFLICT (task_id) DO UPDATE SET words = excluded.words`

// indexTasks writes the terms of tasks.
func (s *Store) indexTasks(ctx context.Context, tx bun.IDB, tasks ...*models.Task) error {
	values := make([]string, len(tasks))
	var args []any
	for i, t := range tasks {
		args = append(args, t.ID)
		if s.postgres {
			values[i] = "(?, ?)"
			args = append(args, tsvector(t))
		} else {
			values[i] = "(?, ?, ?, ?)"
			args = append(args, ftsColumns(t)...)
		}
	}
	statement := "REPLACE INTO task_search (rowid, title, tags, notes) VALUES " + strings.Join(values, ", ")
	if s.postgres {
		statement = "INSERT INTO task_search (task_id, words) VALUES " + strings.Join(values, ", ") + " ON CONFLICT (task_id) DO UPDATE SET words = excluded.words"
	}
	_, err := tx.NewRaw(statement, args...).Exec(ctx)
	return err
}

// sameTexts reports whether two states of a task have the same terms.
func sameTexts(a, b *models.Task) bool {
	notes := func(t *models.Task) string {
		if t.Description == nil {
			return ""
		}
		return *t.Description
	}
	return a.Title == b.Title && notes(a) == notes(b) && slices.Equal(a.Tags, b.Tags)
}

// fillSearch writes the terms of all tasks there are.
func (s *Store) fillSearch(ctx context.Context, tx bun.Tx) error {
	var done, total int64
	if err := tx.NewRaw("SELECT count(*) FROM ?task").Scan(ctx, &total); err != nil {
		return err
	}
	for last := int64(0); ; {
		var tasks []*models.Task
		err := tx.NewSelect().Model(&tasks).ModelTableExpr(tableExpr).Column("id", "user_id", "title", "description", "tags").
			Where("t.id > ?", last).OrderExpr("t.id").Limit(batch).Scan(ctx)
		if err != nil {
			return err
		}
		if len(tasks) == 0 {
			break
		}
		if err := s.indexTasks(ctx, tx, tasks...); err != nil {
			return err
		}
		last = tasks[len(tasks)-1].ID
		done += int64(len(tasks))
		s.reporter.tell("preparing searches", done, total)
	}
	if !s.postgres {
		return nil
	}
	// Made here, for all rows at once, which is many times faster than row by row.
	_, err := tx.NewRaw(`ALTER TABLE task_search ADD FOREIGN KEY (task_id) REFERENCES ?task (id) ON DELETE CASCADE;
		CREATE INDEX task_search_words ON task_search USING gin (words)`).Exec(ctx)
	return err
}

// BestMatch is what each phrase of a search adds to the relevance of a task at most, and 1 is the
// least: a phrase counts by the best field that has it, the title, the tags or the description, and less
// when its last word goes on there. Other tasks make no difference, or pages would shift while
// they are written.
const BestMatch = 6

// searching writes searches of a user in SQL. Terms are letters, marks, digits and symbols, none of which
// has a meaning in the languages of the two databases.
type searching struct {
	*conditions
	mark string
}

// found selects the id and the relevance of each task of the user that a search finds, and may select others' tasks.
func (s searching) found(phrases []words.Phrase) string {
	if len(phrases) == 0 {
		return "SELECT 0 AS id, 0 AS relevance WHERE " + never
	}
	relevance := make([]string, len(phrases))
	for i, p := range phrases {
		relevance[i] = s.relevance(p)
	}
	all := make([]string, len(phrases))
	if s.postgres {
		for i, p := range phrases {
			all[i] = "(" + s.tsquery(p, "") + ")"
		}
		return "SELECT s.task_id AS id, " + strings.Join(relevance, " + ") + " AS relevance FROM task_search AS s WHERE s.words @@ " +
			s.arg("'"+s.mark+"' & "+strings.Join(all, " & "))
	}
	for i, p := range phrases {
		all[i] = s.fts(p)
	}
	return "SELECT s.rowid AS id, " + strings.Join(relevance, " + ") + " AS relevance FROM task_search AS s WHERE s.task_search MATCH " +
		s.arg(strings.Join(all, " AND "))
}

// relevance is what a phrase adds to the relevance of a task that has it.
func (s searching) relevance(p words.Phrase) string {
	var b strings.Builder
	b.WriteString("CASE")
	for i, field := range searchFields {
		points := BestMatch - 2*i
		if p.Unfinished {
			whole := p
			whole.Prefix = false
			b.WriteString(" WHEN " + s.has(whole, field) + " THEN " + strconv.Itoa(points))
			points--
		}
		if i < len(searchFields)-1 {
			b.WriteString(" WHEN " + s.has(p, field) + " THEN " + strconv.Itoa(points))
		} else {
			b.WriteString(" ELSE " + strconv.Itoa(points) + " END")
		}
	}
	return b.String()
}

// has tests whether a task has a phrase in a field.
func (s searching) has(p words.Phrase, in searchField) string {
	if s.postgres {
		return "s.words @@ " + s.arg(s.tsquery(p, in.weight))
	}
	return "s.rowid IN (SELECT rowid FROM task_search WHERE task_search MATCH " + s.arg(in.column+" : "+s.fts(p)) + ")"
}

// tsquery writes a phrase as Postgres reads it, within the fields of that weight or, with none, any field.
func (s searching) tsquery(p words.Phrase, weight string) string {
	var b strings.Builder
	for i, term := range p.Terms {
		if i > 0 {
			b.WriteString(" <-> ")
		}
		b.WriteString("'" + s.mark + term + "':" + weight)
		if p.Prefix && i == len(p.Terms)-1 {
			b.WriteString("*")
		}
	}
	return b.String()
}

// fts writes a phrase as FTS5 reads it.
func (s searching) fts(p words.Phrase) string {
	phrase := `"` + s.mark + strings.Join(p.Terms, " "+s.mark) + `"`
	if p.Prefix {
		phrase += "*"
	}
	return phrase
}
