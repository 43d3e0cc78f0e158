package transfer

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"taskql/fastapi"
)

// The forms of dates that spreadsheets and task applications write, in lower case and without commas.
var (
	clockForm   = regexp.MustCompile(`^(.+?)(?: at| @)?[ t](\d{1,2})(?::(\d\d)(:\d\d(?:\.\d+)?)?)? ?(?:([ap])\.?m\.?)? ?(z|\(?utc\)?|\(?gmt\)?|[+-]\d\d(?::?\d\d)?)?$`)
	numbersForm = regexp.MustCompile(`^(\d{1,4})([-/.])(\d{1,2})([-/.])(\d{1,4})$`)
	shortYear   = regexp.MustCompile(`^(?:\d{1,2}[-/. ]+[a-z]+|[a-z]+[-/. ]+\d{1,2}|\d{1,2}[-/.]\d{1,2})[-/. ]+\d\d$`)
	weekday     = regexp.MustCompile(`^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.? `)
	ordinal     = regexp.MustCompile(`(\d)(?:st|nd|rd|th)\b`)
	september   = regexp.MustCompile(`\bsept\b`)
	monthMarks  = strings.NewReplacer("-", " ", ".", "")
)

// monthForms are the layouts of days with the name of a month. time.Parse ignores its letter case.
var monthForms = []string{"2 Jan 2006", "Jan 2 2006", "2 January 2006", "January 2 2006", "2006 Jan 2"}

// parseDate reads a day or a time as fastapi.ParseTime does, and also in the forms of spreadsheets. Of a range it reads
// the end. The reason completes a message that begins with the quoted text; it is empty for a date.
func parseDate(text string) (at fastapi.Time, reason string) {
	if at, ok := fastapi.ParseTime(text); ok {
		return at, ""
	}
	if _, end, isRange := strings.Cut(text, "→"); isRange {
		text = end
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(strings.ToLower(text), ",", " ")), " ")
	day, clock := text, ""
	if part := clockForm.FindStringSubmatch(text); part != nil && (part[3] != "" || part[5] != "") {
		hour, _ := strconv.Atoi(part[2])
		switch half := part[5]; {
		case half != "" && (hour < 1 || hour > 12):
			return at, "has no time of the day"
		case half == "a":
			hour %= 12
		case half == "p":
			hour = hour%12 + 12
		}
		zone := part[6]
		if strings.Contains(zone, "t") { // UTC or GMT
			zone = "Z"
		}
		day, clock = part[1], fmt.Sprintf("T%02d:%s%s%s", hour, cmp.Or(part[3], "00"), part[4], zone)
	}
	if day, reason = isoDay(weekday.ReplaceAllString(day, "")); reason != "" {
		return at, reason
	}
	at, ok := fastapi.ParseTime(day + clock)
	if !ok {
		return at, "is no date of the calendar or no time of the day"
	}
	return at, ""
}

// isoDay writes a day as fastapi.ParseTime reads it. The day may be impossible.
func isoDay(text string) (iso, reason string) {
	named := september.ReplaceAllString(ordinal.ReplaceAllString(monthMarks.Replace(text), "$1"), "sep")
	for _, form := range monthForms {
		if day, err := time.Parse(form, named); err == nil {
			return day.Format(time.DateOnly), ""
		}
	}
	part := numbersForm.FindStringSubmatch(text)
	switch {
	case shortYear.MatchString(text):
		return "", "has a year of two digits: write it as 2030-03-01"
	case part == nil || part[2] != part[4] || (len(part[1]) == 4) == (len(part[5]) == 4):
		return "", "is no date such as 2030-03-01, 1 Mar 2030, 2030-03-01T17:00:00 or 2030-03-01T17:00:00Z"
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(part[2*i+1])
	}
	write := func(year, month, day int) string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }
	if len(part[1]) == 4 {
		return write(n[0], n[1], n[2]), ""
	}
	first, second := n[0], n[1]
	dayFirst, monthFirst := write(n[2], second, first), write(n[2], first, second)
	switch {
	case part[2] == "." || first > 12 || first == second || first*second == 0:
		return dayFirst, ""
	case second > 12:
		return monthFirst, ""
	}
	return "", fmt.Sprintf("could be %d %s or %s %d: write %s or %s", first, time.Month(second), time.Month(first), second, dayFirst, monthFirst)
}
