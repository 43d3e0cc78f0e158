package rules

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
)

// api is one of the APIs. All of them call the same operations, so every step has the same verdict in each.
type api interface {
	create(f fields) (*seen, string)
	update(id string, f fields) (*seen, string)
	get(id string) (*seen, string)
	list() []seen
	// change is complete, reopen, toggle or delete.
	change(what, id string) (*seen, string)
}

// fields are the fields of a request. Missing ones are not sent, and nil is sent as null.
type fields map[string]any

// seen is a task as both APIs return it.
type seen struct {
	ID, Title, Priority, Due string
	Description              *string
	Tags                     []string
	Completed                bool
	CreatedAt, UpdatedAt     time.Time
}

// A verdict is "ok", or error codes with their fields: "BLANK title, TOO_LONG tags.1".

type graphQLAPI struct{ *harness.Client }

const graphqlTask = `{ id title description priority tags completed createdAt updatedAt dueDate dueAt }`

type graphqlSeen struct {
	ID, Title, Priority  string
	Description          *string
	Tags                 []string
	Completed            bool
	CreatedAt, UpdatedAt time.Time
	DueDate, DueAt       *string
}

func (g *graphqlSeen) seen() *seen {
	if g == nil {
		return nil
	}
	s := &seen{ID: g.ID, Title: g.Title, Priority: g.Priority, Description: g.Description, Tags: g.Tags,
		Completed: g.Completed, CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt}
	if g.DueAt != nil {
		s.Due = *g.DueAt
	} else if g.DueDate != nil {
		s.Due = *g.DueDate
	}
	return s
}

func (d graphQLAPI) input(f fields) map[string]any {
	input := map[string]any{}
	for name, value := range f {
		if name == "due" && value != nil {
			kind := "date"
			if strings.Contains(value.(string), "T") {
				kind = "at"
			}
			value = map[string]any{kind: value}
		}
		input[name] = value
	}
	return input
}

func (d graphQLAPI) write(mutation, parameters string, variables ...any) (*seen, string) {
	d.T.Helper()
	query := fmt.Sprintf("mutation(%s) { result: %s { task %s userErrors { code field } } }", parameters, mutation, graphqlTask)
	var data struct {
		Result struct {
			Task       *graphqlSeen
			UserErrors []struct {
				Code  string
				Field []string
			}
		}
	}
	d.GraphQL(query, variables...).Data(d.T, &data)
	var wrong []string
	for _, e := range data.Result.UserErrors {
		wrong = append(wrong, e.Code+" "+strings.TrimPrefix(strings.Join(e.Field, "."), "input."))
	}
	if (data.Result.Task == nil) != (len(wrong) > 0) {
		d.T.Errorf("%s: task %v beside errors %v", mutation, data.Result.Task, wrong)
	}
	if len(wrong) > 0 {
		return nil, strings.Join(wrong, ", ")
	}
	return data.Result.Task.seen(), "ok"
}

func (d graphQLAPI) create(f fields) (*seen, string) {
	d.T.Helper()
	return d.write("createTask(input: $input)", "$input: CreateTaskInput!", "input", d.input(f))
}

func (d graphQLAPI) update(id string, f fields) (*seen, string) {
	d.T.Helper()
	return d.write("updateTask(id: $id, input: $input)", "$id: ID!, $input: UpdateTaskInput!", "id", id, "input", d.input(f))
}

func (d graphQLAPI) change(what, id string) (*seen, string) {
	d.T.Helper()
	task, verdict := d.write(what+"Task(id: $id)", "$id: ID!", "id", id)
	if verdict == "IN_TRASH id" {
		verdict = "NOT_FOUND id" // REST does not show the trash
	}
	return task, verdict
}

func (d graphQLAPI) get(id string) (*seen, string) {
	d.T.Helper()
	var data struct{ Task *graphqlSeen }
	d.GraphQL("query($id: ID!) { task(id: $id) "+graphqlTask+" }", "id", id).Data(d.T, &data)
	if data.Task == nil {
		return nil, "NOT_FOUND id"
	}
	return data.Task.seen(), "ok"
}

