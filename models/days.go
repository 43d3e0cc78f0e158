package models

import "time"

// Interval is the half-open range of instants [From, Until). A zero Until means that the range has no end.
type Interval struct{ From, Until time.Time }

// reach is longer than the largest offset of any zone from UTC.
const reach = 26 * time.Hour

// WallClockReached returns the intervals, in ascending order, in which the wall clock in zone shows t or later. The
// digits of t are read as UTC. The last interval has no end. An earlier one exists only where the clocks are set back over t.
func WallClockReached(t time.Time, zone *time.Location) []Interval {
	var intervals []Interval
	for at := t.Add(-reach).In(zone); ; {
		start, end := at.ZoneBounds()
		_, offset := at.Zone()
		from := t.Add(-time.Duration(offset) * time.Second)
		if from.Before(start) {
			from = start
		}
		if last := len(intervals) - 1; last >= 0 && intervals[last].Until.Equal(from) {
			intervals[last].Until = end
		} else if end.IsZero() || from.Before(end) {
			intervals = append(intervals, Interval{from.UTC(), end.UTC()})
		}
		if end.IsZero() || end.After(t.Add(reach)) {
			intervals[len(intervals)-1].Until = time.Time{}
			return intervals
		}
		at = end
	}
}

// LatestWallClock returns the latest wall-clock time that clocks in zone have shown up to the instant at, its digits
// written as UTC. After the clocks were set back it is ahead of what they show, until they catch up.
func LatestWallClock(at time.Time, zone *time.Location) time.Time {
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

// Today returns the calendar day in zone at now.
func Today(now time.Time, zone *time.Location) Date {
	return NewDate(now.In(zone).Date())
}
