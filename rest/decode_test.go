package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

func newRequest(method, body string) *http.Request {
	return httptest.NewRequest(method, "/", strings.NewReader(body))
}

func decodeCreate(body string) (models.CreateTaskInput, error) {
	input, err := Seed.readCreate(httptest.NewRecorder(), newRequest("POST", body))
	return input.CreateTaskInput, err
}

func decodeUpdate(body string) (models.UpdateTaskInput, error) {
	change, err := Seed.readUpdate(httptest.NewRecorder(), newRequest("PATCH", body))
	return change.UpdateTaskInput, err
}

// answered is what an error is answered with: the status and the body.
func answered(tb testing.TB, err error) string {
	tb.Helper()
	if err == nil {
		return "no error"
	}
	w := httptest.NewRecorder()
	(&adapter{}).writeError(w, newRequest("GET", ""), err)
	return fmt.Sprint(w.Code, " ", w.Body)
}

// createWords is what a new task would be, such as "title=x priority=MEDIUM".
func createWords(in models.CreateTaskInput) string {
	words := []string{"title=" + in.Title, "priority=" + string(in.Priority)}
	if in.Description != nil {
		words = append(words, "description="+*in.Description)
	}
	if len(in.Tags) > 0 {
		words = append(words, fmt.Sprintf("tags=%q", in.Tags))
	}
	if in.Due != nil {
		words = append(words, "due="+dueWords(in.Due))
	}
	if in.Completed {
		words = append(words, "completed")
	}
	return strings.Join(words, " ")
}

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

// updateWords is which fields a change has: "title=x", "due=null".
func updateWords(in models.UpdateTaskInput) string {
	var words []string
	add := func(name string, given bool, value string) {
		if given {
			words = append(words, name+"="+value)
		}
	}
	add("title", in.Title.IsSet(), pointed(in.Title))
	add("description", in.Description.IsSet(), pointed(in.Description))
	add("priority", in.Priority.IsSet(), pointed(in.Priority))
	tags, given := in.Tags.ValueOK()
	add("tags", given, fmt.Sprintf("%q", tags))
	due, given := in.Due.ValueOK()
	add("due", given, dueWords(due))
	add("completed", in.Completed.IsSet(), pointed(in.Completed))
	return strings.Join(words, " ")
}

func pointed[T any](o graphql.Omittable[*T]) string {
	if p := o.Value(); p != nil {
		return fmt.Sprint(*p)
	}
	return "null"
}

func TestReadCreate(t *testing.T) {
	for in, want := range map[string]string{
		``: "title=x priority=MEDIUM",
		`"description":null,"tags":null,"due_date":null,"priority":null,"completed":null`: "title=x priority=MEDIUM",
		`"description":""`:                               "title=x priority=MEDIUM description=",
		`"description":"  a\nb "`:                        "title=x priority=MEDIUM description=  a\nb ",
		`"due_date":"","dueDate":"2026-03-01"`:           "title=x priority=MEDIUM due=DATE 2026-03-01T00:00:00",
		`"due_date":null,"dueDate":"2026-03-01"`:         "title=x priority=MEDIUM due=DATE 2026-03-01T00:00:00",
		`"dueDate":"2026-03-01","due_date":"2026-04-01"`: "title=x priority=MEDIUM due=DATE 2026-04-01T00:00:00",
		`"due_date":"  "`:                                "title=x priority=MEDIUM",
		`"due_date":"2026-03-01"`:                        "title=x priority=MEDIUM due=DATE 2026-03-01T00:00:00",
		`"dueDate":"2026-03-01T10:00"`:                   "title=x priority=MEDIUM due=LOCAL 2026-03-01T10:00:00",
		`"due_date":1772384400`:                          "title=x priority=MEDIUM due=INSTANT 2026-03-01T17:00:00",
		`"due_date":1772384400000`:                       "title=x priority=MEDIUM due=INSTANT 2026-03-01T17:00:00",
		`"due_date":"1772384400"`:                        "title=x priority=MEDIUM due=INSTANT 2026-03-01T17:00:00",
		`"completed":true`:                               "title=x priority=MEDIUM completed",
		`"is_completed":true`:                            "title=x priority=MEDIUM completed",
		`"completed":false,"is_completed":true`:          "title=x priority=MEDIUM",
		`"completed":null,"is_completed":true`:           "title=x priority=MEDIUM completed",
		`"status":"completed"`:                           "title=x priority=MEDIUM completed",
		`"status":"Completed"`:                           "title=x priority=MEDIUM completed",
		`"status":"pending"`:                             "title=x priority=MEDIUM",
		`"status":"todo"`:                                "title=x priority=MEDIUM",
		`"status":"in_progress"`:                         "title=x priority=MEDIUM",
		`"status":null`:                                  "title=x priority=MEDIUM",
		`"status":"completed","completed":false`:         "title=x priority=MEDIUM",
		`"status":"nonsense","completed":true`:           "title=x priority=MEDIUM completed",
		`"priority":"high"`:                              "title=x priority=HIGH",
		`"priority":"High"`:                              "title=x priority=HIGH",
		`"priority":"HIGH"`:                              "title=x priority=HIGH",
		`"priority":"lOw"`:                               "title=x priority=LOW",
		`"priority":"medium"`:                            "title=x priority=MEDIUM",
		// Nothing else is looked at, least of all who and which.
		`"user_id":"mallory","userId":"mallory","id":99,"category":{"a":[1]},"recurrence":"x","tag_ids":[1],"created_at":5,"Title":"y","version":null`: "title=x priority=MEDIUM",
	} {
		body := `{"title":"x"` + strings.TrimSuffix(","+in, ",") + `}`
		got, err := decodeCreate(body)
		if err != nil || createWords(got) != want {
			t.Errorf("readCreate(%s) = %s, %s, want %s", body, createWords(got), answered(t, err), want)
		}
	}
}

