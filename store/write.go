package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"taskql/models"
)

// Every write increments its user's counter and stores the new number as the task's version. Each statement updates the
// counter first: its row lock orders all writes of a user and prevents deadlocks.
//
// A write consists of two statements. The first increments the counter, in the present era (history.go), if there is something to write; the second writes the task.
// On PostgreSQL the first is a common table expression of the second, which saves a round trip. SQLite does not support
// that and runs both in one transaction.

// Create stores a new task on top of the others and sets its ID, Position and Version. It stores nothing and returns the zero
// ChangeID if the user's changes have reached limit, so that the user might be at the quota; the caller must then count.
func (s *Store) Create(ctx context.Context, t *models.Task, limit int) (ChangeID, error) {
	insert := `INSERT INTO ?task (user_id, title, description, priority, tags, due_date, completed,
			created_at, updated_at, due_kind, completed_at, title_lower, notes_lower, tags_lower, due_end, position, version)
		SELECT ?user_id, ?title, ?description, ?priority, ?tags, ?due_date, ?completed, ?created_at, ?updated_at,
			?due_kind, ?completed_at, ?title_lower, ?notes_lower, ?tags_lower, ?due_end, ` + models.TopPositionSQL("n") + `, n
		FROM number RETURNING ` + columns
	args := struct {
		row
		Limit         int
		TrashedBefore schema.QueryWithArgs
	}{newRow(t), limit, s.trashedBefore(t.UpdatedAt)}
	terms := s.storeTerms(&args.row, true)
	id, err := s.writeOne(ctx, write{t.UserID, "n - skipped < ?limit", insert, args, t.UpdatedAt, terms}, t)
	if err != nil {
		return id, s.creating("create", err)
	}
	return id, nil
}

// Update replaces was with t, which has the same version, and sets t.Version to the new version. It writes nothing and returns the
// zero ChangeID if the stored version differs or the task is purged or in the trash.
func (s *Store) Update(ctx context.Context, was, t *models.Task) (ChangeID, error) {
	const where = "id = ?task_id AND " + ofUser + "?user_id AND deleted_at IS NULL AND version = ?expected"
	const set = `title = ?title, description = ?description, priority = ?priority, tags = ?tags, due_date = ?due_date,
		due_kind = ?due_kind, completed = ?completed, completed_at = ?completed_at, updated_at = ?updated_at,
		title_lower = ?title_lower, notes_lower = ?notes_lower, tags_lower = ?tags_lower, due_end = ?due_end`
	args, terms := struct {
		row
		TaskID, Expected number
		TrashedBefore    schema.QueryWithArgs
	}{newRow(t), number(t.ID), number(t.Version), s.trashedBefore(t.UpdatedAt)}, ""
	if !s.sameTerms(was, t) {
		terms = s.storeTerms(&args.row, false)
	}
	id, err := s.writeOne(ctx, write{t.UserID, existsTask(where), updateTask(set, where), args, t.UpdatedAt, terms}, t)
	if err != nil {
		return id, fmt.Errorf("store: update: %w", err)
	}
	return id, nil
}

// Transition is a change of a task's state that does not depend on reading the task first.
type Transition int

// The transitions. Each applies only to tasks that it changes.
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

// Apply makes a transition on one task and returns its new state. It writes nothing and returns nil if the user has no
// such task, if the transition changes nothing, or if expected is set and differs from the task's version.
func (s *Store) Apply(ctx context.Context, change Transition, user string, id int64, expected *int, now time.Time) (*models.Task, ChangeID, error) {
	args := struct {
		UserID   string
		ID       number
		Expected number
		Now      time.Time

		TrashedBefore schema.QueryWithArgs
	}{UserID: user, ID: number(id), Now: now, TrashedBefore: s.trashedBefore(now)}
	where := "id = ?id AND " + ofUser + "?user_id AND " + transitions[change].when
	if expected != nil {
		args.Expected = number(*expected)
		where += " AND version = ?expected"
	}
	t := new(models.Task)
	made, err := s.writeOne(ctx, write{user, existsTask(where), updateTask(transitions[change].set+", updated_at = ?now", where), args, now, ""}, t)
	if err != nil {
		return nil, made, fmt.Errorf("store: apply: %w", err)
	}
	if made == (ChangeID{}) {
		return nil, made, nil
	}
	return t, made, nil
}

// ofUser begins a comparison of the user of a task that is selected by its id. No index on users can answer it. PostgreSQL expects one task
// of a user who is not in its statistics, and would read all of them by such an index to find one.
const ofUser = "user_id || '' = "

// existsTask is the condition of a counter that a task matches where. On PostgreSQL the task may change while the statement waits
// for the counter's lock. The write then finds no task, and the number stays unused.
func existsTask(where string) string { return "EXISTS (SELECT 1 FROM ?task WHERE " + where + ")" }

func updateTask(set, where string) string {
	return "UPDATE ?task SET " + set + ", version = number.n FROM number WHERE " + where + " RETURNING " + columns
}

