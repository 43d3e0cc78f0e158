package transfer

import (
	"regexp"
	"time"

	"taskql/models"
)

// application is a task application whose CSV needs more than the names of its columns.
type application struct {
	kind   string
	column string // the plain name of a column that only its files have
	// adapt changes the texts of a row. cell returns a cell by the column's plain name, and reads are the names that it
	// passes.
	adapt func(f *fields, cell func(string) string)
	reads []string
}

var applications = []application{
	{"TickTick's CSV", "isallday", adaptTickTick, []string{"isallday", "timezone"}},
	{"Trello's CSV", "cardname", adaptTrello, nil},
}

// tickTickPriorities are TickTick's numbers for none, low, medium and high.
var tickTickPriorities = map[string]string{"0": "NONE", "1": "LOW", "3": "MEDIUM", "5": "HIGH"}

// adaptTickTick reads TickTick's numbers. The due date of an all-day task is the midnight of its time zone.
func adaptTickTick(f *fields, cell func(string) string) {
	if word, ok := tickTickPriorities[f.texts["priority"]]; ok {
		f.texts["priority"] = word
	}
	if f.texts["completed"] == "2" { // completed and archived
		f.texts["completed"] = "1"
	}
	if allDay, _, _ := parseDone(cell("isallday")); !allDay {
		return
	}
	if due, reason := parseDate(f.texts["due_date"]); reason == "" && due.Zoned {
		day := due.At
		if zone, ok := models.ParseTimeZone(cell("timezone")); ok {
			day = day.In(zone.Location)
		}
		f.texts["due_date"] = day.Format(time.DateOnly)
	}
}

// labelColor is the color that Trello writes after the name of a label.
var labelColor = regexp.MustCompile(`([^,\s])\s*\((?:green|yellow|orange|red|purple|blue|sky|lime|pink|black)(?:_dark|_light)?\)`)

// adaptTrello removes the colors of labels.
func adaptTrello(f *fields, _ func(string) string) {
	if labels, ok := f.texts["tags"]; ok {
		f.texts["tags"] = labelColor.ReplaceAllString(labels, "$1")
	}
}
