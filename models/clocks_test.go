package models_test

import (
	"testing"
	"time"

	"taskql/models"
)

// A day ends exactly when the calendar of the zone shows a later one.
func TestDayIsOverdueWhenTheCalendarHasMovedOn(t *testing.T) {
	for _, tt := range []struct{ zone, around string }{
		{"Europe/Berlin", "2026-03-29T01:00:00Z"}, {"Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z"}, {"America/New_York", "2026-11-01T06:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"}, {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},
		{"Africa/Cairo", "2023-04-27T22:00:00Z"}, {"Africa/Cairo", "2023-10-26T21:00:00Z"},
		{"Asia/Amman", "2021-10-28T22:00:00Z"}, {"America/Havana", "2026-11-01T05:00:00Z"}, {"America/Havana", "2026-03-08T05:00:00Z"},
		{"America/Santiago", "2026-09-06T04:00:00Z"}, {"Asia/Beirut", "2026-03-28T22:00:00Z"}, {"Atlantic/Azores", "2026-10-25T01:00:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z"}, {"Pacific/Auckland", "2026-04-04T14:00:00Z"}, {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
	} {
		t.Run(tt.zone+" "+tt.around, func(t *testing.T) {
			zone, around := mustZone(t, tt.zone), mustTime(t, tt.around)
			for day := -3; day <= 3; day++ {
				date := models.NewDate(around.AddDate(0, 0, day).Date())
				task := mustDue(t, models.DueDay, date.Format(time.RFC3339))
				for at := around.Add(-60 * time.Hour); at.Before(around.Add(60 * time.Hour)); at = at.Add(10 * time.Minute) {
					today := models.NewDate(at.In(zone).Date())
					if got, want := task.Overdue(at, zone), today.After(date.Time); got != want {
						t.Fatalf("%v: Overdue(%v) = %v, want %v", date, at.In(zone), got, want)
					}
				}
			}
		})
	}
}

// Where the clocks jump over a wall-clock time, it passes with the jump or, read in the time before
// it, soon after; never before.
func TestWallClockTimeThatIsSkipped(t *testing.T) {
	for _, tt := range []struct{ zone, digits, jump string }{
		{"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"},
		{"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T00:30:00Z", "2018-11-04T03:00:00Z"},
		{"Africa/Cairo", "2023-04-28T00:30:00Z", "2023-04-27T22:00:00Z"},
	} {
		task, zone, jump := mustDue(t, models.DueLocal, tt.digits), mustZone(t, tt.zone), mustTime(t, tt.jump)
		if at := task.DueTime(zone); at.Before(jump) || at.After(jump.Add(time.Hour)) {
			t.Errorf("LOCAL %s: DueTime(%s) = %v, want within the hour after %v", tt.digits, tt.zone, at, jump)
		}
		if before := jump.Add(-time.Second); task.Overdue(before, zone) {
			t.Errorf("LOCAL %s: Overdue(%v) = true, want false: that clock time has not passed", tt.digits, before.In(zone))
		}
		if after := jump.Add(time.Hour + time.Second); !task.Overdue(after, zone) {
			t.Errorf("LOCAL %s: Overdue(%v) = false, want true", tt.digits, after.In(zone))
		}
	}
}

// Where the clocks are set back, a wall-clock time passes when it is shown for the first time.
func TestWallClockTimeThatIsShownTwice(t *testing.T) {
	for _, tt := range []struct{ zone, digits, first string }{
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
		{"America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"},
		{"Asia/Amman", "2021-10-29T00:30:00Z", "2021-10-28T21:30:00Z"},
		{"Pacific/Auckland", "2026-04-05T02:30:00Z", "2026-04-04T13:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"},
	} {
		task, zone, first := mustDue(t, models.DueLocal, tt.digits), mustZone(t, tt.zone), mustTime(t, tt.first)
		if at := task.DueTime(zone); !at.Equal(first) {
			t.Errorf("LOCAL %s: DueTime(%s) = %v, want %v", tt.digits, tt.zone, at, first)
		}
		if after := first.Add(time.Second); !task.Overdue(after, zone) {
			t.Errorf("LOCAL %s: Overdue(%v) = false, want true: that clock time has passed", tt.digits, after.In(zone))
		}
	}
}
