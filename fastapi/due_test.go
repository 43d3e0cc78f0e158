package fastapi

import (
	"testing"
	"time"

	"taskql/models"
)

// dueWords is a due date as its kind and its digits, such as "DATE 2026-03-01T00:00:00".
func dueWords(in *models.DueInput) string {
	const digits = "2006-01-02T15:04:05.999999999"
	switch {
	case in == nil:
		return "none"
	case in.Date != nil && in.At == nil && in.Local == nil:
		return "DATE " + in.Date.Format(digits)
	case in.Local != nil && in.At == nil && in.Date == nil:
		return "LOCAL " + in.Local.Format(digits)
	case in.At != nil && in.Date == nil && in.Local == nil:
		return "INSTANT " + in.At.UTC().Format(digits)
	}
	return "not exactly one"
}

func TestParseDue(t *testing.T) {
	// Nothing may depend on where the server stands.
	local := time.Local
	time.Local = time.FixedZone("elsewhere", -9*3600)
	defer func() { time.Local = local }()
	for in, want := range map[string]string{
		"2026-03-01":     "DATE 2026-03-01T00:00:00",
		"  2026-03-01  ": "DATE 2026-03-01T00:00:00",
		"2028-02-29":     "DATE 2028-02-29T00:00:00",
		"0001-01-01":     "DATE 0001-01-01T00:00:00",
		"9999-12-31":     "DATE 9999-12-31T00:00:00",
		// Midnight without a zone is how a day is written back.
		"2026-03-01T00:00":              "DATE 2026-03-01T00:00:00",
		"2026-03-01T00:00:00":           "DATE 2026-03-01T00:00:00",
		"2026-03-01 00:00:00":           "DATE 2026-03-01T00:00:00",
		"2026-03-01T00:00:00.000":       "DATE 2026-03-01T00:00:00",
		"2026-03-01T00:00:00.000000":    "DATE 2026-03-01T00:00:00",
		"2026-03-01T00:00:01":           "LOCAL 2026-03-01T00:00:01",
		"2026-03-01T00:00:00.000001":    "LOCAL 2026-03-01T00:00:00.000001",
		"2026-03-01T17:30":              "LOCAL 2026-03-01T17:30:00",
		"2026-03-01T17:30:15":           "LOCAL 2026-03-01T17:30:15",
		"2026-03-01t17:30:15":           "LOCAL 2026-03-01T17:30:15",
		"2026-03-01 17:30":              "LOCAL 2026-03-01T17:30:00",
		"2026-03-01 17:30:15.5":         "LOCAL 2026-03-01T17:30:15.5",
		"2026-03-01T17:30:15.123456":    "LOCAL 2026-03-01T17:30:15.123456",
		"2026-03-01T17:30:15.123456789": "LOCAL 2026-03-01T17:30:15.123456",
		"2026-03-01T23:59:59.999999999": "LOCAL 2026-03-01T23:59:59.999999",
		"2026-03-29T02:30":              "LOCAL 2026-03-29T02:30:00", // skipped in Berlin, but no zone is named here
		"2026-03-01T17:30:15Z":          "INSTANT 2026-03-01T17:30:15",
		"2026-03-01T17:30:15z":          "INSTANT 2026-03-01T17:30:15",
		"2026-03-01T17:30Z":             "INSTANT 2026-03-01T17:30:00",
		"2026-03-01 17:30:15 Z":         "INSTANT 2026-03-01T17:30:15",
		"2026-03-01T00:00:00Z":          "INSTANT 2026-03-01T00:00:00",
		"2026-03-01T00:00:00.000Z":      "INSTANT 2026-03-01T00:00:00",
		"2026-03-01T00:00:00+00:00":     "INSTANT 2026-03-01T00:00:00",
		"2026-03-01T17:30:15+01:00":     "INSTANT 2026-03-01T16:30:15",
		"2026-03-01T17:30:15-05:30":     "INSTANT 2026-03-01T23:00:15",
		"2026-03-01T17:30:15+0100":      "INSTANT 2026-03-01T16:30:15",
		"2026-03-01T17:30:15+01":        "INSTANT 2026-03-01T16:30:15",
		"2026-03-01T17:30:15.25+14:00":  "INSTANT 2026-03-01T03:30:15.25",
		"2026-03-01T17:30:15-12:00":     "INSTANT 2026-03-02T05:30:15",
		"2026-03-01T17:30:15+23:59":     "INSTANT 2026-02-28T17:31:15",
		"0001-01-01T01:00:00+01:00":     "INSTANT 0001-01-01T00:00:00",
		"1772384400":                    "INSTANT 2026-03-01T17:00:00",
		" 1772384400 ":                  "INSTANT 2026-03-01T17:00:00",
		"1772384400.5":                  "INSTANT 2026-03-01T17:00:00.5",
		"1772384400123":                 "INSTANT 2026-03-01T17:00:00.123",
		"-1":                            "INSTANT 1969-12-31T23:59:59",
		"0":                             "INSTANT 1970-01-01T00:00:00",
		"20260301":                      "INSTANT 1970-08-23T11:51:41",
		"20000000000":                   "INSTANT 2603-10-11T11:33:20", // the last that counts as seconds
		"20000000001":                   "INSTANT 1970-08-20T11:33:20.001",
	} {
		if got, reason := ParseDue(in); reason != "" || dueWords(got) != want {
			t.Errorf("ParseDue(%q) = %s, %q, want %s", in, dueWords(got), reason, want)
		}
	}
}

