package models_test

import (
	"testing"
	"time"

	"taskql/models"
)

func mustZone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func mustTime(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// mustDue returns a task with a due date of the given kind. Empty digits stand for no due date.
func mustDue(tb testing.TB, kind models.DueKind, digits string) *models.Task {
	tb.Helper()
	if digits == "" {
		return &models.Task{}
	}
	at := mustTime(tb, digits)
	in := models.DueInput{At: &at}
	switch kind {
	case models.DueDay:
		in = models.DueInput{Date: &models.Date{Time: at}}
	case models.DueLocal:
		in = models.DueInput{Local: &at}
	}
	task, errs := fields{due: &in}.create()
	if errs != nil {
		tb.Fatal(errs)
	}
	if *task.DueKind != kind || !task.Due.Equal(at) || task.Due.Location() != time.UTC {
		tb.Fatalf("due of %s = %v %v, want the digits in UTC as %s", digits, task.Due, *task.DueKind, kind)
	}
	return task
}

func TestDueOnAndDueTime(t *testing.T) {
	for _, tt := range []struct {
		kind      models.DueKind
		due, zone string
		on, at    string // "" is nil
	}{
		{models.DueDay, "", "UTC", "", ""},
		// A whole day is the same day everywhere and no instant.
		{models.DueDay, "2026-03-01T00:00:00Z", "UTC", "2026-03-01", ""},
		{models.DueDay, "2026-03-01T00:00:00Z", "Pacific/Auckland", "2026-03-01", ""},
		{models.DueDay, "2026-03-01T00:00:00Z", "America/Los_Angeles", "2026-03-01", ""},
		{models.DueDay, "2026-03-01T00:00:00Z", "Etc/GMT-14", "2026-03-01", ""},
		{models.DueDay, "2026-03-01T00:00:00Z", "Etc/GMT+12", "2026-03-01", ""},
		// A wall-clock time keeps its digits; its instant depends on the zone.
		{models.DueLocal, "2026-03-01T23:30:00Z", "UTC", "2026-03-01", "2026-03-01T23:30:00Z"},
		{models.DueLocal, "2026-03-01T23:30:00Z", "Pacific/Auckland", "2026-03-01", "2026-03-01T10:30:00Z"},
		{models.DueLocal, "2026-03-01T23:30:00Z", "America/Los_Angeles", "2026-03-01", "2026-03-02T07:30:00Z"},
		{models.DueLocal, "2026-03-01T00:30:00Z", "Etc/GMT-14", "2026-03-01", "2026-02-28T10:30:00Z"},
		{models.DueLocal, "2026-03-01T23:30:00.123456Z", "Etc/GMT+12", "2026-03-01", "2026-03-02T11:30:00.123456Z"},
		{models.DueLocal, "2026-07-01T12:00:00Z", "Europe/Berlin", "2026-07-01", "2026-07-01T10:00:00Z"},
		{models.DueLocal, "2026-01-01T12:00:00Z", "Europe/Berlin", "2026-01-01", "2026-01-01T11:00:00Z"},
		// An instant is the same everywhere; its day depends on the zone.
		{models.DueInstant, "2026-03-01T12:00:00Z", "UTC", "2026-03-01", "2026-03-01T12:00:00Z"},
		{models.DueInstant, "2026-03-01T12:00:00Z", "Pacific/Auckland", "2026-03-02", "2026-03-01T12:00:00Z"},
		{models.DueInstant, "2026-03-01T07:59:59Z", "America/Los_Angeles", "2026-02-28", "2026-03-01T07:59:59Z"},
		{models.DueInstant, "2026-03-01T08:00:00Z", "America/Los_Angeles", "2026-03-01", "2026-03-01T08:00:00Z"},
		{models.DueInstant, "2026-02-28T10:00:00Z", "Etc/GMT-14", "2026-03-01", "2026-02-28T10:00:00Z"},
		{models.DueInstant, "2026-03-01T11:59:59Z", "Etc/GMT+12", "2026-02-28", "2026-03-01T11:59:59Z"},
		{models.DueInstant, "2026-03-01T12:00:00+14:00", "UTC", "2026-02-28", "2026-02-28T22:00:00Z"},
		// Around both switches of the clocks.
		{models.DueLocal, "2026-03-29T01:59:59Z", "Europe/Berlin", "2026-03-29", "2026-03-29T00:59:59Z"},
		{models.DueLocal, "2026-03-29T03:00:00Z", "Europe/Berlin", "2026-03-29", "2026-03-29T01:00:00Z"},
		{models.DueLocal, "2026-10-25T01:59:59Z", "Europe/Berlin", "2026-10-25", "2026-10-24T23:59:59Z"},
		{models.DueLocal, "2026-10-25T03:00:00Z", "Europe/Berlin", "2026-10-25", "2026-10-25T02:00:00Z"},
		{models.DueLocal, "2026-03-08T01:59:59Z", "America/New_York", "2026-03-08", "2026-03-08T06:59:59Z"},
		{models.DueLocal, "2026-03-08T03:00:00Z", "America/New_York", "2026-03-08", "2026-03-08T07:00:00Z"},
		{models.DueLocal, "2026-11-01T00:59:59Z", "America/New_York", "2026-11-01", "2026-11-01T04:59:59Z"},
		{models.DueLocal, "2026-11-01T02:00:00Z", "America/New_York", "2026-11-01", "2026-11-01T07:00:00Z"},
	} {
		task, zone := mustDue(t, tt.kind, tt.due), mustZone(t, tt.zone)
		on, at := "", ""
		if day := task.DueOn(zone); day != nil {
			on = day.String()
		}
		if instant := task.DueTime(zone); instant != nil {
			at = instant.Format(time.RFC3339Nano)
		}
		if on != tt.on || at != tt.at {
			t.Errorf("%s %s in %s: DueOn, DueTime = %q, %q, want %q, %q", tt.kind, tt.due, tt.zone, on, at, tt.on, tt.at)
		}
	}
}

// A task is overdue from the given instant on, and not a nanosecond before.
func TestOverdueFrom(t *testing.T) {
	for _, tt := range []struct {
		kind      models.DueKind
		due, zone string
		from      string
	}{
		{models.DueDay, "2026-03-01T00:00:00Z", "UTC", "2026-03-02T00:00:00Z"},
		{models.DueDay, "2026-03-01T00:00:00Z", "Pacific/Auckland", "2026-03-01T11:00:00Z"},
		{models.DueDay, "2026-03-01T00:00:00Z", "America/Los_Angeles", "2026-03-02T08:00:00Z"},
		{models.DueDay, "2026-03-01T00:00:00Z", "Etc/GMT-14", "2026-03-01T10:00:00Z"},
		{models.DueDay, "2026-03-01T00:00:00Z", "Etc/GMT+12", "2026-03-02T12:00:00Z"},
		{models.DueDay, "2028-02-28T00:00:00Z", "UTC", "2028-02-29T00:00:00Z"},
		{models.DueDay, "2026-12-31T00:00:00Z", "UTC", "2027-01-01T00:00:00Z"},
		// Days of 23 and 25 hours.
		{models.DueDay, "2026-03-29T00:00:00Z", "Europe/Berlin", "2026-03-29T22:00:00Z"},
		{models.DueDay, "2026-10-25T00:00:00Z", "Europe/Berlin", "2026-10-25T23:00:00Z"},
		{models.DueDay, "2026-03-08T00:00:00Z", "America/New_York", "2026-03-09T04:00:00Z"},
		{models.DueDay, "2026-11-01T00:00:00Z", "America/New_York", "2026-11-02T05:00:00Z"},
		// Days whose end is not midnight, because the clocks skip it.
		{models.DueDay, "2018-11-03T00:00:00Z", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		{models.DueDay, "2018-11-04T00:00:00Z", "America/Sao_Paulo", "2018-11-05T02:00:00Z"},
		{models.DueDay, "2018-02-17T00:00:00Z", "America/Sao_Paulo", "2018-02-18T03:00:00Z"},
		{models.DueDay, "2023-04-27T00:00:00Z", "Africa/Cairo", "2023-04-27T22:00:00Z"},
		{models.DueDay, "2023-04-28T00:00:00Z", "Africa/Cairo", "2023-04-28T21:00:00Z"},
		// Days before one that begins twice, and before one that the zone left out.
		{models.DueDay, "2021-10-28T00:00:00Z", "Asia/Amman", "2021-10-28T21:00:00Z"},
		{models.DueDay, "2026-10-31T00:00:00Z", "America/Havana", "2026-11-01T04:00:00Z"},
		{models.DueDay, "2011-12-29T00:00:00Z", "Pacific/Apia", "2011-12-30T10:00:00Z"},
		{models.DueDay, "2011-12-30T00:00:00Z", "Pacific/Apia", "2011-12-30T10:00:00Z"},
	} {
		task, zone, from := mustDue(t, tt.kind, tt.due), mustZone(t, tt.zone), mustTime(t, tt.from)
		for offset, want := range map[time.Duration]bool{-72 * time.Hour: false, -1: false, 0: true, 1: true, 72 * time.Hour: true} {
			if got := task.Overdue(from.Add(offset), zone); got != want {
				t.Errorf("%s %s: Overdue(%v, %s) = %v, want %v", tt.kind, tt.due, from.Add(offset), tt.zone, got, want)
			}
		}
	}
}

// A task is not yet overdue at the very instant at which it is due.
func TestOverdueAfter(t *testing.T) {
	for _, tt := range []struct {
		kind      models.DueKind
		due, zone string
		at        string
	}{
		{models.DueLocal, "2026-03-01T17:00:00Z", "UTC", "2026-03-01T17:00:00Z"},
		{models.DueLocal, "2026-03-01T17:00:00Z", "Pacific/Auckland", "2026-03-01T04:00:00Z"},
		{models.DueLocal, "2026-03-01T17:00:00Z", "Etc/GMT-14", "2026-03-01T03:00:00Z"},
		{models.DueLocal, "2026-03-01T17:00:00Z", "Etc/GMT+12", "2026-03-02T05:00:00Z"},
		{models.DueInstant, "2026-03-01T17:00:00Z", "UTC", "2026-03-01T17:00:00Z"},
		{models.DueInstant, "2026-03-01T17:00:00Z", "Pacific/Auckland", "2026-03-01T17:00:00Z"},
		{models.DueInstant, "2026-03-01T17:00:00Z", "America/Los_Angeles", "2026-03-01T17:00:00Z"},
	} {
		task, zone, at := mustDue(t, tt.kind, tt.due), mustZone(t, tt.zone), mustTime(t, tt.at)
		for offset, want := range map[time.Duration]bool{-1: false, 0: false, 1: true, 72 * time.Hour: true} {
			if got := task.Overdue(at.Add(offset), zone); got != want {
				t.Errorf("%s %s: Overdue(%v, %s) = %v, want %v", tt.kind, tt.due, at.Add(offset), tt.zone, got, want)
			}
		}
	}
}

func TestOverdueOfDoneOrUndated(t *testing.T) {
	done := mustDue(t, models.DueInstant, "2020-01-01T00:00:00Z")
	done.Completed = true
	if done.Overdue(now, time.UTC) {
		t.Error("Overdue of a done task = true, want false")
	}
	if (&models.Task{}).Overdue(now, time.UTC) {
		t.Error("Overdue of a task without a due date = true, want false")
	}
}
