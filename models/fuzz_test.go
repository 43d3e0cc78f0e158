package models_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"taskql/models"
)

func FuzzDateTime(f *testing.F) {
	for _, seed := range []string{"2026-03-01T17:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-03-01T1:00:00Z", "2026-03-01T17:00:00,5Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := models.UnmarshalDateTime(s)
		if err != nil {
			return
		}
		if y := at.Year(); y < 1 || y > 9999 || at.Location() != time.UTC || at.Nanosecond()%1000 != 0 {
			t.Errorf("UnmarshalDateTime(%q) = %v, want UTC, microseconds and a year of four digits", s, at)
		}
		again, err := models.UnmarshalDateTime(strings.Trim(written(models.MarshalDateTime(at)), `"`))
		if err != nil || again != at {
			t.Errorf("UnmarshalDateTime(%q) = %v, and read again %v, %v", s, at, again, err)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2026-03-01", "0001-01-01", "9999-12-31", "2026-3-1", "2026-02-30", "-001-01-01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if date, ok := models.ParseDate(s); ok && date.String() != s {
			t.Errorf("ParseDate(%q) = %v, want only what is written the same way", s, date)
		}
	})
}

func FuzzTimeZone(f *testing.F) {
	for _, seed := range []string{"UTC", "Europe/Berlin", "CET", "+01:00", "../x", "Local", "America/Argentina/Buenos_Aires"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		zone, ok := models.ParseTimeZone(s)
		if ok && (zone.Location == nil || zone.String() != s || written(zone) != `"`+s+`"`) {
			t.Errorf("ParseTimeZone(%q) = %v, want the zone of that name", s, zone)
		}
		if again, okAgain := models.ParseTimeZone(s); ok != okAgain || again != zone {
			t.Errorf("ParseTimeZone(%q) = %v, and again %v", s, zone, again)
		}
	})
}

// The rules refuse a text, or store a form of it that is within the limits. Applying the rules to that form again does not
// change it.
func FuzzRules(f *testing.F) {
	f.Add(" title ", "notes", " tag ", "TAG")
	f.Add("\x00", "\xff", spaces, "Ä")
	f.Fuzz(func(t *testing.T, title, description, tag, other string) {
		change := fields{title: &title, description: &description, tags: []string{tag, other}}
		task, errs := change.create()
		if (task == nil) != (len(errs) > 0) {
			t.Fatalf("NewTask = %v, %v, want a task or errors", task, errs)
		}
		if task == nil {
			return
		}
		for most, text := range map[int]string{models.MaxTitle: task.Title, models.MaxTag: task.Tags[0]} {
			if n := utf8.RuneCountInString(text); n < 1 || n > most || !utf8.ValidString(text) || strings.ContainsRune(text, 0) || strings.TrimSpace(text) != text {
				t.Errorf("kept %q, want 1 to %d trimmed characters", text, most)
			}
		}
		if len(task.Tags) == 2 && models.Fold(task.Tags[0]) == models.Fold(task.Tags[1]) {
			t.Errorf("tags = %q, want no repeats", task.Tags)
		}
		again, errs := fields{title: &task.Title, description: task.Description, tags: task.Tags}.create()
		if errs != nil || !again.Same(task) {
			t.Errorf("NewTask of what was kept = %+v, %v, want %+v", again, errs, task)
		}
	})
}
