package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
)

// Writes to several tasks. The caller begins the Transaction. Each write needs a few statements, whatever the number of tasks.
// Each task gets a version of its own, in the order of the list.

// Tasks returns the user's tasks with one of the ids, trashed ones included, by id.
func (s *Store) Tasks(ctx context.Context, user string, ids []int64) (map[int64]*models.Task, error) {
	found := make(map[int64]*models.Task, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	c := &conditions{postgres: s.postgres}
	query := s.read.NewSelect().TableExpr(tableExpr).ColumnExpr(columnsOfList).Where("t."+ofUser+"?", user).Where(among(c, "t.id", ids), c.args...)
	err := s.eachTask(ctx, s.read, query, newTaskScanner(nil, nil), func(t *models.Task) { found[t.ID] = t })
	if err != nil {
		return nil, fmt.Errorf("store: tasks: %w", err)
	}
	return found, nil
}

// Number returns the number of the user's last change.
func (s *Store) Number(ctx context.Context, user string) (n int64, err error) {
	if _, err := one(ctx, s.read.NewRaw("SELECT n FROM task_counter WHERE user_id = ?", user), &n); err != nil {
		return 0, fmt.Errorf("store: number: %w", err)
	}
	return n, nil
}

// CreateAll stores new tasks of a user and sets their ID and Version. It puts those without a Position on top,
// in the order given.
func (s *Store) CreateAll(ctx context.Context, user string, tasks []*models.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	before, err := s.nextVersions(ctx, user, len(tasks))
	if err != nil {
		return fmt.Errorf("store: create all: %w", err)
	}
	rows := make([]string, len(tasks))
	var args []any
	for i, t := range tasks {
		t.Version = before + int64(i) + 1
		if t.Position == "" {
			t.Position = models.TopPosition(before + int64(len(tasks)-i))
		}
		r := newRow(t)
		rows[i] = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		args = append(args, t.UserID, t.Title, t.Description, t.Priority, tagsJSON(t.Tags), t.Due, t.Completed, t.CreatedAt, t.UpdatedAt,
			t.DueKind, t.CompletedAt, r.TitleLower, r.NotesLower, r.TagsLower, r.derived.DueEnd, t.Position, t.Version)
	}
	var made []struct{ ID, Version int64 }
	err = s.write.NewRaw(`INSERT INTO ?task (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at,
			due_kind, completed_at, title_lower, notes_lower, tags_lower, due_end, position, version)
		VALUES `+strings.Join(rows, ", ")+` RETURNING id, version`, args...).Scan(ctx, &made)
	if err != nil {
		return s.creating("create all", err)
	}
	for _, m := range made {
		tasks[m.Version-before-1].ID = m.ID
	}
	if err := s.indexTasks(ctx, s.write, tasks...); err != nil {
		return fmt.Errorf("store: create all: %w", err)
	}
	return nil
}

// UpdateAll stores the fields of tasks, whose states before are was, and sets their Version to the new one.
func (s *Store) UpdateAll(ctx context.Context, user string, was, tasks []*models.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	before, err := s.nextVersions(ctx, user, len(tasks))
	if err != nil {
		return fmt.Errorf("store: update all: %w", err)
	}
	rows := make([]string, len(tasks))
	var args []any
	for i, t := range tasks {
		t.Version = before + int64(i) + 1
		r := newRow(t)
		rows[i] = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		args = append(args, t.ID, t.Version, t.Title, t.Description, t.Priority, tagsJSON(t.Tags), t.Due, t.DueKind, t.Completed,
			t.CompletedAt, t.UpdatedAt, r.TitleLower, r.NotesLower, r.TagsLower, r.derived.DueEnd)
	}
	// A list of NULLs has no type of its own on Postgres.
	instant := func(column string) string {
		if s.postgres {
			return column + " = CAST(v." + column + " AS timestamptz)"
		}
		return column + " = v." + column
	}
	_, err = s.write.NewRaw(`WITH v(id, version, title, description, priority, tags, due_date, due_kind, completed, completed_at, updated_at,
			title_lower, notes_lower, tags_lower, due_end) AS (VALUES `+strings.Join(rows, ", ")+`)
		UPDATE ?task AS t SET version = v.version, title = v.title, description = v.description, priority = v.priority, tags = v.tags,
			due_kind = v.due_kind, completed = v.completed, title_lower = v.title_lower, notes_lower = v.notes_lower, tags_lower = v.tags_lower,
			`+instant("due_date")+", "+instant("completed_at")+", "+instant("updated_at")+", "+instant("due_end")+`
		FROM v WHERE t.id = v.id AND t.`+ofUser+"?", append(args, user)...).Exec(ctx)
	var found []*models.Task // by other terms than before
	for i, t := range tasks {
		if !s.sameTerms(was[i], t) {
			found = append(found, t)
		}
	}
	if err == nil && len(found) > 0 {
		if s.postgres {
			err = s.mergeTerms(ctx, user)
		}
		if err == nil {
			err = s.indexTasks(ctx, s.write, found...)
		}
	}
	if err != nil {
		return fmt.Errorf("store: update all: %w", err)
	}
	return nil
}

func tagsJSON(tags []string) string {
	if len(tags) == 0 {
		return "[]"
	}
	text, err := json.Marshal(tags)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(text)
}

// Selection selects the tasks of a user that a write changes.
type Selection struct {
	where string
	args  []any
	byID  bool
}

// WithIDs selects the tasks with one of the ids.
func WithIDs(ids []int64) Selection {
	if len(ids) == 0 {
		return Selection{where: never}
	}
	return Selection{where: "t.id IN (?)", args: []any{bun.List(ids)}, byID: true}
}

// Completed selects the completed tasks outside the trash.
func Completed() Selection { return Selection{where: "t.completed AND t.deleted_at IS NULL"} }

// Trashed selects the tasks in the trash.
func Trashed() Selection { return Selection{where: "t.deleted_at IS NOT NULL"} }

// trashedBefore returns the time before which a task must be in the trash to be purged at now.
func (s *Store) trashedBefore(now time.Time) schema.QueryWithArgs {
	if s.TrashFor == 0 {
		return bun.SafeQuery("?", time.Time{}.AddDate(1, 0, 0)) // before all times that databases know alike
	}
	return s.before(now, s.TrashFor)
}

// clockTolerance is how far a clock may be ahead of PostgreSQL's.
const clockTolerance = time.Hour

// before returns the time that is age before now, for deciding what has expired. Nothing has expired if the clock of this process
// is ahead of PostgreSQL's: a server with a wrong clock would empty the trash of everybody for good.
func (s *Store) before(now time.Time, age time.Duration) schema.QueryWithArgs {
	if !s.postgres { // which runs on the clock of this process
		return bun.SafeQuery("?", now.Add(-age))
	}
	return bun.SafeQuery("CASE WHEN CAST(? AS timestamptz) < CURRENT_TIMESTAMP THEN CAST(? AS timestamptz) ELSE '-infinity' END",
		s.clock().Add(-clockTolerance), now.Add(-age))
}

// PurgeExpired purges the user's tasks that have been in the trash for longer than TrashFor, the oldest thousand at most.
// Call it inside Transaction only.
func (s *Store) PurgeExpired(ctx context.Context, user string, now time.Time) error {
	if err := s.purgeOldest(ctx, user, bun.SafeQuery("deleted_at < ?", s.trashedBefore(now)), 1000, now); err != nil {
		return fmt.Errorf("store: purge expired: %w", err)
	}
	if err := s.forget(ctx, user, now); err != nil {
		return fmt.Errorf("store: forget: %w", err)
	}
	return nil
}

// PurgeOldest purges the tasks that have been in the trash for longest, at most count. Call it inside Transaction only.
func (s *Store) PurgeOldest(ctx context.Context, user string, count int, now time.Time) error {
	if err := s.purgeOldest(ctx, user, bun.SafeQuery("deleted_at IS NOT NULL"), count, now); err != nil {
		return fmt.Errorf("store: purge oldest: %w", err)
	}
	return nil
}

func (s *Store) purgeOldest(ctx context.Context, user string, some schema.QueryWithArgs, count int, now time.Time) error {
	// A statement of its own: as a part of the others, PostgreSQL would compare each task of the user with each of these.
	var ids []int64
	const oldest = "SELECT id FROM ?task WHERE user_id = ? AND ? ORDER BY deleted_at, id LIMIT ?"
	if err := s.write.NewRaw(oldest, user, some, count).Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return err
	}
	_, _, err := s.Purge(ctx, user, WithIDs(ids), 1, now)
	return err
}

