package rest

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

// update is a change of a task as a body states it.
type update struct {
	models.UpdateTaskInput
	// dues and completions are the values that the names of one field state, in the order of precedence. Where there are
	// several, the names disagree, and settle chooses.
	dues        []*models.DueInput
	completions []bool
}

func (u *update) disagrees() bool { return len(u.dues) > 1 || len(u.completions) > 1 }

// settle chooses among the values of names that disagree. A client that sends back the task it has read, with one of
// two names changed, means the value that differs from the stored one. If several differ, the first name goes first.
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
}

// storedDue is the due date of a task, nil when it has none.
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
