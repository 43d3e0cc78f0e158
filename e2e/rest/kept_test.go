package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestKeptFields writes, reads and filters the fields that the dialect web keeps in tags. At /seed and in GraphQL they are tags.
func TestKeptFields(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		ada := s.As("ada")
		web, seed := "/web"+ada.Tasks(), "/seed"+ada.Tasks()
		made := ada.Send("POST", web, `{"title":"one","priority":"Urgent","category":" Work ","tags":["home"]}`)
		task := made.Header.Get("Location")
		fields := func(priority, category string, tags ...string) []string {
			list := `"tags":[]`
			if len(tags) > 0 {
				list = `"tags":["` + strings.Join(tags, `","`) + `"]`
			}
			if category != "" {
				category = `"category":"` + category + `"}`
			}
			return []string{`"priority":"` + priority + `"`, list, category}
		}
		check := func(what string, got harness.Answer, want []string) {
			t.Helper()
			if got.Status >= 300 {
				t.Errorf("%s = %d %s", what, got.Status, got.Body)
			}
			for _, part := range want {
				if !strings.Contains(got.Body, part) || part == "" && strings.Contains(got.Body, "category") {
					t.Errorf("%s = %s, want %q in it", what, got.Body, want)
				}
			}
		}
		check("POST", made, fields("urgent", "Work", "home"))
		check("GET", ada.Send("GET", task, ""), fields("urgent", "Work", "home"))
		check("list", ada.Send("GET", web, ""), fields("urgent", "Work", "home"))
		check("GET in seed", ada.Send("GET", strings.Replace(task, "/web", "/seed", 1), ""), []string{`"priority":"HIGH","tags":"[\"home\",\"category:Work\",\"priority:urgent\"]"`})
		var read struct{ Task struct{ Tags []string } }
		ada.GraphQL(`{ task(id: 1) { tags } }`).Data(t, &read)
		if fmt.Sprint(read.Task.Tags) != "[home category:Work priority:urgent]" {
			t.Errorf("tags = %q in GraphQL", read.Task.Tags)
		}
		// A task that is sent back as it was read writes nothing.
		unchanged := func(what string) {
			t.Helper()
			before := ada.Send("GET", task, "")
			if again := ada.Send("PUT", task, before.Body); again.Body != before.Body || again.Header.Get("ETag") != before.Header.Get("ETag") {
				t.Errorf("PUT of the task as it was read, %s = %s, want %s", what, again.Body, before.Body)
			}
		}
		for _, step := range []struct {
			body string
			want []string
		}{
			{`{"title":"two"}`, fields("urgent", "Work", "home")},
			{`{"priority":null,"title":"three"}`, fields("urgent", "Work", "home")},
			{`{"tags":["home","b"]}`, fields("urgent", "Work", "home", "b")},
			{`{"tags":"b"}`, fields("urgent", "Work", "b")},
			{`{"category":"other"}`, fields("urgent", "other", "b")},
			{`{"priority":"high"}`, fields("high", "other", "b")},
			{`{"priority":"none","category":""}`, fields("none", "", "b")},
			{`{"priority":"normal","category":"personal","tags":null}`, fields("normal", "personal")},
			{`{"priority":"p4"}`, fields("P4", "personal")},
			{`{"category":null}`, fields("P4", "")},
			{`{"tags":["Category:errand","x"],"priority":"low"}`, fields("low", "errand", "x")},
			{`{"tags":["category:y","x"],"category":"home"}`, fields("low", "home", "category:y", "x")},
			{`{"category":null}`, fields("low", "", "x")},
			{`{"tags":["category:y","x"],"category":null}`, fields("low", "", "x")},
			{`{"category":"home"}`, fields("low", "home", "x")},
			{`{"priority":"urgent"}`, fields("urgent", "home", "x")},
		} {
			check("PUT "+step.body, ada.Send("PUT", task, step.body), step.want)
		}
		// Another client changes the priority: its word counts no more, and does not come back with the priority.
		ada.GraphQL(`mutation { updateTask(id: 1, input: {priority: LOW}) { task { id } userErrors { code } } }`)
		check("after GraphQL", ada.Send("GET", task, ""), fields("low", "home", "x"))
		check("PUT", ada.Send("PUT", task, `{"tags":["x","z"]}`), fields("low", "home", "x", "z"))
		ada.GraphQL(`mutation { updateTask(id: 1, input: {priority: HIGH}) { task { id } userErrors { code } } }`)
		check("after GraphQL again", ada.Send("GET", task, ""), fields("high", "home", "x", "z"))
		ada.GraphQL(`mutation { updateTask(id: 1, input: {addTags: ["late"]}) { task { id } userErrors { code } } }`)
		unchanged("with a tag behind the category")
		ada.GraphQL(`mutation { updateTask(id: 1, input: {removeTags: ["late"]}) { task { id } userErrors { code } } }`)
		ada.GraphQL(`mutation { updateTask(id: 1, input: {addTags: ["category:second", "late"]}) { task { id } userErrors { code } } }`)
		check("with two categories", ada.Send("GET", task, ""), fields("high", "home", "x", "z", "category:second", "late"))
		unchanged("with two categories")
		if got := ada.Send("PUT", task, `{"priority":"none"}`, "If-Match", `"1"`); got.Status != http.StatusPreconditionFailed {
			t.Errorf("PUT with another version = %d, want 412", got.Status)
		}

		ada.Send("POST", web, `{"title":"urgent","priority":"urgent","category":"Work"}`)
		ada.Send("POST", web, `{"title":"plain","priority":"low"}`)
		for query, want := range map[string]string{
			"category=work": "urgent", "category=HOME": "three", "category=all": "plain urgent three", "category=": "plain urgent three", "category=nothing": "",
			"priority=urgent": "urgent three", "priority=high": "urgent three", "sort=priority&order=asc": "plain urgent three", "category=work&priority=low": "",
		} {
			if got := titles(ada.Send("GET", web+"?"+query, "").Body); got != want {
				t.Errorf("GET ?%s = %q, want %q", query, got, want)
			}
		}
		if got := titles(ada.Send("GET", seed+"?category=work", "").Body); got != "plain urgent three" {
			t.Errorf("GET ?category=work in seed = %q, want all", got)
		}
		for body, want := range map[string]string{
			`{"title":"x","category":5}`:                                `{"detail":[{"type":"string_type","loc":["body","category"],"msg":"Input should be a valid string","input":5}]}`,
			`{"title":"x","category":"a\u0000","tags":["home"]}`:        `{"type":"value_error","loc":["body","category"],"msg":"Value error, The text contains a NUL character.","input":"a\u0000","ctx":`,
			`{"title":"","category":"` + strings.Repeat("ä", 42) + `"}`: `{"type":"string_too_long","loc":["body","category"],"msg":"String should have at most 41 characters","input":"` + strings.Repeat("ä", 42) + `","ctx":{"max_length":41}}]}`,
		} {
			if got := ada.Send("POST", web, body); got.Status != 422 || !strings.Contains(got.Body, want) {
				t.Errorf("POST %s = %d %s, want %s", body, got.Status, got.Body, want)
			}
		}
		if got := ada.Send("POST", web, `{"title":"x","category":"`+strings.Repeat("ä", 41)+`"}`); got.Status != 201 {
			t.Errorf("POST of the longest category = %d %s", got.Status, got.Body)
		}
		if got := ada.Send("GET", web+"?category="+strings.Repeat("x", 42), ""); got.Status != 422 || !strings.Contains(got.Body, `"loc":["query","category"]`) {
			t.Errorf("GET with a category of 42 characters = %d %s", got.Status, got.Body)
		}
		twenty := `"1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20"`
		if got := ada.Send("PUT", task, `{"tags":[`+twenty+`]}`); got.Status != 422 || !strings.Contains(got.Body, `"type":"too_long","loc":["body","tags"]`) {
			t.Errorf("PUT of 20 tags beside a category = %d %s, want 422", got.Status, got.Body)
		}
		check("PUT of 20 tags without a category", ada.Send("PUT", task, `{"category":null,"tags":[`+twenty+`]}`), []string{`"20"]`})
		if got := ada.Send("POST", seed, `{"title":"x","category":5}`); got.Status != 201 || strings.Contains(got.Body, "category") {
			t.Errorf("POST with a category in seed = %d %s, want it ignored", got.Status, got.Body)
		}
	})
}

