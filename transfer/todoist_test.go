package transfer

import (
	"reflect"
	"strings"
	"testing"

	"taskql/models"
)

// todoistSample has the form of an export of 2026: made up, but with everything that one can have.
var todoistSample = strings.ReplaceAll(`TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT,DEADLINE,DEADLINE_LANG
meta,view_style=list,,,,,,,,,,,,
note,About the project,,,,Kai (48151623),,,,,,,,
task,Repot the basil @garden @weekend,"The pot, a big one",1,1,Kai (48151623),,Oct 5 2026,en,Africa/Cairo,30,minute,,
task,Buy compost,,4,2,Kai (48151623),Ada (7),2026-10-06 15:30,en,Africa/Cairo,,None,,
note,"Get the ""peat-free"" one,
from the market",,,,Kai (48151623),,,,,,,,
note,And not too much,,,,Kai (48151623),,,,,,,,
task,Carry it home,,4,3,Kai (48151623),,,en,,,None,,
,,,,,,,,,,,,,
section,Weekly,,,,,,,,,,,,
task,Water the ferns,,2,1,Kai (48151623),,every monday at 9am,en,Africa/Cairo,,None,Oct 9 2026,en
task,Water the ferns,,2,1,Kai (48151623),,every monday at 9am,en,Africa/Cairo,,None,Oct 9 2026,en
task,Bad one,,7,1,Kai (48151623),,,en,,,None,,
note,of the bad one,,,,Kai (48151623),,,,,,,,
task,@all @labels,,3,1,Kai (48151623),,5 October 2026 at 7:30pm,en,,,None,,
list,What is this,,,,,,,,,,,,
task,`+strings.Repeat("é", 201)+` mail ada@example.com,,3,2,Kai (48151623),,,en,,,None,,
`, "\n", "\r\n")

func TestTodoist(t *testing.T) {
	file, rows, bad := readAll(t, "\uFEFF"+todoistSample)
	if file.Kind != "Todoist's CSV" || !file.Listed {
		t.Errorf("the file is %q, listed %v", file.Kind, file.Listed)
	}
	type seen struct {
		line               int
		title, description string
		priority           models.Priority
		tags, due          string
	}
	long := strings.Repeat("é", 199) + "…"
	want := []seen{
		{4, "Repot the basil", "The pot, a big one|Duration: 30 minute", "HIGH", "garden weekend", "2026-10-05 DATE"},
		{5, "Buy compost", "Part of: Repot the basil\nAssigned to: Ada (7)|Get the \"peat-free\" one,\r\nfrom the market|And not too much", "LOW", "", "2026-10-06T12:30:00Z INSTANT"},
		{9, "Carry it home", "Part of: Buy compost", "LOW", "", ""},
		{12, "Water the ferns", "Date: every monday at 9am\nDeadline: Oct 9 2026", "HIGH", "Weekly", ""},
		{13, "Water the ferns", "Date: every monday at 9am\nDeadline: Oct 9 2026", "HIGH", "Weekly", ""},
		{16, "@all @labels", "", "MEDIUM", "all labels Weekly", "2026-10-05T19:30:00 LOCAL"},
		{18, long, strings.Repeat("é", 201) + " mail ada@example.com|Part of: @all @labels", "MEDIUM", "Weekly", ""},
	}
	var got []seen
	sources := map[string]bool{}
	for _, row := range rows {
		task := imported(t, row, "u")
		r := newRecord(task)
		due := ""
		if r.DueDate != nil {
			due = *r.DueDate + " " + string(*r.DueKind)
			due = strings.Replace(due, "T00:00:00 DATE", " DATE", 1)
		}
		got = append(got, seen{row.Line, task.Title, strings.ReplaceAll(orEmpty(task.Description), "\n\n", "|"), task.Priority, strings.Join(task.Tags, " "), due})
		sources[row.Task.Source] = true
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("row %d of %d is\n%+v\nwant\n%+v", i, len(got), got[min(i, len(got)-1)], want[min(i, len(want)-1)])
		}
	}
	wantBad := []string{
		"line 3: it is a note without a task above it",
		`line 14: its PRIORITY is "7", and not 1 to 4`,
		`line 17: its TYPE is "list", and not task, section or note`,
	}
	if !reflect.DeepEqual(bad, wantBad) {
		t.Errorf("bad rows %q\nwant %q", bad, wantBad)
	}
	if len(sources) != len(rows) {
		t.Errorf("%d sources of %d rows", len(sources), len(rows))
	}
	// The same rows have the same sources.
	_, again, _ := readAll(t, todoistSample)
	for i, row := range again {
		if row.Task.Source != rows[i].Task.Source {
			t.Errorf("line %d has another source the second time", row.Line)
		}
	}
	if notices := rows[3].Notices; len(notices) != 1 || !strings.Contains(notices[0], "every monday") {
		t.Errorf("notices %q", notices)
	}
}

func TestTodoistDates(t *testing.T) {
	for text, want := range map[string]string{
		"2026-10-05": "2026-10-05 day", "2026-10-05 15:30": "2026-10-05T15:30:00 local", "2026-10-05T15:30:00": "2026-10-05T15:30:00 local",
		"2026-10-05T15:30:00Z": "2026-10-05T15:30:00 at", "2026-10-05T15:30:00+02:00": "2026-10-05T13:30:00 at",
		"Oct 5 2026": "2026-10-05 day", "Oct 5, 2026": "2026-10-05 day", "5 Oct 2026": "2026-10-05 day", "october 05 2026": "2026-10-05 day",
		"5 OCTOBER 2026 15:30": "2026-10-05T15:30:00 local", "Oct 5 2026 at 3pm": "2026-10-05T15:00:00 local", "Oct 5 2026 3:05 PM": "2026-10-05T15:05:00 local",
		"05.10.2026": "2026-10-05 day", "2026/10/5": "2026-10-05 day", " 2026-10-05 ": "2026-10-05 day", "2026-10-05T00:00": "2026-10-05T00:00:00 local",
		"every day": "", "tomorrow": "", "Oct 5": "", "10/05/2026": "", "Feb 30 2026": "", "2026-10-05 25:00": "", "0000-01-01": "", "5": "", "5 okt 2026": "",
	} {
		due, ok := todoistDue(strings.TrimSpace(text), "")
		got := ""
		switch {
		case !ok:
		case due.Date != nil:
			got = due.Date.String() + " day"
		case due.Local != nil:
			got = due.Local.Format("2006-01-02T15:04:05") + " local"
		default:
			got = due.At.UTC().Format("2006-01-02T15:04:05") + " at"
		}
		if got != want {
			t.Errorf("todoistDue(%q) = %q, want %q", text, got, want)
		}
	}
	for zone, want := range map[string]string{"Europe/Berlin": "2026-07-01T13:00:00Z", "Nowhere/Land": "", "CEST": ""} {
		due, _ := todoistDue("2026-07-01 15:00", zone)
		if got := due.At; (got == nil) != (want == "") || got != nil && got.Format("2006-01-02T15:04:05Z07:00") != want {
			t.Errorf("15:00 in %s = %v, want %q", zone, got, want)
		}
	}
}
