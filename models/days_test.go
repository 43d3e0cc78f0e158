package models_test

import (
	"testing"
	"time"

	"taskql/models"
)

// switches are instants at which the offset of a zone changes, and some at which it does not.
func switches() []struct{ zone, around string } {
	return []struct{ zone, around string }{
		{"UTC", "2026-03-01T12:00:00Z"},
		{"Pacific/Kiritimati", "2026-03-01T10:00:00Z"},
		{"Etc/GMT+12", "2026-03-01T12:00:00Z"},
		{"Asia/Kathmandu", "2026-03-01T18:15:00Z"},
		{"Pacific/Auckland", "2026-04-04T14:00:00Z"},
		{"Pacific/Auckland", "2026-09-26T14:00:00Z"},
		{"America/Los_Angeles", "2026-03-08T10:00:00Z"},
		{"America/Los_Angeles", "2026-11-01T09:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, // by half an hour
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z"},   // back across midnight
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},   // midnight is skipped
		{"America/Nuuk", "2026-10-25T01:00:00Z"},        // back across midnight
		{"America/Havana", "2026-11-01T05:00:00Z"},      // back to midnight
		{"Asia/Amman", "2021-10-28T22:00:00Z"},          // back to midnight
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},        // a day is skipped
		{"Pacific/Kwajalein", "1993-08-21T12:00:00Z"},   // another
		{"Pacific/Kwajalein", "1969-09-30T13:00:00Z"},   // back by 23 hours
	}
}

// shown returns the wall-clock time of a zone at an instant, its digits written as UTC.
func shown(at time.Time, zone *time.Location) time.Time {
	_, offset := at.In(zone).Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

func TestWallClockReached(t *testing.T) {
	const step = 15 * time.Minute
	for _, tt := range switches() {
		zone, around := mustZone(t, tt.zone), mustTime(t, tt.around)
		for digits := around.Add(-50 * time.Hour); digits.Before(around.Add(50 * time.Hour)); digits = digits.Add(step) {
			spans := models.WallClockReached(digits, zone)
			if last := spans[len(spans)-1]; !last.Until.IsZero() {
				t.Fatalf("WallClockReached(%v, %s) = %v, want the last to have no end", digits, tt.zone, spans)
			}
			for i, span := range spans[:len(spans)-1] {
				if !span.From.Before(span.Until) || !span.Until.Before(spans[i+1].From) {
					t.Fatalf("WallClockReached(%v, %s) = %v, want stretches with gaps between them", digits, tt.zone, spans)
				}
			}
			for at := around.Add(-80 * time.Hour); at.Before(around.Add(80 * time.Hour)); at = at.Add(step) {
				for _, at := range []time.Time{at.Add(-time.Microsecond), at} {
					within := false
					for _, span := range spans {
						within = within || !at.Before(span.From) && (span.Until.IsZero() || at.Before(span.Until))
					}
					if want := !shown(at, zone).Before(digits); within != want {
						t.Fatalf("WallClockReached(%v, %s) = %v has %v: %v, want %v", digits, tt.zone, spans, at, within, want)
					}
				}
			}
		}
	}
}

func TestLatestWallClock(t *testing.T) {
	const step = 15 * time.Minute
	for _, tt := range switches() {
		zone, around := mustZone(t, tt.zone), mustTime(t, tt.around)
		var latest time.Time
		for at := around.Add(-80 * time.Hour); at.Before(around.Add(50 * time.Hour)); at = at.Add(step) {
			// The clocks are set at whole steps, so that just before one they have shown the most.
			for _, at := range []time.Time{at.Add(-time.Microsecond), at} {
				if digits := shown(at, zone); digits.After(latest) {
					latest = digits
				}
				if at.Before(around.Add(-50 * time.Hour)) {
					continue
				}
				if got := models.LatestWallClock(at, zone); !got.Equal(latest) {
					t.Fatalf("LatestWallClock(%v, %s) = %v, want %v", at, tt.zone, got, latest)
				}
			}
		}
	}
}

func TestToday(t *testing.T) {
	for _, tt := range []struct{ now, zone, want string }{
		{"2026-03-01T10:30:00Z", "Pacific/Auckland", "2026-03-01"}, // half past eleven at night
		{"2026-03-01T11:00:00Z", "Pacific/Auckland", "2026-03-02"},
		{"2026-03-02T07:30:00Z", "America/Los_Angeles", "2026-03-01"},
		{"2026-03-02T08:00:00Z", "America/Los_Angeles", "2026-03-02"},
		{"2026-03-01T09:59:59Z", "Pacific/Kiritimati", "2026-03-01"},
		{"2026-03-01T10:00:00Z", "Pacific/Kiritimati", "2026-03-02"},
		{"2026-03-01T11:59:59Z", "Etc/GMT+12", "2026-02-28"},
		{"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"},
		{"2026-10-25T01:30:00Z", "America/Nuuk", "2026-10-24"}, // again
	} {
		if got := models.Today(mustTime(t, tt.now), mustZone(t, tt.zone)); got.String() != tt.want {
			t.Errorf("Today(%s, %s) = %v, want %s", tt.now, tt.zone, got, tt.want)
		}
	}
}
