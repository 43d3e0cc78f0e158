package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Every write takes the next number of its user's counter and stores it as the task's version. The
// counter comes first in each statement, so that its row lock orders all writes of one user and no two of them
// can wait for each other.
//
// A write is two statements: one that takes the number, if there is anything to write, and one that
// writes the task with it. On Postgres the first is a common table expression of the second, so
// that one round trip does both; on SQLite, which has no such expressions, both run in one transaction.

const columns = `id, user_id, title, description, priority, tags, due_date, completed, created_at, updated_at,
	due_kind, completed_at, deleted_at, position, version`

// Create stores a new task on top of the others and fills its ID, Position and Version. It reports
// false, and has stored nothing, when the user has made so many changes already that there may be most tasks.
func (s *Store) Create(ctx context.Context, t *models.Task, most int) (bool, error) {
	const number = `INSERT INTO task_counter AS c (user_id, n) VALUES (?user_id, 1)
		ON CONFLICT (user_id) DO UPDATE SET n = c.n + 1 WHERE c.n < ?most RETURNING n`
	// The position falls as the number rises, so that the latest task stands on top without a look
	// at the others. Fifteen digits keep it in byte order.
	const insert = `INSERT INTO ?task (user_id, title, description, priority, tags, due_date, completed,
			created_at, updated_at, due_kind, completed_at, title_lower, notes_lower, tags_lower, due_end, position, version)
		SELECT ?user_id, ?title, ?description, ?priority, ?tags, ?due_date, ?completed, ?created_at, ?updated_at,
			?due_kind, ?completed_at, ?title_lower, ?notes_lower, ?tags_lower, ?due_end, 'h' || CAST(999999999999999 - n AS text), n
		FROM number RETURNING ` + columns
	args := struct {
		row
		Most          int
		TrashedBefore time.Time
	}{s.searchable(newRow(t)), most, s.trashedBefore(t.UpdatedAt)}
	ok, err := s.numbered(ctx, number, insert, args, t, true)
	if err != nil {
		return false, fmt.Errorf("store: create: %w", err)
	}
	return ok, nil
}

// Update stores t in place of was if the task's version in the database is still that of both, and
// sets t.Version to the new one. It reports false when the version is another or the task is gone or trashed.
func (s *Store) Update(ctx context.Context, was, t *models.Task) (bool, error) {
	const where = "id = ?id AND user_id = ?user_id AND deleted_at IS NULL AND version = ?version"
	const set = `title = ?title, description = ?description, priority = ?priority, tags = ?tags, due_date = ?due_date,
		due_kind = ?due_kind, completed = ?completed, completed_at = ?completed_at, updated_at = ?updated_at,
		title_lower = ?title_lower, notes_lower = ?notes_lower, tags_lower = ?tags_lower, due_end = ?due_end`
	args, texts := struct {
		row
		TrashedBefore time.Time
	}{newRow(t), s.trashedBefore(t.UpdatedAt)}, !sameTexts(was, t)
	if texts {
		args.row = s.searchable(args.row)
	}
	ok, err := s.numbered(ctx, takeNumberIf(where), updateTask(set, where), args, t, texts)
	if err != nil {
		return false, fmt.Errorf("store: update: %w", err)
	}
	return ok, nil
}

// Transition is a change of a task's state that needs no look at the task first.
type Transition int

// The transitions. Each finds only tasks in which it has something to change.
const (
	Complete Transition = iota // open → done
	Reopen                     // done → open
	Toggle                     // open ↔ done
	Delete                     // outside → inside the trash
	Restore                    // inside → outside the trash
)

var transitions = [...]struct{ when, set string }{
	Complete: {"deleted_at IS NULL AND NOT completed", "completed = TRUE, completed_at = ?now"},
	Reopen:   {"deleted_at IS NULL AND completed", "completed = FALSE, completed_at = NULL"},
	// coalesce gives the literal the column's type, which CASE alone would not.
	Toggle: {"deleted_at IS NULL", `completed = NOT completed,
		completed_at = CASE WHEN completed THEN NULL ELSE coalesce(completed_at, ?now) END`},
	Delete:  {"deleted_at IS NULL", "deleted_at = ?now"},
	Restore: {"deleted_at IS NOT NULL", "deleted_at = NULL"},
}

// Apply makes a transition on the user's task id and returns the task as it then is. It returns nil,
// and has written nothing, when the user has no such task, when the transition would change nothing,
// or when expected is given and is not the task's version.
func (s *Store) Apply(ctx context.Context, change Transition, user string, id int64, expected *int, now time.Time) (*models.Task, error) {
	args := struct {
		UserID   string
		ID       int64
		Expected int
		Now      time.Time

		TrashedBefore time.Time
	}{UserID: user, ID: id, Now: now, TrashedBefore: s.trashedBefore(now)}
	where := "id = ?id AND user_id = ?user_id AND " + transitions[change].when
	if expected != nil {
		args.Expected = *expected
		where += " AND version = ?expected"
	}
	t := new(models.Task)
	ok, err := s.numbered(ctx, takeNumberIf(where), updateTask(transitions[change].set+", updated_at = ?now", where), args, t, false)
	if err != nil {
		return nil, fmt.Errorf("store: apply: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return t, nil
}

// takeNumberIf takes the next number if there is a task to write. On Postgres the task may change
// while the statement waits for the counter; the second statement then tests it again and finds nothing, and
// the number goes unused.
func takeNumberIf(where string) string {
	return `UPDATE task_counter SET n = n + 1
		WHERE user_id = ?user_id AND EXISTS (SELECT 1 FROM ?task WHERE ` + where + `) RETURNING n`
}

func updateTask(set, where string) string {
	return "UPDATE ?task SET " + set + ", version = number.n FROM number WHERE " + where + " RETURNING " + columns
}

// written is a task as a statement returns it.
type written struct {
	models.Task
	// Expired is whether something has lain in the user's trash too long.
	Expired bool
}

const expired = ", EXISTS (SELECT 1 FROM ?task WHERE user_id = ?user_id AND deleted_at < ?trashed_before) AS expired"

// numbered runs a write: take yields the number, and write, which finds it as number.n, writes the
// task and returns it into dest. With texts the task's terms are written as well, for which args are
// of a searchable row. It reports false when take or write finds nothing to do.
func (s *Store) numbered(ctx context.Context, take, write string, args any, dest *models.Task, texts bool) (ok bool, err error) {
	var w written
	if s.postgres {
		if texts {
			write = ", written AS (" + write + "), indexed AS (" + indexWritten + ") SELECT " + columns + expired + " FROM written"
		} else {
			write += expired
		}
		ok, err = one(ctx, s.write.NewRaw("WITH number AS ("+take+") "+write, args), &w)
	} else {
		err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			var n int64
			if ok, err = one(ctx, tx.NewRaw(take, args), &n); !ok {
				return err
			}
			ok, err = one(ctx, tx.NewRaw(fmt.Sprintf("WITH number(n) AS (VALUES (%d)) ", n)+write+expired, args), &w)
			if ok && texts {
				err = s.indexTasks(ctx, tx, &w.Task)
			}
			return err
		})
	}
	if err != nil || !ok {
		return false, err
	}
	*dest = w.Task
	if w.Expired {
		err := s.Transaction(ctx, dest.UserID, func(s *Store) error { return s.EmptyOld(ctx, dest.UserID, dest.UpdatedAt) })
		if s.Inside() && err != nil { // nothing is stored then
			return false, err
		}
		// Else the write is done, and the next one tries again.
	}
	return true, nil
}
