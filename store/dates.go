package store

import (
	"maps"
	"slices"
	"strings"
	"time"

	"taskql/models"
)

// instant returns the condition of a filter on a column of instants. Only that of completion may be NULL.
func (c *conditions) instant(column string, f *models.DateTimeFilter) string {
	var terms, known []string
	if column == "t.completed_at" {
		known = []string{present(column)}
	}
	for _, test := range []struct {
		operator string
		value    *time.Time
	}{{" < ", f.Lt}, {" <= ", f.Lte}, {" > ", f.Gt}, {" >= ", f.Gte}} {
		if test.value != nil {
			terms = append(append(terms, known...), column+test.operator+c.arg(test.value.UTC()))
		}
	}
	if f.IsNull != nil {
		terms = append(terms, isNull(column, *f.IsNull))
	}
	return allOf(terms...)
}

func (c *conditions) dueDate(f *models.DateFilter) string {
	var terms []string
	if f.Eq != nil {
		terms = append(terms, c.dueOn(*f.Eq))
	}
	if f.Neq != nil {
		terms = append(terms, not(c.dueOn(*f.Neq)))
	}
	if f.In != nil {
		days := make([]models.Date, len(f.In))
		for i, d := range f.In {
			days[i] = *d
		}
		terms = append(terms, c.dueOn(days...))
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
	var days []models.Date
	var overdue, undated bool
	for _, window := range windows {
		switch window {
		case models.DueWindowOverdue:
			overdue = true
		case models.DueWindowToday:
			days = append(days, today)
		case models.DueWindowTomorrow:
			days = append(days, after(today))
		case models.DueWindowNext7Days:
			for i := range 7 {
				days = append(days, models.Date{Time: today.AddDate(0, 0, i)})
			}
		case models.DueWindowNoDueDate:
			undated = true
		}
	}
	var terms []string
	if overdue {
		terms = append(terms, c.overdue())
	}
	if len(days) > 0 {
		terms = append(terms, c.dueOn(days...))
	}
	if undated {
		terms = append(terms, isNull("t.due_date", true))
	}
	return oneOf(terms...)
}

// dueSince returns the condition that a task is due on that day or later.
func (c *conditions) dueSince(day models.Date) string {
	return c.due(func(zone *time.Location) toggles { return timesSince(day, zone) })
}

// dueOn returns the condition that a task is due on one of the days.
func (c *conditions) dueOn(days ...models.Date) string {
	return c.due(func(zone *time.Location) toggles { return timesOn(days, zone) })
}

// due returns the condition that a task's due date is among times. A day and a local time count by their digits, an instant by
// the local time in the zone.
func (c *conditions) due(times func(zone *time.Location) toggles) string {
	digits := c.within(times(time.UTC))
	if c.zone == time.UTC {
		return allOf(present("t.due_date"), digits)
	}
	return allOf(present("t.due_date"),
		"CASE WHEN coalesce(t.due_kind, 'INSTANT') <> 'INSTANT' THEN "+digits+" ELSE "+c.within(times(c.zone))+" END")
}

// toggles are the times at which a set of times begins, ends, begins again and so on, in ascending order. All are times that the
// databases can store.
type toggles []time.Time

var firstTime = time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)

// timesSince returns the times at which clocks in zone show a day or a later one. A local time outside the range of dates counts
// as the first or the last day.
func timesSince(day models.Date, zone *time.Location) (t toggles) {
	switch {
	case day.Year() > 9999:
		return nil
	case !day.After(firstTime):
		return toggles{firstTime}
	}
	for _, span := range models.WallClockReached(day.Time, zone) {
		for _, at := range []time.Time{span.From, span.Until} {
			if !at.IsZero() && at.Year() <= 9999 {
				t = append(t, at)
			}
		}
	}
	return t
}

// timesOn returns the times at which clocks in zone show one of the days.
func timesOn(days []models.Date, zone *time.Location) (t toggles) {
	days = slices.CompactFunc(slices.SortedFunc(slices.Values(days), func(a, b models.Date) int { return a.Compare(b.Time) }),
		func(a, b models.Date) bool { return a.Equal(b.Time) })
	var all toggles
	for _, day := range days {
		all = append(append(all, timesSince(day, zone)...), timesSince(after(day), zone)...)
	}
	slices.SortFunc(all, time.Time.Compare)
	for _, at := range all {
		if last := len(t) - 1; last >= 0 && t[last].Equal(at) {
			t = t[:last] // one span ends where the next begins
		} else {
			t = append(t, at)
		}
	}
	return t
}