// titles returns the titles of a list.
func titles(body string) string {
	var tasks []struct{ Title string }
	if err := json.Unmarshal([]byte(body), &tasks); err != nil {
		return err.Error()
	}
	var all []string
	for _, task := range tasks {
		all = append(all, task.Title)
	}
	return strings.Join(all, " ")
}

// TestOpenStatus writes the configured word for open tasks, which is read again as every other is.
func TestOpenStatus(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["REST_OPEN_STATUS"] = "todo"
	s := harness.Start(t, env)
	ada := s.As("ada")
	list := "/web" + ada.Tasks()
	made := ada.Send("POST", list, `{"title":"x"}`)
	task := made.Header.Get("Location")
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", task, "", `"status":"todo"`},
		{"PUT", task, `{"status":"done"}`, `"status":"completed"`},
		{"PUT", task, `{"status":"todo"}`, `"status":"todo"`},
		{"PATCH", task + "/toggle", "", `"status":"completed"`},
		{"PATCH", task + "/toggle", "", `"status":"todo"`},
		{"GET", list + "?status=todo", "", `"status":"todo"`},
		{"GET", list + "?status=in_progress", "", `"status":"todo"`},
		{"GET", list + "?status=done", "", `[]`},
		{"GET", "/web/openapi.json", "", `"enum":["completed","todo"]`},
		{"GET", "/seed" + ada.Tasks(1), "", `"completed":false`},
	} {
		if got := ada.Send(step.method, step.path, step.body); got.Status != 200 || !strings.Contains(got.Body, step.want) {
			t.Errorf("%s %s %s = %d %s, want %s", step.method, step.path, step.body, got.Status, got.Body, step.want)
		}
	}
}
