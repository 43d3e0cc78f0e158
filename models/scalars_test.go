package models_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

// written returns the form of a scalar in a response.
func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

// wrongKind checks that err is BAD_USER_INPUT with a short message.
func wrongKind(t *testing.T, name string, v any, err error) {
	t.Helper()
	var public *models.Error
	if !errors.As(err, &public) || public.Code != models.CodeBadUserInput {
		t.Errorf("%s(%#v) = %v, want BAD_USER_INPUT", name, v, err)
	} else if len(public.Message) > 300 {
		t.Errorf("%s: message of %d bytes, want the value shortened", name, len(public.Message))
	}
}

// Values that only the named scalar accepts.
var (
	object = map[string]any{"a": 1}
	list   = []any{"a"}
)

func TestUnmarshalInt(t *testing.T) {
	for v, want := range map[any]int{
		int64(0): 0, int64(5): 5, int64(2147483647): 2147483647, int64(-2147483648): -2147483648,
		json.Number("5"): 5, json.Number("-5"): -5, json.Number("2147483647"): 2147483647,
	} {
		if got, err := models.UnmarshalInt(v); err != nil || got != want {
			t.Errorf("UnmarshalInt(%#v) = %d, %v, want %d", v, got, err, want)
		}
	}
	for _, v := range []any{
		nil, "5", "", true, 5.0, 5.5, json.Number("5.0"), json.Number("5e0"), json.Number("1.5"), json.Number(""),
		int64(2147483648), int64(-2147483649), json.Number("2147483648"), json.Number("99999999999999999999"), list, object,
	} {
		_, err := models.UnmarshalInt(v)
		wrongKind(t, "UnmarshalInt", v, err)
	}
}

func TestUnmarshalString(t *testing.T) {
	for _, v := range []string{"", "5", "true", "ä😀"} {
		if got, err := models.UnmarshalString(v); err != nil || got != v {
			t.Errorf("UnmarshalString(%q) = %q, %v, want it as it is", v, got, err)
		}
	}
	for _, v := range []any{nil, int64(5), json.Number("5"), 5.5, true, list, object} {
		_, err := models.UnmarshalString(v)
		wrongKind(t, "UnmarshalString", v, err)
	}
}

func TestUnmarshalBoolean(t *testing.T) {
	for _, v := range []bool{true, false} {
		if got, err := models.UnmarshalBoolean(v); err != nil || got != v {
			t.Errorf("UnmarshalBoolean(%v) = %v, %v, want it as it is", v, got, err)
		}
	}
	for _, v := range []any{nil, "true", "", int64(1), int64(0), json.Number("1"), 1.0, list, object} {
		_, err := models.UnmarshalBoolean(v)
		wrongKind(t, "UnmarshalBoolean", v, err)
	}
}

func TestUnmarshalID(t *testing.T) {
	for v, want := range map[any]string{
		"": "", "7": "7", "007": "007", "abc": "abc", int64(7): "7", int64(-7): "-7",
		json.Number("7"): "7", json.Number("123456789012345678901234567890"): "123456789012345678901234567890",
	} {
		if got, err := models.UnmarshalID(v); err != nil || got != want {
			t.Errorf("UnmarshalID(%#v) = %q, %v, want %q", v, got, err, want)
		}
	}
	for _, v := range []any{nil, true, 7.0, 7.5, json.Number("7.0"), json.Number("7e1"), json.Number("7E1"), list, object} {
		_, err := models.UnmarshalID(v)
		wrongKind(t, "UnmarshalID", v, err)
	}
}

func TestNumberID(t *testing.T) {
	if got := written(models.MarshalNumberID(9007199254740993)); got != `"9007199254740993"` {
		t.Errorf("MarshalNumberID = %s, want a string with every digit", got)
	}
	for _, v := range []any{"7", int64(7), json.Number("7")} {
		if got, err := models.UnmarshalNumberID(v); err != nil || got != 7 {
			t.Errorf("UnmarshalNumberID(%#v) = %d, %v, want 7", v, got, err)
		}
	}
	for _, v := range []any{"", "abc", "07", "0", "-7", int64(-7), 7.0, nil, true} {
		_, err := models.UnmarshalNumberID(v)
		wrongKind(t, "UnmarshalNumberID", v, err)
	}
}

func TestBuiltInScalarsWritten(t *testing.T) {
	for want, m := range map[string]graphql.Marshaler{
		`"7"`: models.MarshalID("7"), `-5`: models.MarshalInt(-5), `true`: models.MarshalBoolean(true),
		`"\"ä😀\""`: models.MarshalString(`"ä😀"`),
	} {
		if got := written(m); got != want {
			t.Errorf("written = %s, want %s", got, want)
		}
	}
}

func TestWrongKindTellsWhatCame(t *testing.T) {
	for want, v := range map[string]any{
		"found null": nil, "found the number 5.5": 5.5, "found the number 12": json.Number("12"), "found true": true,
		`found "x"`: "x", "found a list": list, "found an object": object,
	} {
		if _, err := models.UnmarshalDateTime(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("UnmarshalDateTime(%#v) = %v, want a message with %q", v, err, want)
		}
	}
	_, err := models.UnmarshalDateTime(strings.Repeat("ä", 5000))
	wrongKind(t, "UnmarshalDateTime", "a long text", err)
	_, err = models.UnmarshalInt(json.Number(strings.Repeat("9", 5000)))
	wrongKind(t, "UnmarshalInt", "a long number", err)
}

func TestTimestamp(t *testing.T) {
	in := time.Date(2026, 3, 1, 12, 0, 0, 123456999, time.FixedZone("", -3600))
	want := time.Date(2026, 3, 1, 13, 0, 0, 123456000, time.UTC)
	if got := models.Timestamp(in); got != want { // the location counts here
		t.Errorf("Timestamp(%v) = %v, want %v", in, got, want)
	}
	before := time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC)
	if got := models.Timestamp(before); got != before.Truncate(time.Microsecond) || got.After(before) {
		t.Errorf("Timestamp(%v) = %v, want the microsecond before", before, got)
	}
}
