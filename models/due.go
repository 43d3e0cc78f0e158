package models

import "time"

// DueKind states how a task's Due is to be read.
type DueKind string

const (
	// DueDay is a whole day: Due is midnight of that day in UTC.
	DueDay DueKind = "DATE"
	// DueLocal is a wall-clock time without a zone: Due has the same digits, as UTC.
	DueLocal DueKind = "LOCAL"
	// DueInstant is a point in time: Due is that instant.
	DueInstant DueKind = "INSTANT"
)

// DueInput states when a task is due. Exactly one field is set.
type DueInput struct {
	// Date is a whole day, wherever the user is.
	Date *Date
	// At is an instant.
	At *time.Time
	// Local is a wall-clock time without a zone, its digits written as UTC. Only REST accepts it.
	Local *time.Time
}

// value returns the values of the columns due_date and due_kind.
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

// DueEnd returns the instant by which the task is sorted: its Due, or for a whole day the last
// microsecond of that day in UTC. It returns nil if the task has no due date.
func (t *Task) DueEnd() *time.Time {
	if t.Due == nil || t.dueKind() != DueDay {
		return t.Due
	}
	end := t.Due.Add(24*time.Hour - time.Microsecond)
	return &end
}

// DueOn returns the calendar day in zone on which the task is due, or nil if it has no due date.
func (t *Task) DueOn(zone *time.Location) *Date {
	if t.Due == nil {
		return nil
	}
	due := t.Due.UTC()
	if t.dueKind() == DueInstant {
		due = due.In(zone)
	}
	day := NewDate(due.Date())
	if day.Year() > 9999 { // the zone's offset moves the day out of the range of a Date
		day = NewDate(9999, time.December, 31)
	} else if day.Year() < 1 {
		day = NewDate(1, time.January, 1)
	}
	return &day
}

// DueTime returns the instant, in UTC, at which the task is due. A wall-clock time is read in zone. It
// returns nil for a whole day and for a task without a due date.
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

// Overdue reports whether the task is open and past due at now. A whole day is past due once it has ended in
// zone, a wall-clock time once it has passed in zone, and an instant once it has passed.
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

// wallClock returns the first instant at which the wall clock in zone shows t or later. The digits of t are read as
// UTC. It does not use time.Date, which leaves the result open where the clocks skip or repeat a time.
func wallClock(t time.Time, zone *time.Location) time.Time {
	// The search starts before the result in any zone and visits one period of constant offset after another.
	at := t.Add(-reach).In(zone)
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
