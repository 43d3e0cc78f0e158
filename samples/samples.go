// Package samples makes up tasks to try taskql with.
package samples

import (
	"iter"
	"math/rand/v2"
	"time"

	"taskql/models"
)

// Task is a task that somebody may have, and what became of it.
type Task struct {
	models.CreateTaskInput
	// CreatedAt is when it was made, DoneAt and TrashedAt, when they are not nil, when it was done and
	// moved to the trash.
	CreatedAt         time.Time
	DoneAt, TrashedAt *time.Time
}

const (
	// age is how long ago the first task was made.
	age = 60 * 24 * time.Hour
	// inTrash is how long tasks lie in the trash at most, which is before they are removed for good.
	inTrash = 20 * 24 * time.Hour
)

// Tasks makes n tasks of the two months before now, the oldest first, due from a week ago to three weeks from
// now. The same seed and the same now give the same tasks.
func Tasks(seed uint64, n int, now time.Time) iter.Seq[Task] {
	return func(yield func(Task) bool) {
		m := maker{rand.New(rand.NewPCG(seed, 1)), models.Timestamp(now)}
		for i := range n {
			t := m.task(m.now.Add(-age / time.Duration(n) * time.Duration(n-i)))
			if i == 0 {
				t.TrashedAt = nil // it is the one that the playground's example completes
			}
			if !yield(t) {
				return
			}
		}
	}
}

type maker struct {
	*rand.Rand
	now time.Time
}

func pick[T any](m maker, from []T) T { return from[m.IntN(len(from))] }

// percent is true so many times of a hundred.
func (m maker) percent(times int) bool { return m.IntN(100) < times }

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
		at := m.now.Add(-inTrash)
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

// since is a moment between another and now.
func (m maker) since(at time.Time) *time.Time {
	at = models.Timestamp(at.Add(time.Duration(m.Int64N(int64(m.now.Sub(at)) + 1))))
	return &at
}

// due says when the task is due, if it is, in one of the three ways there are, and reports whether
// that is past.
func (m maker) due(t *Task) (past bool) {
	if m.percent(25) {
		return false
	}
	days := m.IntN(29) - 7
	if m.percent(20) {
		days = m.IntN(2) // today and tomorrow have the most
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
