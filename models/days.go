package models

import "time"

// Span is a stretch of time, From it begins, Until it has ended; a zero Until never comes.
type Span struct{ From, Until time.Time }

// reach is further than the clocks of any zone are from UTC.
const reach = 26 * time.Hour

// ShownSince returns the instants at which clocks in zone show the digits of t, which are read as
// UTC, or later ones: all from one instant on, and where clocks are set back over t, a stretch before it as well.
func ShownSince(t time.Time, zone *time.Location) []Span {
	var spans []Span
	for at := t.Add(-reach).In(zone); ; {
		start, end := at.ZoneBounds()
		_, offset := at.Zone()
		from := t.Add(-time.Duration(offset) * time.Second)
		if from.Before(start) {
			from = start
		}
		if last := len(spans) - 1; last >= 0 && spans[last].Until.Equal(from) {
			spans[last].Until = end
		} else if end.IsZero() || from.Before(end) {
			spans = append(spans, Span{from.UTC(), end.UTC()})
		}
		if end.IsZero() || end.After(t.Add(reach)) {
			spans[len(spans)-1].Until = time.Time{}
			return spans
		}
		at = end
	}
}

// LatestShown returns the latest digits, as UTC, that clocks in zone have shown up to at. They are
// ahead of the clocks for a while after these were set back.
func LatestShown(at time.Time, zone *time.Location) time.Time {
	var latest time.Time
	for period := at.Add(-2 * reach).In(zone); ; {
		_, end := period.ZoneBounds()
		_, offset := period.Zone()
		last := at
		if !end.IsZero() && !end.After(at) {
			last = end.Add(-time.Microsecond)
		}
		if shown := last.UTC().Add(time.Duration(offset) * time.Second); shown.After(latest) {
			latest = shown
		}
		if end.IsZero() || end.After(at) {
			return latest
		}
		period = end
	}
}

// Today returns the day that clocks in zone show at now.
func Today(now time.Time, zone *time.Location) Date {
	return NewDate(now.In(zone).Date())
}