func (d graphQLAPI) list() (all []seen) {
	d.T.Helper()
	var data struct{ Tasks struct{ Nodes []graphqlSeen } }
	d.GraphQL("{ tasks(first: 100) { nodes "+graphqlTask+" } }").Data(d.T, &data)
	for _, task := range data.Tasks.Nodes {
		all = append(all, *task.seen())
	}
	return all
}

type restAPI struct{ *harness.Client }

type restSeen struct {
	ID                    int64
	Title, Priority, Tags string
	Description           *string
	DueDate               *string   `json:"due_date"`
	UserID                string    `json:"user_id"`
	CreatedAt             time.Time `json:"created_at"`
	UpdatedAt             time.Time `json:"updated_at"`
	Completed             bool
}

func (d restAPI) seen(r restSeen) *seen {
	d.T.Helper()
	if r.UserID != d.User {
		d.T.Errorf("user_id = %q, want %q", r.UserID, d.User)
	}
	s := &seen{ID: fmt.Sprint(r.ID), Title: r.Title, Priority: r.Priority, Description: r.Description, Completed: r.Completed,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	if err := json.Unmarshal([]byte(r.Tags), &s.Tags); err != nil {
		d.T.Errorf("tags = %s: %v", r.Tags, err)
	}
	if r.DueDate != nil {
		s.Due = strings.TrimSuffix(*r.DueDate, "T00:00:00")
	}
	return s
}

func (d restAPI) body(f fields) string {
	body := map[string]any{}
	for name, value := range f {
		if name == "due" {
			name = "due_date"
		}
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		d.T.Fatal(err)
	}
	return string(text)
}

var restCodes = map[string]string{"string_too_short": "BLANK", "string_too_long": "TOO_LONG", "too_long": "TOO_MANY", "value_error": "INVALID_FORMAT"}

func (d restAPI) verdict(a harness.Answer, status int) (*seen, string) {
	d.T.Helper()
	switch a.Status {
	case status:
		var task restSeen
		a.JSON(d.T, &task)
		return d.seen(task), "ok"
	case 404:
		if a.Body != `{"detail":"Task not found"}` {
			d.T.Errorf("404 with %s", a.Body)
		}
		return nil, "NOT_FOUND id"
	case 422:
		var problem struct {
			Detail []struct {
				Type string
				Loc  []any
			}
		}
		a.JSON(d.T, &problem)
		var wrong []string
		for _, item := range problem.Detail {
			var field []string
			for _, step := range item.Loc[1:] {
				field = append(field, fmt.Sprint(step))
			}
			wrong = append(wrong, restCodes[item.Type]+" "+strings.Join(field, "."))
		}
		return nil, strings.Join(wrong, ", ")
	default:
		d.T.Fatalf("answer = %d %s, want %d, 404 or 422", a.Status, a.Body, status)
		return nil, ""
	}
}

func (d restAPI) create(f fields) (*seen, string) {
	d.T.Helper()
	return d.verdict(d.Send("POST", d.Tasks(), d.body(f)), 201)
}

func (d restAPI) update(id string, f fields) (*seen, string) {
	d.T.Helper()
	return d.verdict(d.Send("PUT", d.Tasks(id), d.body(f)), 200)
}

func (d restAPI) get(id string) (*seen, string) {
	d.T.Helper()
	return d.verdict(d.Send("GET", d.Tasks(id), ""), 200)
}

func (d restAPI) change(what, id string) (*seen, string) {
	d.T.Helper()
	switch what {
	case "complete":
		return d.verdict(d.Send("PATCH", d.Tasks(id, "complete"), `{"completed": true}`), 200)
	case "reopen":
		return d.verdict(d.Send("PATCH", d.Tasks(id, "complete"), `{"completed": false}`), 200)
	case "toggle":
		return d.verdict(d.Send("PATCH", d.Tasks(id, "complete"), ""), 200)
	}
	before, verdict := d.get(id)
	a := d.Send("DELETE", d.Tasks(id), "")
	if a.Status == 200 && a.Body != `{"message":"Task deleted successfully","success":true,"id":`+id+`}` {
		d.T.Errorf("DELETE = %s", a.Body)
	}
	if a.Status != 200 {
		_, verdict = d.verdict(a, 200)
	}
	return before, verdict
}

func (d restAPI) list() (all []seen) {
	d.T.Helper()
	var list []restSeen
	d.Send("GET", d.Tasks(), "").JSON(d.T, &list)
	for _, task := range list {
		all = append(all, *d.seen(task))
	}
	return all
}

// eachAPI runs a test with GraphQL, bulk GraphQL and REST, on each kind of database.
func eachAPI(t *testing.T, test func(t *testing.T, d api)) {
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		t.Run("GraphQL", func(t *testing.T) { test(t, graphQLAPI{s.Within(t).As("graphql user")}) })
		t.Run("GraphQL in bulk", func(t *testing.T) { test(t, bulkAPI{graphQLAPI{s.Within(t).As("bulk user")}}) })
		t.Run("REST", func(t *testing.T) { test(t, restAPI{s.Within(t).As("rest/user é")}) })
	})
}