func TestParseDueRefuses(t *testing.T) {
	// An empty reason stands for any.
	for in, want := range map[string]string{
		"tomorrow":                      "input is too short",
		"next friday at noon":           "invalid character in year",
		"x":                             "input is too short",
		"2026-":                         "input is too short",
		"2026-03":                       "input is too short",
		"2026/03/01":                    "invalid date separator, expected `-`",
		"2026-03/01":                    "invalid date separator, expected `-`",
		"01.03.2026":                    "invalid character in year",
		"03/01/2026":                    "invalid character in year",
		"2026-3-1":                      "input is too short",
		"2026-13-01":                    "month value is outside expected range of 1-12",
		"2026-00-01":                    "month value is outside expected range of 1-12",
		"2026-02-29":                    "day value is outside expected range",
		"1900-02-29":                    "day value is outside expected range",
		"2026-04-31":                    "day value is outside expected range",
		"2026-03-00":                    "day value is outside expected range",
		"2026-03-32":                    "day value is outside expected range",
		"2026-03-01T":                   "unexpected extra characters at the end of the input",
		"2026-03-01T17":                 "unexpected extra characters at the end of the input",
		"2026-03-01T17:":                "unexpected extra characters at the end of the input",
		"2026-03-01T1730":               "unexpected extra characters at the end of the input",
		"2026-03-01T7:30":               "",
		"2026-03-01T24:00":              "unexpected extra characters at the end of the input",
		"2026-03-01T17:60":              "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:60":           "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:":             "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:5":            "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15.":          "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15.Z":         "unexpected extra characters at the end of the input",
		"2026-03-01X17:30":              "unexpected extra characters at the end of the input",
		"2026-03-01Z":                   "",
		"2026-03-01+01:00":              "",
		"2026-03-01  17:30":             "",
		"2026-03-01T17:30 pm":           "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15Zx":         "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15Z[Etc/UTC]": "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15+01:00x":    "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15+24:00":     "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15+01:60":     "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15+1:00":      "",
		"2026-03-01T17:30:15+":          "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15+01:":       "unexpected extra characters at the end of the input",
		"2026-03-01T17:30:15CET":        "unexpected extra characters at the end of the input",
		"0000-01-01":                    "",
		"0001-01-01T00:00:00+01:00":     outOfRange,
		"9999-12-31T23:59:59-01:00":     outOfRange,
		"":                              "input is too short",
		"2026-3-1T17:30":                "invalid character in month",
		"2026-03-1T17:30":               "invalid character in day",
		"Sun, 01 Mar 2026 17:30:00 GMT": "invalid character in year",
		"3026x13x41":                    "invalid date separator, expected `-`",
		"ä2026-03-01":                   "invalid character in year",
		"10000-01-01":                   "invalid date separator, expected `-`",
		"-2026-03-01":                   "invalid character in year",
		"+2026-03-01":                   "invalid character in year",
		"2026-03-0١":                    "",
		"２０２６-03-01":                    "",
		"2026–03–01":                    "",
		"2026-03-01T17:30\x00":          "",
		"\xff":                          "",
		"Infinity":                      "",
		"nan":                           "",
		"0x10":                          "",
		"1e10":                          "",
		"1_000":                         "",
		"1.2.3":                         "",
		"--1":                           "",
		"9999999999999999":              "dates after 9999 are not supported as unix timestamps",
		"99999999999999999999999999":    "dates after 9999 are not supported as unix timestamps",
		"-99999999999999":               "",
	} {
		got, reason := ParseDue(in)
		if reason == "" || want != "" && reason != want {
			t.Errorf("ParseDue(%q) = %s, %q, want the reason %q", in, dueWords(got), reason, want)
		}
	}
}

func TestParseUnix(t *testing.T) {
	for in, want := range map[string]string{
		"1772384400": "INSTANT 2026-03-01T17:00:00", "1772384400.25": "INSTANT 2026-03-01T17:00:00.25", "1.7723844e9": "INSTANT 2026-03-01T17:00:00",
		"1772384400000": "INSTANT 2026-03-01T17:00:00", "1772384400001.5": "INSTANT 2026-03-01T17:00:00.0015", "0": "INSTANT 1970-01-01T00:00:00",
		"-0": "INSTANT 1970-01-01T00:00:00", "-1.5": "INSTANT 1969-12-31T23:59:58.5", "-1772384400000": "INSTANT 1913-11-02T07:00:00",
		"253402300799000": "INSTANT 9999-12-31T23:59:59", "1772384400.9999999": "INSTANT 2026-03-01T17:00:01",
	} {
		if got, reason := ParseUnix(in); reason != "" || dueWords(got) != want {
			t.Errorf("ParseUnix(%s) = %s, %q, want %s", in, dueWords(got), reason, want)
		}
	}
	for _, in := range []string{"253402300800000", "1e300", "-1e300", "1e999", "-62135596801000", ""} {
		if got, reason := ParseUnix(in); reason == "" {
			t.Errorf("ParseUnix(%s) = %s, want a reason", in, dueWords(got))
		}
	}
}
