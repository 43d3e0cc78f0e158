package transfer

import (
	"strings"
	"testing"
)

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01": "2026-03-01", "2026-3-1": "2026-03-01", "2026/03/01": "2026-03-01", "2026/3/1": "2026-03-01", "2026.03.01": "2026-03-01",
		"1 Mar 2026": "2026-03-01", "01-MAR-2026": "2026-03-01", "1. March 2026": "2026-03-01", "Mar 1, 2026": "2026-03-01", "march 1 2026": "2026-03-01",
		"March 1st, 2026": "2026-03-01", "Sunday, March 1, 2026": "2026-03-01", "Sun 1 Mar 2026": "2026-03-01", "Sept. 5, 2026": "2026-09-05",
		"August 31, 2026": "2026-08-31", "2026 Mar 1": "2026-03-01", "29 Feb 2028": "2028-02-29",
		"31.12.2026": "2026-12-31", "3.4.2026": "2026-04-03", "12/31/2026": "2026-12-31", "31/12/2026": "2026-12-31", "31-12-2026": "2026-12-31",
		"05/05/2026": "2026-05-05", " 2026-03-01 ": "2026-03-01",
		"2026-03-01 17:30":               "2026-03-01T17:30:00",
		"2026/03/01 17:30":               "2026-03-01T17:30:00",
		"2026/3/1T7:05:09":               "2026-03-01T07:05:09",
		"12/31/2026 0:00":                "2026-12-31", // how a spreadsheet writes a day in a column of times
		"12/31/2026 7:30":                "2026-12-31T07:30:00",
		"12/31/2026 12:05 AM":            "2026-12-31T00:05:00",
		"12/31/2026 12:05 PM":            "2026-12-31T12:05:00",
		"12/31/2026, 5:30:07\u202fp.m.":  "2026-12-31T17:30:07",
		"31.12.2026 17:30:07.25":         "2026-12-31T17:30:07.25",
		"March 1, 2026 5:00 PM":          "2026-03-01T17:00:00",
		"March 1, 2026 at 5pm":           "2026-03-01T17:00:00",
		"March 1, 2026 5:00 PM (UTC)":    "2026-03-01T17:00:00Z",
		"2026/03/01 17:00 +02:00":        "2026-03-01T15:00:00Z",
		"2026-03-01 17:00:00 UTC":        "2026-03-01T17:00:00Z",
		"1 Mar 2026 17:00:00 GMT":        "2026-03-01T17:00:00Z",
		"Sun, 1 Mar 2026 17:00:00 -0500": "2026-03-01T22:00:00Z",
		"2026-06-12T18:00:00+0800":       "2026-06-12T10:00:00Z",
		"March 1, 2026 → March 3, 2026":  "2026-03-03",
		// Not dates, or not without a doubt.
		"03/04/2026":       "could be 3 April or March 4: write 2026-04-03 or 2026-03-04",
		"3-4-2026":         "could be 3 April or March 4: write 2026-04-03 or 2026-03-04",
		"3/4/2026 5:00 PM": "could be 3 April or March 4: write 2026-04-03 or 2026-03-04",
		"12/31/26":         "has a year of two digits: write it as 2030-03-01",
		"1-Mar-26":         "has a year of two digits: write it as 2030-03-01",
		"Mar 1, 26":        "has a year of two digits: write it as 2030-03-01",
		"31/12-2026":       "is no date such as",
		"46082":            "is no date such as",
		"20260301":         "is no date such as",
		"tomorrow":         "is no date such as",
		"17:30":            "is no date such as",
		"Mar 1":            "is no date such as",
		"Mar 2026":         "is no date such as",
		"1/1":              "is no date such as",
		"":                 "is no date such as",
		"31/31/2026":       "is no date of the calendar",
		"0/5/2026":         "is no date of the calendar",
		"2/30/2026":        "is no date of the calendar",
		"31.4.2026":        "is no date of the calendar",
		"2026/13/1":        "is no date of the calendar",
		"12/31/2026 25:00": "is no date of the calendar or no time of the day",
		"12/31/2026 17 pm": "has no time of the day",
		"12/31/0000":       "is no date of the calendar",
	} {
		at, reason := parseDate(text)
		got := strings.TrimSuffix(at.At.Format("2006-01-02T15:04:05.999999999"), "T00:00:00")
		if at.Zoned {
			got += "Z"
		}
		if reason == "" && got != want || reason != "" && !strings.HasPrefix(reason, want) {
			t.Errorf("parseDate(%q) = %s, %q, want %s", text, got, reason, want)
		}
	}
}