func long(n int) string { return strings.Repeat("é", n) }

func manyTags(n int) (tags []string) {
	for i := range n {
		tags = append(tags, fmt.Sprint("t", i))
	}
	return tags
}

func TestRulesOfFields(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		give    fields
		verdict string
		want    func(s *seen) bool
	}{
		{"only a title", fields{"title": "x"}, "ok", func(s *seen) bool {
			return s.Title == "x" && s.Priority == "MEDIUM" && len(s.Tags) == 0 && s.Due == "" && !s.Completed && s.Description == nil
		}},
		{"title trimmed", fields{"title": " \u2003x y\t\n"}, "ok", func(s *seen) bool { return s.Title == "x y" }},
		{"title of 200 characters", fields{"title": long(200)}, "ok", func(s *seen) bool { return s.Title == long(200) }},
		{"title of 201 characters", fields{"title": long(201)}, "TOO_LONG title", nil},
		{"title empty", fields{"title": ""}, "BLANK title", nil},
		{"title blank", fields{"title": " \t\u00a0"}, "BLANK title", nil},
		{"title with NUL", fields{"title": "a\x00b"}, "INVALID_FORMAT title", nil},
		{"text of all kinds", fields{"title": "👩‍👩‍👧 e\u0301 שלום 中文 '\"\\;--?%_<b>&amp;", "description": "\u202eabc\u202c\r\n\t \u0001"}, "ok", func(s *seen) bool {
			return s.Title == "👩‍👩‍👧 e\u0301 שלום 中文 '\"\\;--?%_<b>&amp;" && *s.Description == "\u202eabc\u202c\r\n\t \u0001"
		}},
		{"description of 10,000 characters", fields{"title": "x", "description": long(10_000)}, "ok", func(s *seen) bool { return *s.Description == long(10_000) }},
		{"description of 10,001 characters", fields{"title": "x", "description": long(10_001)}, "TOO_LONG description", nil},
		{"description with NUL", fields{"title": "x", "description": "\x00"}, "INVALID_FORMAT description", nil},
		{"priority", fields{"title": "x", "priority": "LOW"}, "ok", func(s *seen) bool { return s.Priority == "LOW" }},
		{"tags in order, without repeats in any letter case", fields{"title": "x", "tags": []string{" b ", "A", "ä", "a", "Ä", "c,d"}}, "ok", func(s *seen) bool {
			return strings.Join(s.Tags, "|") == "b|A|ä|c,d"
		}},
		{"tag blank", fields{"title": "x", "tags": []string{"a", " "}}, "BLANK tags.1", nil},
		{"tag of 50 characters", fields{"title": "x", "tags": []string{long(50)}}, "ok", func(s *seen) bool { return s.Tags[0] == long(50) }},
		{"tag of 51 characters", fields{"title": "x", "tags": []string{"a", long(51)}}, "TOO_LONG tags.1", nil},
		{"20 tags", fields{"title": "x", "tags": append(manyTags(20), "T1")}, "ok", func(s *seen) bool { return len(s.Tags) == 20 }},
		{"21 tags", fields{"title": "x", "tags": manyTags(21)}, "TOO_MANY tags", nil},
		{"due on a day", fields{"title": "x", "due": "2028-02-29"}, "ok", func(s *seen) bool { return s.Due == "2028-02-29" }},
		{"due at an instant", fields{"title": "x", "due": "2026-03-01T17:00:00.123456+01:00"}, "ok", func(s *seen) bool { return s.Due == "2026-03-01T16:00:00.123456Z" }},
		{"due null", fields{"title": "x", "due": nil}, "ok", func(s *seen) bool { return s.Due == "" }},
		{"already done", fields{"title": "x", "completed": true}, "ok", func(s *seen) bool { return s.Completed }},
		{"all that is wrong, in order", fields{"title": "", "description": long(10_001), "tags": []string{long(51), ""}},
			"BLANK title, TOO_LONG description, TOO_LONG tags.0, BLANK tags.1", nil},
	}
	eachAPI(t, func(t *testing.T, d api) {
		base, _ := d.create(fields{"title": "base"})
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := len(d.list())
				task, verdict := d.create(c.give)
				if verdict != c.verdict {
					t.Fatalf("create = %q, want %q", verdict, c.verdict)
				}
				updated, verdict := d.update(base.ID, c.give)
				if verdict != c.verdict {
					t.Errorf("update = %q, want %q", verdict, c.verdict)
				}
				if c.verdict != "ok" {
					if after := len(d.list()); after != before {
						t.Errorf("a refused create left %d tasks more", after-before)
					}
					return
				}
				read, _ := d.get(task.ID)
				for name, s := range map[string]*seen{"create": task, "read": read} {
					if !c.want(s) {
						t.Errorf("%s gave %+v", name, s)
					}
				}
				// An update leaves the other fields as they are, so that only what was given can be compared.
				if same := fmt.Sprint(updated.Title) == task.Title; !same {
					t.Errorf("update gave %+v, create %+v", updated, task)
				}
				if _, verdict := d.change("delete", task.ID); verdict != "ok" {
					t.Errorf("delete = %q", verdict)
				}
			})
		}
	})
}

