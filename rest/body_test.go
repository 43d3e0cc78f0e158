package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestMalformedJSON(t *testing.T) {
	for _, tt := range []struct {
		body   string
		offset int // in characters; -1 is any
		reason string
	}{
		{`{"title": }`, 10, ""},
		{`{"title": "x"`, 13, ""},
		{`{`, 1, ""},
		{` `, 1, ""},
		{`{'title':"x"}`, 1, ""},
		{`{"title":"x",}`, 13, ""},
		{`{"ä😀": ?}`, 7, ""},
		{`{"title":"äöü😀"} ?`, 17, "Extra data"},
		{`{"title":"x"}x`, 13, "Extra data"},
		{`{"title":"x"} {}`, 14, "Extra data"},
		{`[1,]`, 3, ""},
		{`title=x`, -1, ""},
		{`?`, 0, ""},
		{`NaN`, 0, ""},
		{"\ufeff{}", 0, ""},
		{`nul`, -1, ""},
		{`{"title":"x`, -1, ""},
		{"{\"title\":\"a\nb\"}", -1, ""},
		{`{"title":"x","title":"x"}`, -1, "Repeated key"},
		{`{"title":"x","t\u0069tle":"y"}`, -1, "Repeated key"},
		{`{"title":"x","other":{"a":1,"a":2}}`, -1, "Repeated key"},
		{"{\"title\":\"\xff\"}", -1, "Invalid UTF-8"},
		{"{\"title\":\"\xed\xa0\x80\"}", -1, "Invalid UTF-8"},
		{"{\"title\":\"x\",\"other\":\"\xc3\"}", -1, "Invalid UTF-8"},
		{`{"title":"\ud800"}`, -1, ""},
		{`{"title":"\udc00\ud800"}`, -1, ""},
		{`{"title":"x","\ud800":1}`, -1, ""},
		{`{"title":"x","other":` + strings.Repeat("[", 32), 53, "It has more than 32 levels"},
		{`{"title":"x","other":[` + strings.Repeat("0,", 60_000), -1, "It has more than 50000 values"},
	} {
		for name, read := range map[string]func(string) error{
			"readCreate": func(body string) error { _, err := decodeCreate(body); return err },
			"readUpdate": func(body string) error { _, err := decodeUpdate(body); return err },
			"readCompleted": func(body string) error {
				_, err := readCompleted(httptest.NewRecorder(), newRequest("PATCH", body))
				return err
			},
		} {
			err := read(tt.body)
			var list validationErrors
			if !errors.As(err, &list) || len(list) != 1 {
				t.Errorf("%s(%q) = %s, want one validation error", name, tt.body, answered(t, err))
				continue
			}
			reason, _ := list[0].Context["error"].(string)
			want := `422 {"detail":[` + errorJSON("json_invalid", fmt.Sprint(`"body",`, list[0].Loc[1]), "JSON decode error", `{}`, fmt.Sprintf(`"error":%q`, reason)) + `]}`
			if got := answered(t, err); got != want || reason == "" || tt.reason != "" && reason != tt.reason {
				t.Errorf("%s(%q) = %s, want %s (%s)", name, tt.body, got, want, tt.reason)
			}
			if got := list[0].Loc[1]; tt.offset >= 0 && got != tt.offset {
				t.Errorf("%s(%q) = offset %v, want %d", name, tt.body, got, tt.offset)
			}
		}
	}
}