// ApplyAll makes a transition on the selected tasks that it changes. It returns their number and the ids of the first limit.
func (s *Store) ApplyAll(ctx context.Context, change Transition, user string, some Selection, limit int, now time.Time) (ids []int64, count int, err error) {
	some.where = "(" + some.where + ") AND " + transitions[change].when
	ids, count, err = s.writeMany(ctx, user, some, limit, func(chosen chosen) error {
		set := strings.ReplaceAll(transitions[change].set, "?now", "?2")
		_, err := s.write.NewRaw("WITH chosen AS (?0) UPDATE ?task AS t SET "+set+", updated_at = ?2, version = ?1 + chosen.i FROM chosen WHERE t.id = chosen.id AND t."+ofUser+"?3",
			chosen.query, chosen.before, now, user).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("store: apply all: %w", err)
	}
	return ids, count, nil
}

// Purge deletes the selected tasks and leaves a tombstone of each. It returns their number and the ids of the first limit. The
// database deletes their terms with them.
func (s *Store) Purge(ctx context.Context, user string, some Selection, limit int, now time.Time) (ids []int64, count int, err error) {
	ids, count, err = s.writeMany(ctx, user, some, limit, func(chosen chosen) error {
		for _, statement := range []string{
			"WITH chosen AS (?0) INSERT INTO task_tombstone (user_id, version, task_id, purged_at) SELECT ?3, ?1 + chosen.i, chosen.id, ?2 FROM chosen",
			"WITH chosen AS (?0) DELETE FROM ?task WHERE id IN (SELECT id FROM chosen) AND " + ofUser + "?3",
		} {
			if _, err := s.write.NewRaw(statement, chosen.query, chosen.before, now, user).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("store: purge: %w", err)
	}
	return ids, count, nil
}

// chosen are tasks that are about to be written.
type chosen struct {
	// query yields the id of each, and i, which counts them from 1 in the order of the ids.
	query *bun.SelectQuery
	// before is the number before those that were taken for them.
	before int64
}

// writeMany takes a number for each of some tasks and has write write them. It returns how many
// they are and the ids of the first limit.
func (s *Store) writeMany(ctx context.Context, user string, some Selection, limit int, write func(chosen) error) (ids []int64, count int, err error) {
	own := "user_id = "
	if some.byID {
		own = ofUser
	}
	query := func() *bun.SelectQuery {
		return s.read.NewSelect().TableExpr(tableExpr).ColumnExpr("t.id").Where("t."+own+"?", user).Where(some.where, some.args...)
	}
	var first []struct {
		ID    int64
		Total int
	}
	if err := query().ColumnExpr("count(*) OVER () AS total").OrderExpr("t.id").Limit(int64(limit)).Scan(ctx, &first); err != nil || len(first) == 0 {
		return nil, 0, err
	}
	for _, f := range first {
		ids, count = append(ids, f.ID), f.Total
	}
	before, err := s.nextVersions(ctx, user, count)
	if err != nil {
		return nil, 0, err
	}
	return ids, count, write(chosen{query().ColumnExpr("row_number() OVER (ORDER BY t.id) AS i"), before})
}