func TestPartialUpdate(t *testing.T) {
	t.Parallel()
	full := fields{"title": "t", "description": "d", "priority": "HIGH", "tags": []string{"a", "b"}, "due": "2026-03-01", "completed": true}
	cases := []struct {
		name string
		give fields
		want func(before, after *seen) bool
	}{
		{"nothing", fields{}, func(b, a *seen) bool { return a.UpdatedAt.Equal(b.UpdatedAt) }},
		{"the same", full, func(b, a *seen) bool { return a.UpdatedAt.Equal(b.UpdatedAt) }},
		{"title", fields{"title": "n"}, func(b, a *seen) bool { b.Title = "n"; return same(a, b) }},
		{"description", fields{"description": "n"}, func(b, a *seen) bool { *b.Description = "n"; return same(a, b) }},
		{"description null", fields{"description": nil}, func(b, a *seen) bool { b.Description = nil; return same(a, b) }},
		{"priority", fields{"priority": "LOW"}, func(b, a *seen) bool { b.Priority = "LOW"; return same(a, b) }},
		{"tags", fields{"tags": []string{"c"}}, func(b, a *seen) bool { b.Tags = []string{"c"}; return same(a, b) }},
		{"tags empty", fields{"tags": []string{}}, func(b, a *seen) bool { b.Tags = nil; return same(a, b) }},
		{"due", fields{"due": "2026-03-02T10:00:00Z"}, func(b, a *seen) bool { b.Due = "2026-03-02T10:00:00Z"; return same(a, b) }},
		{"due null", fields{"due": nil}, func(b, a *seen) bool { b.Due = ""; return same(a, b) }},
		{"completed", fields{"completed": false}, func(b, a *seen) bool { b.Completed = false; return same(a, b) }},
		{"two", fields{"title": "n", "completed": false}, func(b, a *seen) bool { b.Title, b.Completed = "n", false; return same(a, b) }},
	}
	eachAPI(t, func(t *testing.T, d api) {
		for _, c := range cases {
			before, _ := d.create(full)
			after, verdict := d.update(before.ID, c.give)
			if verdict != "ok" {
				t.Errorf("%s: update = %q", c.name, verdict)
				continue
			}
			read, _ := d.get(before.ID)
			copied := *before
			if before.Description != nil {
				text := *before.Description
				copied.Description = &text
			}
			if !c.want(&copied, after) || !same(read, after) {
				t.Errorf("%s: update gave %+v, then %+v was read; before it was %+v", c.name, after, read, before)
			}
		}
	})
}

