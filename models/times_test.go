package models_test

import (
	"strings"
	"testing"
	"time"

	"taskql/models"
)

func TestUnmarshalDateTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-01T17:00:00Z":           "2026-03-01T17:00:00Z",
		"2026-03-01T17:00:00+01:00":      "2026-03-01T16:00:00Z",
		"2026-03-01T17:00:00-00:00":      "2026-03-01T17:00:00Z",
		"2026-03-01T00:00:00+14:00":      "2026-02-28T10:00:00Z",
		"2026-03-01T23:59:59-12:00":      "2026-03-02T11:59:59Z",
		"2026-03-01T17:00:00+05:45":      "2026-03-01T11:15:00Z",
		"2026-03-01T17:00:00+23:59":      "2026-02-28T17:01:00Z",
		"2026-03-01T17:00:00.5Z":         "2026-03-01T17:00:00.5Z",
		"2026-03-01T17:00:00.000Z":       "2026-03-01T17:00:00Z",
		"2026-03-01T17:00:00.123456789Z": "2026-03-01T17:00:00.123456Z",
		"2026-03-01T17:00:00.999999999Z": "2026-03-01T17:00:00.999999Z",
		"2028-02-29T00:00:00Z":           "2028-02-29T00:00:00Z",
		"0001-01-01T00:00:00Z":           "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999999Z":    "9999-12-31T23:59:59.999999Z",
		"0001-01-01T01:00:00+01:00":      "0001-01-01T00:00:00Z",
	} {
		got, err := models.UnmarshalDateTime(in)
		if err != nil || written(models.MarshalDateTime(got)) != `"`+want+`"` || got.Location() != time.UTC {
			t.Errorf("UnmarshalDateTime(%q) = %v, %v, want %s", in, got, err, want)
		}
	}
	for _, v := range []any{
		nil, true, int64(1772384400), 1.5, list, object,
		"", " ", "2026-03-01", "2026-03-01T17:00:00", "2026-03-01 17:00:00Z", "2026-03-01t17:00:00Z", "2026-03-01T17:00:00z",
		"2026-03-01T17:00Z", "2026-03-01T1:00:00Z", "2026-03-01T17:0:00Z", "2026-3-01T17:00:00Z", "26-03-01T17:00:00Z",
		"2026-03-01T17:00:00,5Z", "2026-03-01T17:00:00.Z", "2026-03-01T17:00:00+0100", "2026-03-01T17:00:00+01", "2026-03-01T17:00:00+1:00",
		"2026-03-01T17:00:00+24:00", "2026-03-01T17:00:00+01:60", "2026-03-01T17:00:00 +01:00", "2026-03-01T17:00:00Z[UTC]", "2026-03-01T17:00:00CET",
		"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-03-00T00:00:00Z", "2026-03-32T00:00:00Z",
		"2026-03-01T24:00:00Z", "2026-03-01T17:60:00Z", "2026-03-01T17:00:60Z", "2026-03-01T23:59:60Z",
		" 2026-03-01T17:00:00Z", "2026-03-01T17:00:00Z ", "2026-03-01T17:00:00Z\n", "2026-03-01T17:00:00Z\x00", "+2026-03-01T17:00:00Z",
		"0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
		"1772384400", "20260301T170000Z", "٢٠٢٦-03-01T17:00:00Z",
	} {
		_, err := models.UnmarshalDateTime(v)
		wrongKind(t, "UnmarshalDateTime", v, err)
	}
}

func TestMarshalDateTimeIsUTC(t *testing.T) {
	at := time.Date(2026, 3, 1, 17, 0, 0, 0, time.FixedZone("CET", 3600))
	if got := written(models.MarshalDateTime(at)); got != `"2026-03-01T16:00:00Z"` {
		t.Errorf("MarshalDateTime(%v) = %s, want it in UTC", at, got)
	}
}

