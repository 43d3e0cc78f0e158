package rest

import (
	"math"
	"strconv"
	"strings"
	"time"

	"taskql/models"
)

// parseDue reads a due date: a day; a date and a time, with or without a zone; or Unix time. Midnight
// without a zone is a day, because that is how a day is written back. When it is none of them, the
// second result says why, in pydantic's words where it has some.
func parseDue(text string) (*models.DueInput, string) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseFloat(text, 64); err == nil && strings.Trim(text, "+-.0123456789") == "" {
		return parseUnix(text)
	}
	p := scanner{text: text}
	year := p.number(4, "year")
	p.expect("-", "invalid date separator, expected `-`")
	month := p.between(p.number(2, "month"), 1, 12, "month value is outside expected range of 1-12")
	p.expect("-", "invalid date separator, expected `-`")
	day := p.number(2, "day")
	if p.reason == "" && (year == 0 || day < 1 || day > daysIn(year, month)) {
		p.reason = "day value is outside expected range"
	}
	if p.text == "" || p.reason != "" {
		return dueDay(year, month, day), p.reason
	}
	p.expect("Tt _", "invalid datetime separator, expected `T`, `t`, `_` or space")
	hour := p.between(p.number(2, "hour"), 0, 23, "hour value is outside expected range of 0-23")
	p.expect(":", "invalid time separator, expected `:`")
	minute := p.between(p.number(2, "minute"), 0, 59, "minute value is outside expected range of 0-59")
	second, micro := 0, 0
	if p.skip(":") {
		second = p.between(p.number(2, "second"), 0, 59, "second value is outside expected range of 0-59")
		if p.skip(".,") {
			micro = p.fraction()
		}
	}
	offset, zoned := p.zone()
	if p.reason == "" && p.text != "" {
		p.reason = "unexpected extra characters at the end of the input"
	}
	if p.reason != "" {
		return nil, p.reason
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	switch {
	case zoned:
		return instant(at.Add(-offset))
	case hour == 0 && minute == 0 && second == 0 && micro == 0:
		return dueDay(year, month, day), ""
	default:
		return &models.DueInput{Local: &at}, ""
	}
}

func dueDay(year, month, day int) *models.DueInput {
	date := models.NewDate(year, time.Month(month), day)
	return &models.DueInput{Date: &date}
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func instant(at time.Time) (*models.DueInput, string) {
	if year := at.Year(); year < 1 || year > 9999 {
		return nil, "the year in UTC is outside of 1 to 9999"
	}
	return &models.DueInput{At: &at}, ""
}

// parseUnix reads Unix time in seconds, or milliseconds above 2e10 (pydantic's watershed).
func parseUnix(text string) (*models.DueInput, string) {
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
	return instant(time.Unix(int64(whole), 0).UTC().Add(time.Duration(math.Round(fraction*1e6)) * time.Microsecond))
}

// scanner reads a text from the left. After the first fault, which it keeps, it reads nothing more.
type scanner struct{ text, reason string }

func (p *scanner) number(digits int, what string) int {
	if p.reason != "" {
		return 0
	}
	if len(p.text) < digits {
		p.reason = "input is too short"
		return 0
	}
	n := 0
	for _, c := range []byte(p.text[:digits]) {
		if c < '0' || c > '9' {
			p.reason = "invalid character in " + what
			return 0
		}
		n = n*10 + int(c-'0')
	}
	p.text = p.text[digits:]
	return n
}

func (p *scanner) between(n, low, high int, reason string) int {
	if p.reason == "" && (n < low || n > high) {
		p.reason = reason
	}
	return n
}

// skip reads one of the characters, if it is the next.
func (p *scanner) skip(characters string) bool {
	if p.reason != "" || p.text == "" || !strings.Contains(characters, p.text[:1]) {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *scanner) expect(characters, reason string) {
	if p.reason == "" && p.text == "" {
		p.reason = "input is too short"
	} else if !p.skip(characters) && p.reason == "" {
		p.reason = reason
	}
}

// fraction reads the digits of a second to the microsecond; further ones count for nothing.
func (p *scanner) fraction() int {
	rest := strings.TrimLeft(p.text, "0123456789")
	digits := p.text[:len(p.text)-len(rest)]
	if digits == "" {
		p.reason = "second fraction value is missing"
		return 0
	}
	p.text = rest
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
	hours := p.between(p.number(2, "hour"), 0, 23, "timezone offset must be less than 24 hours")
	minutes := 0
	if p.skip(":") || p.text != "" {
		minutes = p.between(p.number(2, "minute"), 0, 59, "timezone minute value is outside expected range of 0-59")
	}
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if negative {
		offset = -offset
	}
	return offset, true
}
