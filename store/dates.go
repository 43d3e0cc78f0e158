package store

import (
	"time"

	"taskql/models"
)

// instant returns the condition of a filter on a column of instants that may be NULL.
func (c *conditions) instant(column string, f *models.DateTimeFilter) string {
	var terms []string
	for _, test := range []struct {
		operator string
		value    *time.Time
	}{{" < ", f.Lt}, {" <= ", f.Lte}, {" > ", f.Gt}, {" >= ", f.Gte}} {
		if test.value != nil {
			terms = append(terms, present(column), column+test.operator+c.arg(test.value.UTC()))
		}
	}
	if f.IsNull != nil {
		terms = append(terms, isNull(column, *f.IsNull))
	}
	return allOf(terms...)
}

func (c *conditions) dueDate(f *models.DateFilter) string {
	day := func(d models.Date) string { return allOf(c.dueSince(d), not(c.dueSince(after(d)))) }
	var terms []string
	if f.Eq != nil {
		terms = append(terms, day(*f.Eq))
	}
	if f.Neq != nil {
		terms = append(terms, not(day(*f.Neq)))
	}
	if f.In != nil {
		var days []string
		for _, d := range f.In {
			days = append(days, day(*d))
		}
		terms = append(terms, oneOf(days...))
	}
	if f.Lt != nil {
		terms = append(terms, present("t.due_date"), not(c.dueSince(*f.Lt)))
	}
	if f.Lte != nil {
		terms = append(terms, present("t.due_date"), not(c.dueSince(after(*f.Lte))))
	}
	if f.Gt != nil {
		terms = append(terms, c.dueSince(after(*f.Gt)))
	}
	if f.Gte != nil {
		terms = append(terms, c.dueSince(*f.Gte))
	}
	if f.IsNull != nil {
		terms = append(terms, isNull("t.due_date", *f.IsNull))
	}
	return allOf(terms...)
}

func after(d models.Date) models.Date { return models.Date{Time: d.AddDate(0, 0, 1)} }

// windows returns the condition that a task is in one of the windows.
func (c *conditions) windows(windows []models.DueWindow) string {
	today := models.Today(c.now, c.zone)
	span := func(from, days int) string {
		begin := models.Date{Time: today.AddDate(0, 0, from)}
		return allOf(c.dueSince(begin), not(c.dueSince(models.Date{Time: begin.AddDate(0, 0, days)})))
	}
	var terms []string
	for _, window := range windows {
		switch window {
		case models.DueWindowOverdue:
			terms = append(terms, c.overdue())
		case models.DueWindowToday:
			terms = append(terms, span(0, 1))
		case models.DueWindowTomorrow:
			terms = append(terms, span(1, 1))
		case models.DueWindowNext7Days:
			terms = append(terms, span(0, 7))
		case models.DueWindowNoDueDate:
			terms = append(terms, isNull("t.due_date", true))
		}
	}
	return oneOf(terms...)
}

// dueSince returns the condition that a task is due on that day or later. A day and a local time count by their digits, an instant
// by the local time in the zone.
func (c *conditions) dueSince(day models.Date) string {
	switch { // a local time outside the range of dates counts as the first or the last day
	case day.Year() > 9999:
		return never
	case !day.After(models.NewDate(1, time.January, 1).Time):
		return present("t.due_date")
	}
	digits := c.notBefore(day.Time)
	if c.zone == time.UTC {
		return allOf(present("t.due_date"), digits)
	}
	var spans []string
	for _, span := range models.WallClockReached(day.Time, c.zone) {
		term := c.notBefore(span.From)
		if !span.Until.IsZero() {
			term = allOf(term, not(c.notBefore(span.Until)))
		}
		spans = append(spans, term)
	}
	return allOf(present("t.due_date"),
		"CASE WHEN coalesce(t.due_kind, 'INSTANT') <> 'INSTANT' THEN "+digits+" ELSE "+oneOf(spans...)+" END")
}

// notBefore returns the condition that a due date, which is not NULL, is at or after a time. The time may be outside the range of the databases.
func (c *conditions) notBefore(at time.Time) string {
	switch year := at.Year(); {
	case year < 1:
		return always
	case year > 9999:
		return never
	}
	return "(t.due_date >= " + c.arg(at) + ")"
}

// overdue returns Task.Overdue in SQL.
func (c *conditions) overdue() string {
	// A day is over once clocks have shown its end; a local time has passed once they have shown later digits.
	ended := models.LatestWallClock(c.now, c.zone).Add(-24 * time.Hour)
	passed := models.LatestWallClock(c.now.Add(-time.Microsecond), c.zone)
	return "(NOT t.completed AND t.due_date IS NOT NULL AND CASE t.due_kind WHEN 'DATE' THEN t.due_date <= " + c.arg(ended) +
		" WHEN 'LOCAL' THEN t.due_date <= " + c.arg(passed) + " ELSE t.due_date < " + c.arg(c.now) + " END)"
}