func TestBodySize(t *testing.T) {
	body := func(size int) string {
		const frame = `{"title":"x","other":""}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1)
	}
	if _, err := decodeCreate(body(maxBody)); err != nil {
		t.Errorf("readCreate(%d bytes) = %s, want it read", maxBody, answered(t, err))
	}
	_, err := decodeCreate(body(maxBody + 1))
	if got, want := answered(t, err), `413 {"detail":"Request body is too large"}`; got != want {
		t.Errorf("readCreate(%d bytes) = %s, want %s", maxBody+1, got, want)
	}
	if _, err := decodeUpdate(body(maxBody + 1)); !strings.HasPrefix(answered(t, err), "413 ") {
		t.Errorf("readUpdate(%d bytes) = %s, want 413", maxBody+1, answered(t, err))
	}
}

func TestBodyCutOff(t *testing.T) {
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(`{"title":`), failing{}))
	_, err := Seed.readCreate(httptest.NewRecorder(), r)
	if got := answered(t, err); !strings.HasPrefix(got, "400 ") || strings.Contains(got, "wires") {
		t.Errorf("readCreate(cut off) = %s, want 400 without the cause", got)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the wires burn") }

func TestBodyWhateverItsType(t *testing.T) {
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "nonsense"} {
		r := newRequest("POST", `{"title":"x"}`)
		r.Header.Set("Content-Type", contentType)
		if got, err := Seed.readCreate(httptest.NewRecorder(), r); err != nil || got.Title != "x" {
			t.Errorf("readCreate as %q = %s, %s, want it read", contentType, createWords(got.CreateTaskInput), answered(t, err))
		}
	}
}

func TestReadCompleted(t *testing.T) {
	for _, tt := range []struct{ body, query, want string }{
		{``, ``, "toggle"},
		{`{}`, ``, "toggle"},
		{`null`, ``, "toggle"},
		{`{"completed":null}`, ``, "toggle"},
		{`{"other":1}`, `x=1`, "toggle"},
		{`{"completed":true}`, ``, "true"},
		{`{"completed":false}`, ``, "false"},
		{`{"completed":0}`, ``, "false"},
		{`{"is_completed":"yes"}`, ``, "true"},
		{``, `completed=true`, "true"},
		{``, `completed=False`, "false"},
		{`{}`, `is_completed=1`, "true"},
		{``, `is_completed=off`, "false"},
		{`{"completed":true}`, `completed=false`, "true"},
		{``, `completed=maybe`, `422 {"detail":[` + errorJSON("bool_parsing", `"query","completed"`, notBoolean, `"maybe"`) + `]}`},
		{``, `is_completed=%FF`, `422 {"detail":[` + errorJSON("bool_parsing", `"query","is_completed"`, notBoolean, "\"\ufffd\"") + `]}`},
		{`{"completed":"maybe"}`, ``, `422 {"detail":[` + badBoolean("completed", `"maybe"`) + `]}`},
		{`[]`, ``, `422 {"detail":[` + errorJSON("model_attributes_type", `"body"`, notObject, `[]`) + `]}`},
	} {
		r := httptest.NewRequest("PATCH", "/?"+tt.query, strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		completed, err := readCompleted(httptest.NewRecorder(), r)
		got := "toggle"
		if err != nil {
			got = answered(t, err)
		} else if completed != nil {
			got = fmt.Sprint(*completed)
		}
		if got != tt.want {
			t.Errorf("readCompleted(%s, ?%s) = %s, want %s", tt.body, tt.query, got, tt.want)
		}
	}
}

func TestReadID(t *testing.T) {
	read := func(id string) (string, error) {
		r := httptest.NewRequest("GET", "/"+url.PathEscape(id), nil)
		r.SetPathValue("id", id)
		return readID(r)
	}
	for in, want := range map[string]string{
		"1": "1", "42": "42", "007": "7", "+7": "7", " 7 ": "7", "0": "0", "-1": "-1", "9223372036854775807": "9223372036854775807",
		"9223372036854775808": "9223372036854775808", "99999999999999999999999999999999": "99999999999999999999999999999999",
	} {
		if got, err := read(in); err != nil || got != want {
			t.Errorf("readID(%q) = %q, %s, want %s", in, got, answered(t, err), want)
		}
	}
	for _, in := range []string{"abc", "1.5", "1e3", "0x1", "1,000", "--1", "+-1", "-", "+", "1-", "1 2", "null", "١", "１", "1;", "ä", "undefined", "NaN"} {
		_, err := read(in)
		want := `422 {"detail":[` + errorJSON("int_parsing", `"path","id"`, "Input should be a valid integer, unable to parse string as an integer", inQuotes(in)) + `]}`
		if got := answered(t, err); got != want {
			t.Errorf("readID(%q) = %s, want %s", in, got, want)
		}
	}
	if _, err := read("\xff"); !strings.HasPrefix(answered(t, err), "422 ") {
		t.Errorf(`readID("\xff") = %s, want 422`, answered(t, err))
	}
}

// TestManyTags has so many invalid tags that an answer with each of them, and all of them in each,
// would not fit into memory.
func TestManyTags(t *testing.T) {
	blanks := `["` + strings.Repeat(`","`, 40_000) + `"]`
	inString, err := json.Marshal(blanks)
	if err != nil {
		t.Fatal(err)
	}
	for name, tags := range map[string]string{
		"a list":               blanks,
		"a list in a string":   string(inString),
		"numbers":              "[" + strings.Repeat("1,", 40_000) + "1]",
		"a comma list":         `"` + strings.Repeat("a,", 40_000) + `"`,
		"a list of a thousand": `["` + strings.Repeat(`","`, 999) + `"]`,
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(`{"title":"x","tags":`+tags+`}`))
		_, err := Seed.readCreate(httptest.NewRecorder(), r)
		var all validationErrors
		if !errors.As(err, &all) || len(all) != 1 || all[0].Type != "too_long" {
			t.Errorf("%s: %d validation errors, %.200v, want one that there are too many", name, len(all), err)
		}
	}
}