// same compares all fields except UpdatedAt.
func same(a, b *seen) bool {
	x, y := *a, *b
	x.UpdatedAt, y.UpdatedAt = time.Time{}, time.Time{}
	x.CreatedAt, y.CreatedAt = x.CreatedAt.UTC(), y.CreatedAt.UTC()
	text := func(s seen) string {
		if s.Tags == nil {
			s.Tags = []string{}
		}
		out, _ := json.Marshal(s)
		return string(out)
	}
	return text(x) == text(y)
}

func TestStatesOfATask(t *testing.T) {
	t.Parallel()
	steps := []struct {
		change    string
		verdict   string
		completed bool
		written   bool
	}{
		{"reopen", "ok", false, false},
		{"complete", "ok", true, true},
		{"complete", "ok", true, false},
		{"toggle", "ok", false, true},
		{"toggle", "ok", true, true},
		{"reopen", "ok", false, true},
		{"delete", "ok", false, false},
		{"complete", "NOT_FOUND id", false, false},
		{"reopen", "NOT_FOUND id", false, false},
		{"toggle", "NOT_FOUND id", false, false},
	}
	eachAPI(t, func(t *testing.T, d api) {
		task, _ := d.create(fields{"title": "x"})
		last := task.UpdatedAt
		for i, step := range steps {
			got, verdict := d.change(step.change, task.ID)
			if verdict != step.verdict {
				t.Fatalf("step %d: %s = %q, want %q", i, step.change, verdict, step.verdict)
			}
			if verdict != "ok" || step.change == "delete" {
				continue
			}
			if got.Completed != step.completed || got.UpdatedAt.After(last) != step.written {
				t.Errorf("step %d: %s gave %+v, want completed %v, written %v", i, step.change, got, step.completed, step.written)
			}
			last = got.UpdatedAt
		}
		if list := d.list(); len(list) != 0 {
			t.Errorf("list = %v, want none: the task is in the trash", list)
		}
	})
}

func TestIDsThatNameNoTask(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, d api) {
		task, _ := d.create(fields{"title": "x"})
		for _, id := range []string{"0", "-1", "999999", "2147483648", "9223372036854775807", "9223372036854775808", strings.Repeat("9", 300)} {
			if _, verdict := d.get(id); verdict != "NOT_FOUND id" {
				t.Errorf("get(%s) = %q", id, verdict)
			}
			if _, verdict := d.update(id, fields{"title": "y"}); verdict != "NOT_FOUND id" {
				t.Errorf("update(%s) = %q", id, verdict)
			}
			for _, change := range []string{"complete", "reopen", "toggle", "delete"} {
				if _, verdict := d.change(change, id); verdict != "NOT_FOUND id" {
					t.Errorf("%s(%s) = %q", change, id, verdict)
				}
			}
		}
		if got, _ := d.get(task.ID); !same(got, task) {
			t.Errorf("the task became %+v", got)
		}
	})
}
