package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestOpenAPIFuzz draws requests from the schemas of each route and makes some of them invalid. A valid request
// succeeds. Every response must be in the document, and none may be a server error. A failure prints the flags that
// repeat it, such as -rapid.seed; -rapid.checks changes the number of requests.
func TestOpenAPIFuzz(t *testing.T) {
	t.Parallel()
	dialects := []string{"seed", "web"}
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		env := harness.Env(databaseURL)
		env["REST_DIALECT"], dialects = dialects[0], dialects[1:]
		s := harness.Start(t, env)
		c := readContract(t, s)
		ada := s.As("ada")
		for _, o := range c.operations {
			t.Run(o.id, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					f := &fuzzed{T: t, operation: o, user: ada.User, token: ada.Token, query: url.Values{}, headers: map[string]string{}}
					f.drawGood(func() string { return newTask(ada) })
					wrong := rapid.IntRange(0, 3).Draw(t, "number of things wrong")
					for range wrong {
						f.spoil()
					}
					got, err := f.send(s)
					if err != nil {
						t.Fatal(err)
					}
					if got.Status >= 500 || wrong == 0 && got.Status >= 300 {
						t.Fatalf("%s = %d %s", f, got.Status, got.Body)
					}
					if err := c.check(o, s.URL+f.path(), got); err != nil {
						t.Fatalf("%s = %d %s: %v", f, got.Status, got.Body, err)
					}
				})
			})
		}
	})
}

// newTask creates a task and returns its id.
func newTask(c *harness.Client) string {
	c.T.Helper()
	var task struct{ ID json.Number }
	c.Send("POST", c.Tasks(), `{"title":"x"}`).JSON(c.T, &task)
	return task.ID.String()
}

// fuzzed is a request that is being drawn.
type fuzzed struct {
	*rapid.T
	operation
	user, id, token string
	query           url.Values
	headers         map[string]string
	fields          map[string]any // of the body
	body            string
}

// drawGood draws a valid request without conditional headers.
func (f *fuzzed) drawGood(newTask func() string) {
	for _, p := range f.parameters {
		switch {
		case p.Name == "id":
			f.id = newTask()
		case p.Name == "is_completed" && f.query.Has("completed"): // which it must agree with
		case p.In == "query" && rapid.Bool().Draw(f.T, "with "+p.Name):
			f.query[p.Name] = texts(valueOf(f.T, p.Name, p.Schema))
		case p.Name == "Idempotency-Key" && rapid.Bool().Draw(f.T, "with a key"):
			f.headers[p.Name] = fmt.Sprintf("%016x-%d", rapid.Uint64().Draw(f.T, "key"), time.Now().UnixNano())
		}
	}
	if f.schema != nil {
		f.fields = valueOf(f.T, "body", f.schema).(map[string]any)
		f.encode()
	}
}

func (f *fuzzed) encode() {
	text, err := json.Marshal(f.fields)
	if err != nil {
		f.Fatal(err)
	}
	f.body = string(text)
}

// spoil makes one part of the request invalid or unusual.
func (f *fuzzed) spoil() {
	spoilers := map[string]func(){
		"path":  func() { f.user = oddText(f.T) },
		"token": func() { f.token = rapid.SampledFrom([]string{"", "x", "a.b.c"}).Draw(f.T, "token") },
		"query": func() {
			name := "unknown"
			if len(f.parameters) > 0 {
				name = rapid.SampledFrom(f.parameters).Draw(f.T, "parameter").Name
			}
			f.query[name] = rapid.SliceOfN(rapid.Custom(oddText), 1, 3).Draw(f.T, name)
		},
		"condition": func() {
			name := rapid.SampledFrom([]string{"If-Match", "If-None-Match", "Idempotency-Key", "Content-Type"}).Draw(f.T, "header")
			f.headers[name] = rapid.StringMatching(`[ -~]{0,40}|W/"[0-9]{1,3}"|"[0-9]{1,20}"(, "[0-9]{1,3}"){0,3}|\*`).Draw(f.T, name)
		},
		"body":      func() { f.body = oddJSON(f.T) },
		"cut body":  func() { f.body = f.body[:rapid.IntRange(0, len(f.body)).Draw(f.T, "end")] },
		"long body": func() { f.body += strings.Repeat(" ", 1<<20) },
		"field": func() {
			names := []string{"title", "description", "priority", "tags", "due_date", "dueDate", "completed", "is_completed", "status", "unknown"}
			name := rapid.SampledFrom(names).Draw(f.T, "field")
			fields := maps.Clone(f.fields)
			if fields == nil {
				fields = map[string]any{}
			}
			fields[name] = json.RawMessage("0")
			f.fields = fields
			f.encode()
			f.body = strings.Replace(f.body, fmt.Sprintf(`"%s":0`, name), fmt.Sprintf(`"%s":%s`, name, oddJSON(f.T)), 1)
		},
	}
	if f.id != "" {
		spoilers["id"] = func() { f.id = oddText(f.T) }
	}
	what := rapid.SampledFrom(slices.Sorted(maps.Keys(spoilers))).Draw(f.T, "what is wrong")
	spoilers[what]()
}

func (f *fuzzed) path() string {
	return strings.NewReplacer("{user_id}", url.PathEscape(f.user), "{id}", url.PathEscape(f.id)).Replace(f.operation.path)
}

func (f *fuzzed) String() string {
	body := f.body
	if len(body) > 1000 {
		body = fmt.Sprintf("%s… of %d bytes", body[:1000], len(body))
	}
	return fmt.Sprintf("%s %s?%s %v %s", f.method, f.path(), f.query.Encode(), f.headers, body)
}

func (f *fuzzed) send(s *harness.Server) (harness.Answer, error) {
	c := s.With(f.user, f.token)
	var headers []string
	for name, value := range f.headers {
		headers = append(headers, name, value)
	}
	return c.Try(f.method, f.path()+"?"+f.query.Encode(), f.body, headers...)
}
