package fastapi

import (
	"math"
	"strconv"
	"strings"
	"time"

	"taskql/models"
)

// Time is a day or a time as a text states it.
type Time struct {
	// At has the digits of the text, read as UTC where it states no zone, in microseconds.
	At time.Time
	// Zoned is set when the text states a zone, Day when it has no time of day.
	Zoned, Day bool
}

// ParseTime reads a day, or a day and a time with or without a zone. It reports false for all other texts, and where the
// year in UTC is not 1 to 9999. Blanks around the text are ignored.
func ParseTime(text string) (Time, bool) {
	p := scanner{text: strings.TrimSpace(text)}
	year := p.number(4, 1, 9999)
	p.expect("-")
	month := p.number(2, 1, 12)
	p.expect("-")
	day := p.number(2, 1, daysIn(year, month))
	t := Time{Day: p.text == ""}
	hour, minute, second, micro := 0, 0, 0, 0
	var offset time.Duration
	if !t.Day {
		p.expect("Tt _")
		hour = p.number(2, 0, 23)
		p.expect(":")
		minute = p.number(2, 0, 59)
		if p.skip(":") {
			second = p.number(2, 0, 59)
			if p.skip(".,") {
				micro = p.fraction()
			}
		}
		offset, t.Zoned = p.zone()
	}
	if p.failed || p.text != "" {
		return Time{}, false
	}
	t.At = time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC).Add(-offset)
	return t, inRange(t.At)
}

// Due is the due date that the time stands for. Midnight without a zone is a day, because FastAPI backends write days
// like that.
func (t Time) Due() *models.DueInput {
	switch {
	case t.Zoned:
		return &models.DueInput{At: &t.At}
	case t.At.Equal(t.At.Truncate(24 * time.Hour)):
		date := models.NewDate(t.At.Date())
		return &models.DueInput{Date: &date}
	default:
		return &models.DueInput{Local: &t.At}
	}
}

// ParseDue reads a due date: a day or a time as ParseTime reads it, or Unix time. For other texts it returns a reason, in
// pydantic's words.
func ParseDue(text string) (due *models.DueInput, reason string) {
	trimmed := strings.TrimSpace(text)
	if _, err := strconv.ParseFloat(trimmed, 64); err == nil && strings.Trim(trimmed, "+-.0123456789") == "" {
		return ParseUnix(trimmed)
	}
	if t, ok := ParseTime(trimmed); ok {
		return t.Due(), ""
	}
	return nil, dateReason(text)
}

// ParseUnix reads a number as Unix time in seconds, or in milliseconds above 2e10, which is pydantic's limit.
func ParseUnix(text string) (due *models.DueInput, reason string) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return nil, "the number is not a time"
	}
	if math.Abs(seconds) > 2e10 {
		seconds /= 1000
	}
	if math.Abs(seconds) > 253402300799 { // the last second of the year 9999
		return nil, "dates after 9999 are not supported as unix timestamps"
	}
	whole, fraction := math.Modf(seconds)
	at := time.Unix(int64(whole), 0).UTC().Add(time.Duration(math.Round(fraction*1e6)) * time.Microsecond)
	if !inRange(at) {
		return nil, outOfRange
	}
	return &models.DueInput{At: &at}, ""
}

const outOfRange = "the year in UTC is outside of 1 to 9999"

func inRange(at time.Time) bool { return at.Year() >= 1 && at.Year() <= 9999 }

// dateReason explains why a text is no due date. pydantic 2 parses a text that is no datetime as a date, and reports the
// first problem of the date (datetime_from_date in pydantic-core, and the order of the checks in speedate's date parser):
// the length in bytes, the characters from the left, the ranges, then what follows the date.
func dateReason(text string) string {
	if len(text) < 10 {
		return "input is too short"
	}
	number := func(from, to int) (n int, ok bool) {
		for _, c := range []byte(text[from:to]) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + int(c-'0')
		}
		return n, true
	}
	year, yearOK := number(0, 4)
	month, monthOK := number(5, 7)
	day, dayOK := number(8, 10)
	switch {
	case !yearOK:
		return "invalid character in year"
	case text[4] != '-':
		return "invalid date separator, expected `-`"
	case !monthOK:
		return "invalid character in month"
	case text[7] != '-':
		return "invalid date separator, expected `-`"
	case !dayOK:
		return "invalid character in day"
	case month < 1 || month > 12:
		return "month value is outside expected range of 1-12"
	case day < 1 || day > daysIn(year, month):
		return "day value is outside expected range"
	case len(text) > 10 && validTime(text):
		return outOfRange
	case len(text) > 10:
		return "unexpected extra characters at the end of the input"
	}
	return "year 0 is out of range"
}

// validTime reports whether a text is a time but for its year, which is out of range in UTC.
func validTime(text string) bool {
	_, ok := ParseTime("2000-01-01" + text[10:])
	return ok
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// scanner reads a text from the left. After a failure it reads nothing more.
type scanner struct {
	text   string
	failed bool
}

// number reads a number with so many digits from low to high.
func (p *scanner) number(digits, low, high int) int {
	if p.failed || len(p.text) < digits {
		p.failed = true
		return 0
	}
	n := 0
	for _, c := range []byte(p.text[:digits]) {
		p.failed = p.failed || c < '0' || c > '9'
		n = n*10 + int(c-'0')
	}
	p.failed = p.failed || n < low || n > high
	p.text = p.text[digits:]
	return n
}

// skip reads one of the characters if it is the next, and reports whether it was.
func (p *scanner) skip(characters string) bool {
	if p.failed || p.text == "" || !strings.Contains(characters, p.text[:1]) {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *scanner) expect(characters string) {
	if !p.skip(characters) {
		p.failed = true
	}
}

// fraction reads the digits of a second to the microsecond and ignores the rest of them.
func (p *scanner) fraction() int {
	rest := strings.TrimLeft(p.text, "0123456789")
	digits := p.text[:len(p.text)-len(rest)]
	p.text, p.failed = rest, digits == ""
	n, _ := strconv.Atoi((digits + "000000")[:6])
	return n
}

// zone reads Z or an offset such as +01:00, +0100 or +01, if there is one.
func (p *scanner) zone() (offset time.Duration, zoned bool) {
	p.skip(" ")
	if p.skip("Zz") {
		return 0, true
	}
	negative := strings.HasPrefix(p.text, "-")
	if !p.skip("+-") {
		return 0, false
	}
	hours, minutes := p.number(2, 0, 23), 0
	if p.skip(":") || p.text != "" {
		minutes = p.number(2, 0, 59)
	}
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if negative {
		offset = -offset
	}
	return offset, true
}
