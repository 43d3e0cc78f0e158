package rest

import (
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// update is the change of a task that a body requests.
type update struct {
	models.UpdateTaskInput
	// dues and completions are the different values of the names of one field, in the order of precedence. If there are
	// several, settle chooses one.
	dues        []*models.DueInput
	completions []bool
	// change holds the tags and what is kept in tags. If keeps is set, settle makes the tags of it.
	change
	keeps bool
	// sign is what webSign says of the body.
	sign string
}

// dependsOnStored reports whether the stored task decides what the update is.
func (u *update) dependsOnStored() bool { return len(u.dues) > 1 || len(u.completions) > 1 || u.keeps }

// maxTries is the maximum number of attempts for a change that concurrent writes to the same task interfere with, each of
// which has succeeded.
const maxTries = 1000

// change updates a task. If the stored task decides what the update is, the write requires the version of that task.
func (a *adapter) write(r *http.Request, id string, input update, expected *int) (write *tasks.Write, err error) {
	if !input.dependsOnStored() {
		return a.Service.Update(r.Context(), id, input.UpdateTaskInput, expected, nil)
	}
	for range maxTries {
		stored, readErr := a.stored(r, id)
		if readErr != nil {
			return nil, readErr
		}
		input.settle(stored)
		version := int(stored.Version)
		if expected != nil {
			version = *expected
		}
		write, err = a.Service.Update(r.Context(), id, input.UpdateTaskInput, &version, nil)
		if expected != nil || !isConflict(err) {
			return write, err
		}
	}
	return nil, err
}

func isConflict(err error) bool {
	var refused models.UserErrors
	if !errors.As(err, &refused) {
		return false
	}
	_, conflict := refused[0].(models.VersionConflict)
	return conflict
}

// settle completes the update for a stored task. It chooses one of the values of names that disagree. A client may send a task back as it read it, with only one of two
// names changed: so the value that differs from the stored one is the change. If several differ, the first name wins.
func (u *update) settle(stored *models.Task) {
	if len(u.dues) > 1 {
		for _, due := range u.dues {
			if !sameDue(due, storedDue(stored)) {
				u.Due = graphql.OmittableOf(due)
				break
			}
		}
	}
	if len(u.completions) > 1 { // one of them is the change
		completed := !stored.Completed
		u.Completed = graphql.OmittableOf(&completed)
	}
	if u.keeps {
		u.Tags = u.change.of(stored)
	}
}

// storedDue returns the due date of a task, or nil if it has none.
func storedDue(t *models.Task) *models.DueInput {
	switch {
	case t.Due == nil:
		return nil
	case t.DueKind == nil || *t.DueKind == models.DueInstant:
		return &models.DueInput{At: t.Due}
	case *t.DueKind == models.DueDay:
		return &models.DueInput{Date: &models.Date{Time: *t.Due}}
	default:
		return &models.DueInput{Local: t.Due}
	}
}

func sameDue(a, b *models.DueInput) bool {
	if a == nil || b == nil {
		return a == b
	}
	same := func(a, b *time.Time) bool { return a == nil && b == nil || a != nil && b != nil && a.Equal(*b) }
	day := func(d *models.Date) *time.Time {
		if d == nil {
			return nil
		}
		return &d.Time
	}
	return same(a.At, b.At) && same(a.Local, b.Local) && same(day(a.Date), day(b.Date))
}
