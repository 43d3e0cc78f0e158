package models

import "time"

// DueKind tells what a task's Due means.
type DueKind string

const (
	// DueDay is a whole day: Due is its midnight, its digits read as UTC.
	DueDay DueKind = "DATE"
	// DueLocal is a wall-clock time without a zone: Due holds its digits read as UTC.
	DueLocal DueKind = "LOCAL"
	// DueInstant is a point in time: Due is that instant.
	DueInstant DueKind = "INSTANT"
)

// DueInput says when a task is due. Exactly one field is set.
type DueInput struct {
	// Date is a whole day, wherever the user is.
	Date *Date
	// At is an instant.
	At *time.Time
	// Local is a wall-clock time without a zone, its digits read as UTC. Only REST has it.
	Local *time.Time
}

// value returns the columns that keep the input.
func (in DueInput) value() (*time.Time, *DueKind) {
	due, kind := in.At, DueInstant
	switch {
	case in.Date != nil:
		due, kind = &in.Date.Time, DueDay
	case in.Local != nil:
		due, kind = in.Local, DueLocal
	}
	at := Timestamp(*due)
	return &at, &kind
}

func (t *Task) dueKind() DueKind {
	if t.DueKind == nil {
		return DueInstant
	}
	return *t.DueKind
}

// DueEnd returns what the task is sorted by: its Due, a whole day counting as due in the last
// microsecond of that day, in UTC. It is nil when there is no due date.
func (t *Task) DueEnd() *time.Time {
	if t.Due == nil || t.dueKind() != DueDay {
		return t.Due
	}
	end := t.Due.Add(24*time.Hour - time.Microsecond)
	return &end
}

// DueOn returns the day the task is due in zone, or nil when it has no due date.
func (t *Task) DueOn(zone *time.Location) *Date {
	if t.Due == nil {
		return nil
	}
	due := t.Due.UTC()
	if t.dueKind() == DueInstant {
		due = due.In(zone)
	}
	day := NewDate(due.Date())
	if day.Year() > 9999 { // east of Greenwich, in the last hours that a date can have
		day = NewDate(9999, time.December, 31)
	} else if day.Year() < 1 {
		day = NewDate(1, time.January, 1)
	}
	return &day
}

// DueTime returns the instant the task is due in UTC, a wall-clock time being read in zone. It is
// nil for an all-day task and for one without a due date.
func (t *Task) DueTime(zone *time.Location) *time.Time {
	if t.Due == nil || t.dueKind() == DueDay {
		return nil
	}
	at := t.Due.UTC()
	if t.dueKind() == DueLocal {
		at = wallClock(at, zone).UTC()
	}
	return &at
}

// Overdue reports whether the task is open and past due at now: a day when it has ended in zone, a
// wall-clock time when it has passed in zone, an instant when it has passed.
func (t *Task) Overdue(now time.Time, zone *time.Location) bool {
	if t.Completed || t.Due == nil {
		return false
	}
	if t.dueKind() == DueDay {
		due := t.Due.UTC()
		end := wallClock(due.AddDate(0, 0, 1), zone)
		return !now.Before(end)
	}
	return t.DueTime(zone).Before(now)
}

// wallClock returns the first instant at which clocks in zone show the digits of t, which are read as
// UTC, or later ones, where the clocks jump over them. (time.Date chooses neither on purpose.)
func wallClock(t time.Time, zone *time.Location) time.Time {
	// From before the answer, whatever the zone, over one change of its offset after the other.
	at := t.Add(-26 * time.Hour).In(zone)
	for {
		start, end := at.ZoneBounds()
		_, offset := at.Zone()
		shown := t.Add(-time.Duration(offset) * time.Second)
		if shown.Before(start) {
			return start
		}
		if end.IsZero() || shown.Before(end) {
			return shown
		}
		at = end
	}
}
