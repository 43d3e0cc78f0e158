package fastapi

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		zoned      bool
	}{
		{"2026-02-01", "2026-02-01T00:00:00Z", false},
		{"2026-02-01 10:30:15.123456", "2026-02-01T10:30:15.123456Z", false},
		{"2026-02-01T10:30:15.12", "2026-02-01T10:30:15.12Z", false},
		{" 2026-02-01 10:30:15 ", "2026-02-01T10:30:15Z", false},
		{"2026-02-01T10:30", "2026-02-01T10:30:00Z", false},
		{"2026-02-01T10:30Z", "2026-02-01T10:30:00Z", true},
		{"2026-02-01T10:30:15.123456789Z", "2026-02-01T10:30:15.123456Z", true},
		{"2026-02-01 10:30:15+00", "2026-02-01T10:30:15Z", true},
		{"2026-02-01 10:30:15.5+05:30", "2026-02-01T05:00:15.5Z", true},
		{"2026-02-01 10:30:15-0800", "2026-02-01T18:30:15Z", true},
		{"2026-02-01 10:30:15 +00:00", "2026-02-01T10:30:15Z", true},
		{"0001-01-01 00:00:00", "0001-01-01T00:00:00Z", false},
		{"9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999Z", false},
	} {
		at, ok := ParseTime(tt.text)
		if got := at.At.Format(time.RFC3339Nano); !ok || at.Zoned != tt.zoned || got != tt.want || at.At.Location() != time.UTC {
			t.Errorf("ParseTime(%q) = %s, %v, %v, want %s, %v", tt.text, got, at.Zoned, ok, tt.want, tt.zoned)
		}
	}
	for _, text := range []string{
		"", "x", "infinity", "2026", "2026-2-1", "2026-02-30", "2026-02-01 25:00", "2026-02-01 10:30:15 BC", "0044-03-15 00:00:00 BC", "10000-01-01",
		"0000-01-01", "0001-01-01 00:00:00+01:00", "9999-12-31 23:59:59-01:00", "2026-02-01 10:30:15+0", "2026-02-01x10:30", "1767225600", "2026-02-01 10:3", "2026-02-01Z",
	} {
		if at, ok := ParseTime(text); ok {
			t.Errorf("ParseTime(%q) = %s, want none", text, at.At)
		}
	}
}

func TestParseTagList(t *testing.T) {
	for text, want := range map[string][]string{
		"": {}, "  ": {}, "null": {}, "[]": {}, `["a", "b"]`: {"a", "b"}, ` ["a"] `: {"a"}, `["a",""," "]`: {"a", "", " "}, "a,b": {"a", "b"}, " a , ,A;b,": {"a ", "A;b"},
		"5": {"5"}, "true": {"true"}, `["a,b"]`: {"a,b"}, `["\u00e9"]`: {"é"}, `["\ud83d"]`: {"\ufffd"}, `["\u0000"]`: {"\x00"},
		`{}`: nil, `{"a":1}`: nil, `[1]`: nil, `["a",null]`: nil, `[["a"]]`: nil, `"a"`: nil, `["a"`: nil, `['a']`: nil, `{a,b}`: nil, `["a"] x`: nil, "\xff": nil, "[\"\xff\"]": nil,
	} {
		if got, ok := ParseTagList(text, ","); !slices.Equal(got, want) || (got == nil) != (want == nil) || ok != (want != nil) {
			t.Errorf("ParseTagList(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
	if got, _ := ParseTagList("a;b,c", ",;"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("with two separators = %q", got)
	}
}

func TestParseBool(t *testing.T) {
	for want, words := range map[bool][]string{true: {"true", "True", "t", "yes", "Y", "on", "1", "1.0"}, false: {"false", "FALSE", "f", "no", "N", "off", "0", "0.0"}} {
		for _, word := range words {
			if got, ok := ParseBool(word); !ok || got != want {
				t.Errorf("ParseBool(%q) = %v, %v, want %v", word, got, ok, want)
			}
		}
	}
	for _, word := range []string{"", "2", "maybe", " true"} {
		if got, ok := ParseBool(word); ok {
			t.Errorf("ParseBool(%q) = %v, want none", word, got)
		}
	}
}

func TestTimeText(t *testing.T) {
	for in, want := range map[time.Time]string{
		time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC):                   "2026-02-01T00:00:00",
		time.Date(2026, 2, 1, 9, 5, 3, 500_000_000, time.UTC):         "2026-02-01T09:05:03.500000",
		time.Date(2026, 2, 1, 9, 5, 3, 1000, time.UTC):                "2026-02-01T09:05:03.000001",
		time.Date(2026, 2, 1, 0, 30, 0, 0, time.FixedZone("", 3600)):  "2026-01-31T23:30:00",
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC):                      "0001-01-01T00:00:00",
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC):    "9999-12-31T23:59:59.999999",
		time.Date(2026, 2, 1, 9, 5, 3, 0, time.FixedZone("+0000", 0)): "2026-02-01T09:05:03",
	} {
		if got := TimeText(in); got != want {
			t.Errorf("TimeText(%v) = %s, want %s", in, got, want)
		}
	}
}