func TestDate(t *testing.T) {
	for _, in := range []string{"2026-03-01", "2028-02-29", "0001-01-01", "9999-12-31", "1900-12-31"} {
		got, ok := models.ParseDate(in)
		if !ok || got.String() != in || written(got) != `"`+in+`"` || !got.Equal(mustTime(t, in+"T00:00:00Z")) {
			t.Errorf("ParseDate(%q) = %v, %v, want its midnight in UTC", in, got, ok)
		}
		var d models.Date
		if err := d.UnmarshalGQL(in); err != nil || d != got {
			t.Errorf("UnmarshalGQL(%q) = %v, %v, want %v", in, d, err, got)
		}
	}
	for _, v := range []any{
		nil, int64(20260301), true, list, object, "", "2026-3-1", "2026-03-1", "26-03-01", "2026/03/01", "20260301", "2026-03", "2026-W09-7", "2026-060",
		"2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-03-00", "0000-01-01", "10000-01-01", "-001-01-01", "+2026-03-01",
		" 2026-03-01", "2026-03-01 ", "2026-03-01\x00", "2026-03-01T00:00:00Z", "01.03.2026", "٢٠٢٦-٠٣-٠١",
	} {
		var d models.Date
		wrongKind(t, "Date.UnmarshalGQL", v, d.UnmarshalGQL(v))
		if s, ok := v.(string); ok {
			if got, ok := models.ParseDate(s); ok {
				t.Errorf("ParseDate(%q) = %v, want none", s, got)
			}
		}
	}
	if got, want := models.NewDate(2026, 2, 30).String(), "2026-03-02"; got != want {
		t.Errorf("NewDate(2026, 2, 30) = %s, want %s", got, want)
	}
}

func TestTimeZone(t *testing.T) {
	for _, in := range []string{
		"UTC", "Etc/UTC", "GMT", "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires", "America/Port-au-Prince",
		"Pacific/Auckland", "Africa/Cairo", "Asia/Kolkata", "Asia/Calcutta", "Antarctica/Troll", "Etc/GMT-14", "Etc/GMT+12",
	} {
		var zone models.TimeZone
		if err := zone.UnmarshalGQL(in); err != nil || zone.String() != in || written(zone) != `"`+in+`"` {
			t.Errorf("TimeZone.UnmarshalGQL(%q) = %v, %v, want that zone", in, zone, err)
		}
	}
	for _, v := range []any{
		nil, int64(1), true, list, object,
		"", " ", "Local", "local", "CET", "CEST", "EST", "MST", "PST", "EST5EDT", "HST", "BST", "Z",
		"+01:00", "-05:00", "+0100", "+01", "01:00", "UTC+1", "UTC+01:00", "GMT+1", "GMT-1",
		"Europe", "Europe/", "Europe/Nowhere", "Berlin", "europe berlin", " Europe/Berlin", "Europe/Berlin ", "Europe/Berlin\x00", "Europe\\Berlin",
		"../zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin", "/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin", "zone.tab", "tzdata.zi",
		strings.Repeat("Europe/", 2000) + "Berlin", "Ещё/Где-то", "\xff",
	} {
		var zone models.TimeZone
		wrongKind(t, "TimeZone.UnmarshalGQL", v, zone.UnmarshalGQL(v))
	}
}

// Other spellings of the path of a zone's file are refused: each would be a new entry in the cache.
func TestTimeZoneNamesHaveOneSpelling(t *testing.T) {
	for _, in := range []string{"Europe//Berlin", "Europe/./Berlin", "./Europe/Berlin", "Europe///././Berlin", "./UTC", "Etc//GMT-14"} {
		if _, ok := models.ParseTimeZone(in); ok {
			t.Errorf("ParseTimeZone(%q) = true, want false: it is a path, not an IANA name", in)
		}
	}
}

// Some machines have files of these names that are not IANA zones: the machine's own zone and zones with leap seconds.
func TestTimeZoneIsTheSameOnEveryMachine(t *testing.T) {
	for _, in := range []string{"localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin"} {
		if _, ok := models.ParseTimeZone(in); ok {
			t.Errorf("ParseTimeZone(%q) = true, want false: it is no IANA name", in)
		}
	}
}
