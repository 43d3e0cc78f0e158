// Package samples generates sample tasks for trying out taskql.
package samples

import (
	"iter"
	"math/rand/v2"
	"time"

	"taskql/models"
)

// Task is a sample task and its history.
type Task struct {
	models.CreateTaskInput
	// CreatedAt is the time of creation.
	CreatedAt time.Time
	// DoneAt is the time of completion, nil for an open task. TrashedAt is the time when the task was moved to the
	// trash, nil for a task outside of it. Neither is before CreatedAt.
	DoneAt, TrashedAt *time.Time
}

const (
	// history is the age of the oldest task.
	history = 60 * 24 * time.Hour
	// trashAge is the longest time since a task was moved to the trash. It is shorter than the default of TRASH_DAYS,
	// so that no sample is purged at once.
	trashAge = 20 * 24 * time.Hour
)

// Tasks generates n tasks that were created in the 60 days before now, the oldest first. Due dates are from a week
// before now to three weeks after it. The result depends only on the arguments.
func Tasks(seed uint64, n int, now time.Time) iter.Seq[Task] {
	return func(yield func(Task) bool) {
		m := maker{rand.New(rand.NewPCG(seed, 1)), models.Timestamp(now)}
		for i := range n {
			t := m.task(m.now.Add(-history / time.Duration(n) * time.Duration(n-i)))
			if i == 0 {
				t.TrashedAt = nil // the playground's example completes this task
			}
			if !yield(t) {
				return
			}
		}
	}
}

// maker generates tasks from random numbers.
type maker struct {
	*rand.Rand
	now time.Time
}

// pick returns a random element.
func pick[T any](m maker, from []T) T { return from[m.IntN(len(from))] }

// percent returns true with a probability of p percent.
func (m maker) percent(p int) bool { return m.IntN(100) < p }

func (m maker) task(created time.Time) Task {
	area := pick(m, areas)
	t := Task{CreatedAt: created}
	t.Title, t.Tags, t.Priority = pick(m, area.titles), []string{area.tag}, models.PriorityMedium
	if m.percent(30) {
		t.Tags = append(t.Tags, pick(m, contexts))
	}
	if m.percent(25) {
		t.Priority = models.PriorityHigh
	} else if m.percent(30) {
		t.Priority = models.PriorityLow
	}
	if m.percent(35) {
		notes := pick(m, notes)
		t.Description = &notes
	}
	past := m.due(&t)
	if m.percent(20) || past && m.percent(60) {
		t.DoneAt = m.since(created)
	}
	if m.percent(5) {
		at := m.now.Add(-trashAge)
		if created.After(at) {
			at = created
		}
		if t.DoneAt != nil && t.DoneAt.After(at) {
			at = *t.DoneAt
		}
		t.TrashedAt = m.since(at)
	}
	return t
}

// since returns a random time from at to now.
func (m maker) since(at time.Time) *time.Time {
	at = models.Timestamp(at.Add(time.Duration(m.Int64N(int64(m.now.Sub(at)) + 1))))
	return &at
}

// due sets a due date of a random kind, or none. It reports whether the due date is before today.
func (m maker) due(t *Task) (past bool) {
	if m.percent(25) {
		return false
	}
	days := m.IntN(29) - 7
	if m.percent(20) {
		days = m.IntN(2) // more tasks are due today and tomorrow than on other days
	}
	day := models.NewDate(m.now.Date())
	day.Time = day.AddDate(0, 0, days)
	at := day.Add(time.Duration(8*60+15*m.IntN(4*11)) * time.Minute)
	switch kind := m.IntN(10); {
	case kind < 6:
		t.Due = &models.DueInput{Date: &day}
	case kind < 8:
		t.Due = &models.DueInput{At: &at}
	default:
		t.Due = &models.DueInput{Local: &at}
	}
	return days < 0
}
