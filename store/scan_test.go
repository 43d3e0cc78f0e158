package store

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"taskql/store/connect"
)

// valueOf returns a value of database/sql as a column has it.
func valueOf(value any) *connect.Value {
	v := new(connect.Value)
	v.Set(value)
	return v
}

// TestSetTags reads arrays as encoding/json does, however they are written.
func TestSetTags(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`[]`, `[ ]`, `["a"]`, `["a","b"]`, `["a", "b"]`, `[ "a" ]`, `["a\"b"]`, `["a\\","b"]`, `["\u00e4","ä"]`, `[","]`, `["a,b","c"]`, `[""]`, `["",""]`,
		`["[","]"]`, `["a" ,"b"]`, "[\"a\",\n\"b\"]", `["a","b`, `[1]`, `{}`, `null`, ``, `"a"`, `["a"]x`,
	} {
		var got, want []string
		err, wantErr := setTags(&got, valueOf(text)), json.Unmarshal([]byte(text), &want)
		if (err != nil) != (wantErr != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("setTags(%s) = %q, %v, want %q, %v", text, got, err, want, wantErr)
		}
	}
}

// TestSetTime reads times as the drivers return them and as other programs write them into SQLite.
func TestSetTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		value any
		want  time.Time
	}{
		{noon.In(time.FixedZone("", 3600)), noon},
		{"2026-03-01 12:00:00+00:00", noon},
		{"2026-03-01 13:00:00.25+01:00", noon.Add(250 * time.Millisecond)},
		{[]byte("2026-03-01 12:00:00.000001+00:00"), noon.Add(time.Microsecond)},
		{"2026-03-01 12:00:00", noon},
		{"2026-03-01T12:00:00.5Z", noon.Add(500 * time.Millisecond)},
		{"2026-03-01", noon.Add(-12 * time.Hour)},
	} {
		var got time.Time
		if err := setTime(&got, valueOf(tt.value)); err != nil || got != tt.want {
			t.Errorf("setTime(%s) = %v, %v, want %v", tt.value, got, err, tt.want)
		}
	}
	for _, value := range []any{"", "infinity", "12:00", 1} {
		if err := setTime(new(time.Time), valueOf(value)); err == nil {
			t.Errorf("setTime(%v) succeeds", value)
		}
	}
}