func TestTagsText(t *testing.T) {
	for _, tags := range [][]string{nil, {}, {"a"}, {"a", "b,c"}, {`"`, `\`, "\n", "\u2028", "<>&", "ä😀", "]"}} {
		var again []string
		text := tagsText(tags)
		if err := json.Unmarshal([]byte(text), &again); err != nil || again == nil || len(again) != len(tags) {
			t.Errorf("tagsText(%q) = %s, want a JSON array of the same", tags, text)
			continue
		}
		for i := range tags {
			if again[i] != tags[i] {
				t.Errorf("tagsText(%q) = %s, want a JSON array of the same", tags, text)
			}
		}
	}
	if got := tagsText([]string{"a", "ä"}); got != `["a","ä"]` {
		t.Errorf("tagsText = %s, want it compact", got)
	}
}

func TestParseStoredStatus(t *testing.T) {
	for word, want := range map[string]string{
		"completed": "done", "Done": "done", " COMPLETE ": "done", "closed": "done",
		"pending": "open", "todo": "open", "To-Do": "open", "to do": "open", "incomplete": "open", "Not Started": "open", "ACTIVE": "open",
		"in_progress": "open and more", "In Progress": "open and more", "IN-PROGRESS": "open and more", "blocked": "open and more",
		"": "unknown", "cancelled": "unknown", "archived": "unknown", "true": "unknown", "in__progress": "unknown",
	} {
		got := "unknown"
		switch done, more, ok := ParseStoredStatus(word); {
		case !ok && (done || more), done && more:
			got = "nonsense"
		case more:
			got = "open and more"
		case done:
			got = "done"
		case ok:
			got = "open"
		}
		if got != want {
			t.Errorf("ParseStoredStatus(%q) is %s, want %s", word, got, want)
		}
	}
	for _, word := range Statuses {
		done, ok := ParseStatus(word)
		if got, _, stored := ParseStoredStatus(word); got != done || stored != ok {
			t.Errorf("ParseStoredStatus(%q) = %v, %v, and ParseStatus %v, %v", word, got, stored, done, ok)
		}
	}
}

func TestParseUUID(t *testing.T) {
	const want = "0b6f6b1c-93cf-4d0c-a9d7-6b1f7a0c1d2e"
	for _, text := range []string{want, "0B6F6B1C-93CF-4D0C-A9D7-6B1F7A0C1D2E", "0b6f6b1c93cf4d0ca9d76b1f7a0c1d2e", "urn:uuid:" + want} {
		if got, ok := ParseUUID(text); got != want || !ok {
			t.Errorf("ParseUUID(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "7", want[1:], want + "0", "0b6f6b1g-93cf-4d0c-a9d7-6b1f7a0c1d2e", "0b6f6b1c93cf4d0ca9d76b1f7a0c1d2\x00", "\xff"} {
		if got, ok := ParseUUID(text); ok {
			t.Errorf("ParseUUID(%q) = %q, want none", text, got)
		}
	}
}

// TestParseInteger compares with what pydantic 2.13 reads.
func TestParseInteger(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "+1": "1", "-1": "-1", " 1 ": "1", "\n1": "1", "00": "0", "007": "7", "1.0": "1", "1.00": "1", "1.0 ": "1", "-0.0": "0", "1_0": "10", "1_0.0": "10",
		"123456789012345678901234567890": "123456789012345678901234567890",
	} {
		if got, ok := ParseInteger(text); !ok || got.String() != want {
			t.Errorf("ParseInteger(%q) = %v, %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", "1.", "1.01", ".0", "1__0", "1.0_0", "_1", "1_", "- 1", "--1", "+-1", "0x1", "1e3", "٣", "one"} {
		if got, ok := ParseInteger(text); ok {
			t.Errorf("ParseInteger(%q) = %v, want none", text, got)
		}
	}
}
