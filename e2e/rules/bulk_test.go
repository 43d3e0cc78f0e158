package rules

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// bulkAPI is GraphQL with bulk mutations of one task each.
type bulkAPI struct{ graphQLAPI }

var ofOne = regexp.MustCompile(`\b(inputs\.0\.|ids\.0)`)

func (d bulkAPI) writes(mutation, parameters string, variables ...any) (*seen, string) {
	d.T.Helper()
	query := fmt.Sprintf("mutation(%s) { result: %s { tasks %s userErrors { code field } } }", parameters, mutation, graphqlTask)
	var data struct {
		Result struct {
			Tasks      []*graphqlSeen
			UserErrors []struct {
				Code  string
				Field []string
			}
		}
	}
	d.GraphQL(query, variables...).Data(d.T, &data)
	var wrong []string
	for _, e := range data.Result.UserErrors {
		path := ofOne.ReplaceAllStringFunc(strings.Join(e.Field, "."), func(s string) string {
			return map[string]string{"inputs.0.": "", "ids.0": "id"}[s]
		})
		wrong = append(wrong, e.Code+" "+strings.TrimPrefix(path, "input."))
	}
	if (len(data.Result.Tasks) == 1) != (wrong == nil) {
		d.T.Errorf("%s: %d tasks beside errors %v", mutation, len(data.Result.Tasks), wrong)
	}
	if wrong != nil {
		return nil, strings.Join(wrong, ", ")
	}
	return data.Result.Tasks[0].seen(), "ok"
}

func (d bulkAPI) create(f fields) (*seen, string) {
	d.T.Helper()
	return d.writes("createTasks(inputs: [$input])", "$input: CreateTaskInput!", "input", d.input(f))
}

func (d bulkAPI) update(id string, f fields) (*seen, string) {
	d.T.Helper()
	return d.writes("updateTasks(ids: [$id], input: $input)", "$id: ID!, $input: UpdateTaskInput!", "id", id, "input", d.input(f))
}

func (d bulkAPI) change(what, id string) (*seen, string) {
	d.T.Helper()
	if what != "delete" {
		return d.graphQLAPI.change(what, id)
	}
	before, _ := d.get(id)
	var data struct {
		DeleteTasks struct {
			DeletedTaskIds []string
			Count          int
			UserErrors     []struct {
				Code  string
				Field []string
			}
		}
	}
	d.GraphQL("mutation($id: ID!) { deleteTasks(ids: [$id]) { deletedTaskIds count userErrors { code field } } }", "id", id).Data(d.T, &data)
	result := data.DeleteTasks
	if len(result.UserErrors) > 0 {
		return nil, result.UserErrors[0].Code + " " + strings.ReplaceAll(strings.Join(result.UserErrors[0].Field, "."), "ids.0", "id")
	}
	if result.Count != 1 || len(result.DeletedTaskIds) != 1 || result.DeletedTaskIds[0] != id {
		d.T.Errorf("deleteTasks of %s = %+v", id, result)
	}
	return before, "ok"
}

// TestNullInUpdates sends null for each field. GraphQL reports fields that cannot be null. REST ignores them, as the
// FastAPI backend does, and clears the tags.
func TestNullInUpdates(t *testing.T) {
	t.Parallel()
	full := fields{"title": "t", "description": "d", "priority": "HIGH", "tags": []string{"a", "b"}, "due": "2026-03-01", "completed": true}
	cleared := map[string]func(*seen) bool{
		"description": func(s *seen) bool { return s.Description == nil },
		"due":         func(s *seen) bool { return s.Due == "" },
	}
	eachAPI(t, func(t *testing.T, d api) {
		_, rest := d.(restAPI)
		for name := range full {
			before, _ := d.create(full)
			after, verdict := d.update(before.ID, fields{name: nil})
			read, _ := d.get(before.ID)
			clears := cleared[name]
			if name == "tags" && rest {
				clears = func(s *seen) bool { return len(s.Tags) == 0 }
			}
			switch {
			case clears != nil:
				if verdict != "ok" || !clears(after) || !clears(read) || !read.UpdatedAt.After(before.UpdatedAt) {
					t.Errorf("%s null = %s, %+v", name, verdict, read)
				}
			case rest && verdict != "ok", !rest && verdict != "NULL_NOT_ALLOWED "+name, !same(read, before), !read.UpdatedAt.Equal(before.UpdatedAt):
				t.Errorf("%s null = %s, %+v, it was %+v", name, verdict, read, before)
			}
		}
	})
}

// TestTagDeltas adds and removes tags, which only GraphQL can, one task at a time and in bulk.
func TestTagDeltas(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := graphQLAPI{s.As("u")}
		for _, d := range []api{u, bulkAPI{u}} {
			task, _ := d.create(fields{"title": "x", "tags": []string{"Work", "b"}})
			for _, c := range []struct {
				give          fields
				verdict, tags string
			}{
				{fields{"addTags": []string{"c", "WORK"}}, "ok", "Work b c"},
				{fields{"removeTags": []string{"work", "x"}}, "ok", "b c"},
				{fields{"addTags": []string{"Work"}, "removeTags": []string{"B"}}, "ok", "c Work"},
				{fields{"tags": []string{"x"}, "addTags": []string{"y"}}, "MUTUALLY_EXCLUSIVE tags", "c Work"},
				{fields{"addTags": []string{"y"}, "removeTags": []string{"Y"}}, "MUTUALLY_EXCLUSIVE removeTags", "c Work"},
				{fields{"addTags": manyTags(19)}, "TOO_MANY addTags", "c Work"},
				{fields{"addTags": []string{"a", " ", long(51)}}, "BLANK addTags.1, TOO_LONG addTags.2", "c Work"},
				{fields{"addTags": nil}, "NULL_NOT_ALLOWED addTags", "c Work"},
				{fields{"removeTags": nil}, "NULL_NOT_ALLOWED removeTags", "c Work"},
			} {
				_, verdict := d.update(task.ID, c.give)
				if read, _ := d.get(task.ID); verdict != c.verdict || strings.Join(read.Tags, " ") != c.tags {
					t.Errorf("%v = %s, the tags are %q, want %s, %s", c.give, verdict, read.Tags, c.verdict, c.tags)
				}
			}
		}
	})
}