// write is a change of one task.
type write struct {
	user string
	// where is the condition on the user's counter under which there is something to write.
	where string
	// statement stores the task with the new number, number.n, as version, and returns the task.
	statement string
	// args has the arguments of both, and ?user_id and ?trashed_before. With terms it must have the row that storeTerms has set.
	args any
	now  time.Time
	// terms is the result of storeTerms if the search terms are to be stored too.
	terms string
}

// writeOne runs a write. It advances the user's counter, stores the task, and sets dest to it. It returns the zero ChangeID if either
// statement finds nothing to write.
func (s *Store) writeOne(ctx context.Context, w write, dest *models.Task) (id ChangeID, err error) {
	var written *models.Task
	looks, old, tooOld := s.looksForOldTrash(w.user, w.now), notExpired, false
	if looks {
		old = expired
	}
	for tries, again := 0, true; again && written == nil && tries < maxTries; tries++ {
		era := s.era.Load()
		number := s.takeNumbers(era, "?user_id", "1", w.where)
		if s.postgres {
			written, err = s.writeAtOnce(ctx, number, old, w, &tooOld)
		} else {
			written, err = s.writeInTwo(ctx, number, old, w, &tooOld)
		}
		if err == nil && written == nil {
			again, err = s.learnEra(ctx, w.user, era, w.where, w.args)
		}
		if err != nil {
			return ChangeID{}, err
		}
		if written != nil {
			id = ChangeID{written.Version, era}
		}
	}
	if written == nil {
		return ChangeID{}, nil
	}
	*dest = *written
	if s.InTransaction() {
		*s.last = id
	} else {
		s.commit(w.user, id)
	}
	if looks && !tooOld {
		s.looked.Add(w.user, w.now)
	}
	if merges := s.mergesTerms(id.Number-1, id.Number); tooOld || merges {
		return id, s.tidyAfter(ctx, w, tooOld, merges)
	}
	return id, nil
}

// tidyTimeout is how long a write may take to tidy. It need not succeed.
const tidyTimeout = 5 * time.Second

// tidyAfter does what a write has found to be due. Within a transaction that is a part of it, with its context and its errors. Otherwise the write is
// committed, and no error can be its result: a later write tidies. A client that goes away must not keep this from ever being done.
func (s *Store) tidyAfter(ctx context.Context, w write, tooOld, merges bool) error {
	if s.InTransaction() {
		return s.tidy(ctx, w, tooOld, merges)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTimeout)
	defer cancel()
	if err := s.Transaction(ctx, w.user, func(s *Store) error { return s.tidy(ctx, w, tooOld, merges) }); err == nil {
		s.untidy.Store(false)
	} else if !s.untidy.Swap(true) {
		due := "expired tasks could not be purged from the trash"
		if merges {
			due = "the search terms of recent tasks could not be merged, and searches become slower"
		}
		s.notice(due + "; later writes try it again: " + Cause(err).Error())
	}
	return nil
}

// tidy is tidyAfter. Call it inside Transaction only.
func (s *Store) tidy(ctx context.Context, w write, tooOld, merges bool) error {
	if tooOld {
		if err := s.PurgeExpired(ctx, w.user, w.now); err != nil {
			return err
		}
	}
	if merges {
		return s.mergeTerms(ctx, w.user)
	}
	return nil
}

// writeAtOnce is writeOne on PostgreSQL.
func (s *Store) writeAtOnce(ctx context.Context, number, old string, w write, tooOld *bool) (*models.Task, error) {
	statement := " " + w.statement + old
	if w.terms != "" {
		statement = ", written AS (" + w.statement + "), " + w.terms + " SELECT " + columns + old + " FROM written"
	}
	return s.oneTask(ctx, s.write, s.write.NewRaw("WITH number AS ("+number+")"+statement, w.args), tooOld)
}

// writeInTwo is writeOne on SQLite.
func (s *Store) writeInTwo(ctx context.Context, number, old string, w write, tooOld *bool) (written *models.Task, err error) {
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var n int64
		if ok, err := s.first(ctx, tx, tx.NewRaw(number, w.args), &n); !ok {
			return err
		}
		const number = "WITH number AS (SELECT n FROM task_counter WHERE user_id = ?user_id) "
		written, err = s.oneTask(ctx, tx, tx.NewRaw(number+w.statement+old, w.args), tooOld)
		if written != nil && w.terms != "" {
			err = s.indexTasks(ctx, tx, written)
		}
		return err
	})
	return written, err
}

// A write looks whether the user's trash holds tasks older than TrashFor. It does not look again within lookPause, at least not in the same
// process, because that costs the database as much as another index. So such tasks may stay that much longer.
const (
	lookPause = time.Hour
	// maxLooked is how many users are remembered.
	maxLooked  = 10_000
	expired    = ", EXISTS (SELECT 1 FROM ?task WHERE user_id = ?user_id AND deleted_at < ?trashed_before) AS expired"
	notExpired = ", FALSE AS expired"
)

// looksForOldTrash reports whether a write of the user at now is to look for tasks that are too old.
func (s *Store) looksForOldTrash(user string, now time.Time) bool {
	if s.TrashFor == 0 {
		return false
	}
	last, known := s.looked.Get(user)
	return !known || now.Before(last) || now.Sub(last) >= min(lookPause, s.TrashFor)
}