// daysShown returns the times, in ascending order, at which clocks in zone begin or cease to show one of the days. shown has the day
// that they show from each of these times to the next, by its index in days, and -1 for another day.
func daysShown(days []models.Date, zone *time.Location) (bounds []any, shown []int) {
	at := map[time.Time]int{} // the day that clocks show from then on
	for i, day := range days {
		times := timesOn([]models.Date{day}, zone)
		for j, t := range times {
			if j%2 == 0 {
				at[t] = i
			} else if _, begins := at[t]; !begins {
				at[t] = -1
			}
		}
		if len(times)%2 == 1 {
			bounds = []any{afterAll}
		}
	}
	times := slices.SortedFunc(maps.Keys(at), time.Time.Compare)
	all := make([]any, len(times), len(times)+1)
	for i, t := range times {
		all[i], shown = t, append(shown, at[t])
	}
	return append(all, bounds...), shown
}

// within returns the condition that t.due_date, which is not NULL, is among times. Its number of terms depends on the zone and not on the
// number of times.
func (c *conditions) within(times toggles) string {
	const column = "t.due_date"
	span := func(from, until time.Time) string {
		return "(" + column + " >= " + c.arg(from) + " AND " + column + " < " + c.arg(until) + ")"
	}
	switch {
	case len(times) == 0:
		return never
	case len(times) == 1 && times[0].Equal(firstTime):
		return always
	case len(times) == 1:
		return "(" + column + " >= " + c.arg(times[0]) + ")"
	case len(times) == 2:
		return span(times[0], times[1])
	case c.postgres:
		ranges := make([]string, 0, len(times)/2+1)
		for spans := range slices.Chunk(times, 2) {
			until := ""
			if len(spans) == 2 {
				until = spans[1].Format(time.RFC3339)
			}
			ranges = append(ranges, "["+spans[0].Format(time.RFC3339)+","+until+")")
		}
		return "(" + column + " <@ CAST(" + c.arg("{"+strings.Join(ranges, ",")+"}") + " AS tstzmultirange))"
	}
	// SQLite has no type for ranges. The spans are cut at each midnight in UTC. Most pieces then have one of a few times of
	// day, which depend on the offset of the zone, and are told apart by their date.
	var terms []string
	dates := map[[2]string][]string{} // by the times of day
	for spans := range slices.Chunk(times, 2) {
		if len(spans) == 1 {
			terms = append(terms, c.within(spans))
			continue
		}
		for from := spans[0]; from.Before(spans[1]); {
			midnight := from.Truncate(24*time.Hour).AddDate(0, 0, 1)
			piece := [2]string{from.Format(time.TimeOnly), "24"}
			if spans[1].Before(midnight) {
				piece[1] = spans[1].Format(time.TimeOnly)
			}
			dates[piece] = append(dates[piece], from.Format(time.DateOnly))
			from = midnight
		}
	}
	pieces := slices.SortedFunc(maps.Keys(dates), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, piece := range pieces {
		terms = append(terms, "(substr("+column+", 12) >= "+c.arg(piece[0])+" AND substr("+column+", 12) < "+c.arg(piece[1])+
			" AND "+among(c, "substr("+column+", 1, 10)", dates[piece])+")")
	}
	return oneOf(terms...)
}

// overdue returns Task.Overdue in SQL.
func (c *conditions) overdue() string {
	// A day is over once clocks have shown its end; a local time has passed once they have shown later digits.
	ended := models.LatestWallClock(c.now, c.zone).Add(-24 * time.Hour)
	passed := models.LatestWallClock(c.now.Add(-time.Microsecond), c.zone)
	return "(NOT t.completed AND t.due_date IS NOT NULL AND CASE t.due_kind WHEN 'DATE' THEN t.due_date <= " + c.arg(ended) +
		" WHEN 'LOCAL' THEN t.due_date <= " + c.arg(passed) + " ELSE t.due_date < " + c.arg(c.now) + " END)"
}
