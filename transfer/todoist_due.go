package transfer

import (
	"strings"
	"time"

	"taskql/fastapi"
	"taskql/models"
)

// Todoist writes dates as its user has typed them. These are the common forms of a day with its year and of a time,
// without commas; letter case makes no difference to the names of months.
var (
	todoistDays  = []string{time.DateOnly, "2006/1/2", "2.1.2006", "Jan 2 2006", "2 Jan 2006", "January 2 2006", "2 January 2006"}
	todoistTimes = []string{"", " 15:04", " 15:04:05", " 3pm", " 3 pm", " 3:04pm", " 3:04 pm"}
)

var todoistWords = strings.NewReplacer(",", "", " at ", " ", " @ ", " ")

// todoistDue reads a date; a time of day is that of the zone, where one is given. It reports false for all that
// needs to be understood, such as "every monday" and dates without a year.
func todoistDue(text, zone string) (*models.DueInput, bool) {
	if t, ok := fastapi.ParseTime(text); ok && t.Zoned {
		return &models.DueInput{At: &t.At}, true
	} else if ok && !t.Day {
		return dueAt(t.At, zone)
	}
	text = strings.Join(strings.Fields(todoistWords.Replace(strings.ToLower(text))), " ")
	for _, day := range todoistDays {
		for _, clock := range todoistTimes {
			at, err := time.Parse(day+clock, text)
			if err != nil {
				continue
			}
			if clock != "" {
				return dueAt(at, zone)
			}
			date := models.NewDate(at.Date())
			return &models.DueInput{Date: &date}, storable(at)
		}
	}
	return nil, false
}

// dueAt is a time of day, whose digits are read as UTC.
func dueAt(at time.Time, zone string) (*models.DueInput, bool) {
	if location, ok := models.ParseTimeZone(strings.TrimSpace(zone)); ok {
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, location.Location).UTC()
		return &models.DueInput{At: &at}, storable(at)
	}
	return &models.DueInput{Local: &at}, storable(at)
}

func storable(at time.Time) bool { return at.Year() >= 1 && at.Year() <= 9999 }
