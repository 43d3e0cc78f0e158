package transfer

import (
	"strings"
	"time"

	"taskql/fastapi"
	"taskql/models"
)

// Todoist writes dates as the user typed them. These are the common layouts of a day with its year and of a time,
// without commas. time.Parse ignores the letter case of the names of months.
var (
	todoistDays  = []string{time.DateOnly, "2006/1/2", "2.1.2006", "Jan 2 2006", "2 Jan 2006", "January 2 2006", "2 January 2006"}
	todoistTimes = []string{"", " 15:04", " 15:04:05", " 3pm", " 3 pm", " 3:04pm", " 3:04 pm"}
)

var todoistSeparators = strings.NewReplacer(",", "", " at ", " ", " @ ", " ")

// todoistDue parses a date, with or without a time of day. A time without an offset is in the zone, if there is one,
// and otherwise a local time. todoistDue reports false for every other text, such as "every monday" and dates without
// a year.
func todoistDue(text, zone string) (*models.DueInput, bool) {
	if t, ok := fastapi.ParseTime(text); ok && t.Zoned {
		return &models.DueInput{At: &t.At}, true
	} else if ok && !t.Day {
		return dueAt(t.At, zone)
	}
	text = strings.Join(strings.Fields(todoistSeparators.Replace(strings.ToLower(text))), " ")
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

// dueAt returns the due date for a time of day. at is the local time, with UTC as its location.
// Without a valid zone, the due date is a local time. dueAt reports false if the result is not storable.
func dueAt(at time.Time, zone string) (*models.DueInput, bool) {
	if location, ok := models.ParseTimeZone(strings.TrimSpace(zone)); ok {
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, location.Location).UTC()
		return &models.DueInput{At: &at}, storable(at)
	}
	return &models.DueInput{Local: &at}, storable(at)
}

// storable reports whether the year is from 1 to 9999.
func storable(at time.Time) bool { return at.Year() >= 1 && at.Year() <= 9999 }
