package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
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

var escapeTag = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

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