func TestReadUpdate(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                        "",
		`{"title":"y"}`:             "title=y",
		`{"description":"d"}`:       "description=d",
		`{"description":""}`:        "description=",
		`{"priority":"low"}`:        "priority=LOW",
		`{"tags":["a"]}`:            `tags=["a"]`,
		`{"tags":[]}`:               `tags=[]`,
		`{"tags":""}`:               `tags=[]`,
		`{"due_date":"2026-03-01"}`: "due=DATE 2026-03-01T00:00:00",
		`{"dueDate":"2026-03-01"}`:  "due=DATE 2026-03-01T00:00:00",
		`{"completed":true}`:        "completed=true",
		`{"completed":false}`:       "completed=false",
		`{"is_completed":"no"}`:     "completed=false",
		`{"status":"pending"}`:      "completed=false",
		// Null clears what can be cleared, and is as if left out elsewhere.
		`{"description":null}`: "description=null",
		`{"due_date":null}`:    "due=none",
		`{"dueDate":null}`:     "due=none",
		`{"due_date":""}`:      "due=none",
		`{"tags":null}`:        `tags=[]`,
		`{"title":null,"priority":null,"completed":null,"is_completed":null,"status":null}`: "",
		`{"completed":null,"status":"completed"}`:                                           "completed=true",
		`{"user_id":"mallory","id":5,"x":null}`:                                             "",
	} {
		got, err := decodeUpdate(in)
		if err != nil || updateWords(got) != want {
			t.Errorf("readUpdate(%s) = %s, %s, want %s", in, updateWords(got), answered(t, err), want)
		}
	}
}

func TestReadTags(t *testing.T) {
	for in, want := range map[string][]string{
		`["a","b"]`:             {"a", "b"},
		`["a,b","[\"c\"]"]`:     {"a,b", `["c"]`},
		`"[\"a\",\"b,c\"]"`:     {"a", "b,c"},
		`" [ \"a\" ] "`:         {"a"},
		`"[]"`:                  {},
		`""`:                    {},
		`"  "`:                  {},
		`"a"`:                   {"a"},
		`"a,b"`:                 {"a", "b"},
		`" a , b c ,"`:          {"a", "b c"},
		`",,a,, ,b,"`:           {"a", "b"},
		`","`:                   {},
		`"[a,b"`:                {"[a", "b"},
		`"{\"a\":1}"`:           {`{"a":1}`},
		`"5"`:                   {"5"},
		`"null"`:                {"null"},
		`"\u00e4,\ud83d\ude00"`: {"ä", "😀"},
		`"a\nb"`:                {"a\nb"},
	} {
		got, err := decodeUpdate(`{"tags":` + in + `}`)
		task, errs := got.Apply(&models.Task{}, fullTask().CreatedAt)
		if err != nil || errs != nil || !got.Tags.IsSet() || !slices.Equal(task.Tags, want) {
			t.Errorf("readUpdate(tags %s) = %s, %s, %v, want %q", in, updateWords(got), answered(t, err), errs, want)
		}
	}
}

func TestReadBoolean(t *testing.T) {
	for want, list := range map[bool][]string{
		true:  {`true`, `1`, `1.0`, `"true"`, `"TRUE"`, `"True"`, `"yes"`, `"on"`, `"t"`, `"y"`, `"Y"`, `"1"`},
		false: {`false`, `0`, `0.0`, `"false"`, `"FALSE"`, `"no"`, `"off"`, `"Off"`, `"f"`, `"n"`, `"0"`},
	} {
		for _, in := range list {
			got, err := decodeUpdate(`{"completed":` + in + `}`)
			if b := got.Completed.Value(); err != nil || b == nil || *b != want {
				t.Errorf("readUpdate(completed %s) = %s, %s, want %v", in, updateWords(got), answered(t, err), want)
			}
		}
	}
}
