package durability

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// retrying is an API whose writes have an idempotency key. Verdicts are "ok" or an error code with its field.
type retrying interface {
	create(key, title string) (id, verdict string)
	toggle(key, id string) (completed bool, verdict string)
}

type retryingGraphQL struct{ *harness.Client }

func (d retryingGraphQL) write(mutation string, variables ...any) (id string, completed bool, verdict string) {
	d.T.Helper()
	var data struct {
		Result struct {
			Task *struct {
				ID        string
				Completed bool
			}
			UserErrors []struct {
				Code  string
				Field []string
			}
		}
	}
	d.GraphQL(mutation, variables...).Data(d.T, &data)
	if errs := data.Result.UserErrors; len(errs) > 0 {
		return "", false, errs[0].Code + " " + strings.Join(errs[0].Field, ".")
	}
	return data.Result.Task.ID, data.Result.Task.Completed, "ok"
}

func (d retryingGraphQL) create(key, title string) (id, verdict string) {
	d.T.Helper()
	id, _, verdict = d.write(`mutation($key: String, $title: String!) {
		result: createTask(input: {title: $title}, idempotencyKey: $key) { task { id completed } userErrors { code field } }
	}`, "key", key, "title", title)
	return id, verdict
}

func (d retryingGraphQL) toggle(key, id string) (completed bool, verdict string) {
	d.T.Helper()
	_, completed, verdict = d.write(`mutation($key: String, $id: ID!) {
		result: toggleTask(id: $id, idempotencyKey: $key) { task { id completed } userErrors { code field } }
	}`, "key", key, "id", id)
	return completed, verdict
}

type retryingREST struct{ *harness.Client }

func (d retryingREST) write(status int, method, path, body, key string) (id string, completed bool, verdict string) {
	d.T.Helper()
	a := d.Send(method, path, body, "Idempotency-Key", key)
	if a.Status == status {
		var task struct {
			ID        int64
			Completed bool
		}
		a.JSON(d.T, &task)
		if location := a.Header.Get("Location"); method == "POST" && location != d.Tasks(task.ID) {
			d.T.Errorf("Location = %q, want %q", location, d.Tasks(task.ID))
		}
		return fmt.Sprint(task.ID), task.Completed, "ok"
	}
	if a.Status == 404 {
		return "", false, "NOT_FOUND id"
	}
	var problem struct {
		Detail []struct {
			Type, Msg, Input string
			Loc              []string
			Ctx              map[string]any
		}
	}
	a.JSON(d.T, &problem)
	item := problem.Detail[0]
	if a.Status != 422 || item.Loc[0] == "header" && (item.Input != key || len(item.Ctx) != 1) {
		d.T.Errorf("answer = %d %s", a.Status, a.Body)
	}
	code := map[string]string{
		"String should have at least 1 character":                          "BLANK",
		"String should have at least 16 characters":                        "TOO_SHORT",
		"String should have at most 128 characters":                        "TOO_LONG",
		"Value error, The idempotency key was used for a different write.": "IDEMPOTENCY_KEY_REUSED",
	}[item.Msg]
	field := strings.Replace(strings.Join(item.Loc, "."), "header.idempotency-key", "idempotencyKey", 1)
	return "", false, code + " " + strings.Replace(field, "body.", "input.", 1)
}

func (d retryingREST) create(key, title string) (id, verdict string) {
	d.T.Helper()
	body, err := json.Marshal(map[string]string{"title": title})
	if err != nil {
		d.T.Fatal(err)
	}
	id, _, verdict = d.write(201, "POST", d.Tasks(), string(body), key)
	return id, verdict
}

func (d retryingREST) toggle(key, id string) (completed bool, verdict string) {
	d.T.Helper()
	_, completed, verdict = d.write(200, "PATCH", d.Tasks(id, "complete"), "", key)
	return completed, verdict
}

// TestRetries sends the same writes through both APIs: each step through one, then again through the other.
func TestRetries(t *testing.T) {
	t.Parallel()
	const reused = "IDEMPOTENCY_KEY_REUSED idempotencyKey"
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		apis := []retrying{retryingGraphQL{u}, retryingREST{u}}
		for i, api := range apis {
			other := apis[1-i]
			name := fmt.Sprintf("%T", api)
			key := func(what string) string { return name + ": " + what }

			first, verdict := api.create(key("create"), "x")
			if verdict != "ok" {
				t.Fatalf("%s: create = %s", name, verdict)
			}
			for _, d := range apis {
				if id, verdict := d.create(key("create"), "x"); id != first || verdict != "ok" {
					t.Errorf("%s: create again by %T = task %s, %s, want task %s", name, d, id, verdict, first)
				}
				if _, verdict := d.create(key("create"), "y"); verdict != reused {
					t.Errorf("%s: create another by %T = %s", name, d, verdict)
				}
				if _, verdict := d.toggle(key("create"), first); verdict != reused {
					t.Errorf("%s: toggle with the key of create by %T = %s", name, d, verdict)
				}
			}

			for range 2 {
				for _, d := range []retrying{api, other} {
					if completed, verdict := d.toggle(key("toggle"), first); !completed || verdict != "ok" {
						t.Errorf("%s: toggle by %T = %v, %s", name, d, completed, verdict)
					}
				}
			}
			if completed, verdict := api.toggle(key("toggle back"), first); completed || verdict != "ok" {
				t.Errorf("%s: toggle with another key = %v, %s", name, completed, verdict)
			}

			// What was refused leaves its key free.
			if _, verdict := api.create(key("refused"), " "); verdict != "BLANK input.title" {
				t.Errorf("%s: create without a title = %s", name, verdict)
			}
			if _, verdict := api.toggle(key("refused"), "999999"); verdict != "NOT_FOUND id" {
				t.Errorf("%s: toggle of no task = %s", name, verdict)
			}
			if id, verdict := api.create(key("refused"), "x"); id == first || verdict != "ok" {
				t.Errorf("%s: create after refusals = task %s, %s", name, id, verdict)
			}

			for length, want := range map[int]string{15: "TOO_SHORT idempotencyKey", 16: "ok", 128: "ok", 129: "TOO_LONG idempotencyKey"} {
				if _, verdict := api.toggle(strings.Repeat(fmt.Sprint(i), length), first); verdict != want {
					t.Errorf("%s: a key of %d characters = %s, want %s", name, length, verdict, want)
				}
			}

			// The task of a retry is shown as it lies, though REST hides the trash elsewhere.
			u.Send("DELETE", u.Tasks(first), "")
			for _, d := range apis {
				if id, verdict := d.create(key("create"), "x"); id != first || verdict != "ok" {
					t.Errorf("%s: create again by %T after the deletion = task %s, %s", name, d, id, verdict)
				}
				if completed, verdict := d.toggle(key("toggle back"), first); completed || verdict != "ok" {
					t.Errorf("%s: toggle again by %T after the deletion = %v, %s", name, d, completed, verdict)
				}
			}
		}
	})
}
