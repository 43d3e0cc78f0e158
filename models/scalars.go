package models

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// The functions below are the GraphQL scalars in the form that gqlgen binds: Marshal for results, Unmarshal for input
// from literals and variables. Unmarshal returns CodeBadUserInput for a value of the wrong type; gqlgen adds the path.
// The built-in scalars are included because gqlgen's own make coercions that the specification (section 3.5)
// forbids, such as "5" to 5.

func wrongKind(what string, v any) error {
	return &Error{Code: CodeBadUserInput, Message: fmt.Sprintf("Expected %s, found %s.", what, describe(v))}
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case json.Number:
		return "the number " + shorten(v.String())
	case int, int64, float64:
		return fmt.Sprintf("the number %v", v)
	case bool:
		return strconv.FormatBool(v)
	case string:
		return strconv.Quote(shorten(v))
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Each Append function appends the form of a scalar in a response to b. The Marshal functions write the same form.

// written returns a Marshaler that writes what write appends.
func written[V any](value V, write func([]byte, V) []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(write(nil, value)) })
}

// MarshalID writes an ID.
func MarshalID(s string) graphql.Marshaler { return MarshalString(s) }

// UnmarshalID reads an ID from a string or an integer.
func UnmarshalID(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v.String(), nil
		}
	}
	return "", wrongKind("an ID as a string or an integer", v)
}

// MarshalNumberID writes the ID of a task.
func MarshalNumberID(id int64) graphql.Marshaler { return written(id, AppendNumberID) }

// AppendNumberID appends the ID of a task.
func AppendNumberID(b []byte, id int64) []byte {
	return append(strconv.AppendInt(append(b, '"'), id, 10), '"')
}

// UnmarshalNumberID reads the ID of a task. gqlgen requires it beside MarshalNumberID. No argument uses it: an id that
// is not a number is NOT_FOUND there and not CodeBadUserInput.
func UnmarshalNumberID(v any) (int64, error) {
	if s, err := UnmarshalID(v); err == nil {
		if id, ok := ParseID(s); ok {
			return id, nil
		}
	}
	return 0, wrongKind("the id of a task", v)
}

// MarshalInt writes an Int.
func MarshalInt(i int) graphql.Marshaler { return graphql.MarshalInt(i) }

// UnmarshalInt reads an Int: a whole number of 32 bits.
func UnmarshalInt(v any) (int, error) {
	n, ok := int64(0), false
	switch v := v.(type) {
	case int64:
		n, ok = v, true
	case json.Number:
		parsed, err := strconv.ParseInt(v.String(), 10, 64)
		n, ok = parsed, err == nil
	}
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, wrongKind("a whole number of 32 bits", v)
	}
	return int(n), nil
}

// MarshalString writes a String.
func MarshalString(s string) graphql.Marshaler { return written(s, AppendString) }

// AppendString appends a String. It escapes what JSON requires (RFC 8259, section 7) and nothing else.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '\\' && c != '"' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '\t':
			b = append(b, `\t`...)
		case '\r':
			b = append(b, `\r`...)
		case '\n':
			b = append(b, `\n`...)
		case '\\', '"':
			b = append(b, '\\', c)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// UnmarshalString reads a String.
func UnmarshalString(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", wrongKind("text", v)
}

// MarshalBoolean writes a Boolean.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean reads a Boolean.
func UnmarshalBoolean(v any) (bool, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	return false, wrongKind("true or false", v)
}

// MarshalDateTime writes an instant in UTC, per RFC 3339.
func MarshalDateTime(t time.Time) graphql.Marshaler { return written(t, AppendDateTime) }

// AppendDateTime appends an instant in UTC, per RFC 3339.
func AppendDateTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// rfc3339 is the form of a date-time in RFC 3339, section 5.6. Package time also accepts other forms, such as
// "T1:00:00", "00,5" and "+24:00".
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// UnmarshalDateTime reads an RFC 3339 instant with an offset, whose year in UTC is 1 to 9999.
func UnmarshalDateTime(v any) (time.Time, error) {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil && rfc3339.MatchString(s) && storable(t) {
			return Timestamp(t), nil
		}
	}
	return time.Time{}, wrongKind("an RFC 3339 time with an offset, such as 2026-03-01T17:00:00+01:00", v)
}

func storable(t time.Time) bool { y := t.UTC().Year(); return y >= 1 && y <= 9999 }

// Date is a calendar day without time or zone: its midnight in UTC.
type Date struct{ time.Time }

// NewDate returns the given day.
func NewDate(year int, month time.Month, day int) Date {
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads YYYY-MM-DD with a year from 1 to 9999. ok is false for anything else.
func ParseDate(s string) (date Date, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	return Date{t}, err == nil && storable(t)
}

func (d Date) String() string { return d.Format(time.DateOnly) }

// MarshalGQL writes the day as a GraphQL string of the form YYYY-MM-DD.
func (d Date) MarshalGQL(w io.Writer) { _, _ = w.Write(d.Append(nil)) }

// Append appends the day as MarshalGQL writes it.
func (d Date) Append(b []byte) []byte {
	return append(d.AppendFormat(append(b, '"'), time.DateOnly), '"')
}

// UnmarshalGQL reads a string of the form YYYY-MM-DD. Anything else is CodeBadUserInput.
func (d *Date) UnmarshalGQL(v any) error {
	if s, ok := v.(string); ok {
		if parsed, ok := ParseDate(s); ok {
			*d = parsed
			return nil
		}
	}
	return wrongKind("a day as YYYY-MM-DD", v)
}

// TimeZone is an IANA time zone.
type TimeZone struct{ *time.Location }

// zones caches parsed zones, because time.LoadLocation reads a file each time. Only names of existing zones are
// added, which bounds its size.
var zones sync.Map // string → *time.Location

// time.LoadLocation opens a file of that name. These patterns exclude other spellings of its path and files that are
// not IANA zones.
var (
	zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)
	notZones = regexp.MustCompile(`^(Local|localtime|posixrules|Factory|(posix|right)/.*)$`)
)

// ParseTimeZone reads an IANA time zone name such as Europe/Berlin or UTC. ok is false for fixed offsets, for
// abbreviations, which are names of capitals and digits only, and for unknown names.
func ParseTimeZone(name string) (zone TimeZone, ok bool) {
	if known, ok := zones.Load(name); ok {
		return TimeZone{known.(*time.Location)}, true
	}
	abbreviation := name == strings.ToUpper(name) && !strings.Contains(name, "/") && name != "UTC" && name != "GMT"
	if abbreviation || !zoneName.MatchString(name) || notZones.MatchString(name) {
		return TimeZone{}, false
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return TimeZone{}, false
	}
	zones.Store(name, location)
	return TimeZone{location}, true
}

// MarshalGQL writes the name as a GraphQL string.
func (z TimeZone) MarshalGQL(w io.Writer) { graphql.MarshalString(z.String()).MarshalGQL(w) }

// UnmarshalGQL reads an IANA time zone name. Anything else is CodeBadUserInput.
func (z *TimeZone) UnmarshalGQL(v any) error {
	if s, ok := v.(string); ok {
		if parsed, ok := ParseTimeZone(s); ok {
			*z = parsed
			return nil
		}
	}
	return wrongKind("an IANA time zone name such as Europe/Berlin", v)
}
