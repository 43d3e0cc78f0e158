package rules

import (
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestOtherUsersTasksDoNotExist compares the responses for another user's task with those for a task that does not
// exist: only the id may differ.
func TestOtherUsersTasksDoNotExist(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		owner, other := s.As("owner"), s.As("other")
		var data struct {
			CreateTask struct{ Task struct{ ID string } }
		}
		owner.GraphQL(`mutation { createTask(input: {title: "private"}) { task { id } } }`).Data(t, &data)
		id, none := data.CreateTask.Task.ID, "999999"
		before := owner.Send("GET", owner.Tasks(id), "").Body

		requests := map[string]func(id string) harness.Answer{}
		for _, mutation := range []string{"completeTask", "reopenTask", "toggleTask", "deleteTask", "restoreTask"} {
			requests[mutation] = func(id string) harness.Answer {
				return other.GraphQL(fmt.Sprintf(`mutation($id: ID!) { %s(id: $id) { task { id title } userErrors { code message field } } }`, mutation), "id", id)
			}
			if mutation != "restoreTask" {
				requests[mutation+" with a version"] = func(id string) harness.Answer {
					return other.GraphQL(fmt.Sprintf(`mutation($id: ID!) { %s(id: $id, expectedVersion: 1) { task { id } userErrors { code message field } } }`, mutation), "id", id)
				}
			}
		}
		requests["updateTask"] = func(id string) harness.Answer {
			return other.GraphQL(`mutation($id: ID!) { updateTask(id: $id, input: {title: "mine"}, expectedVersion: 7) { task { id } userErrors { code message field ... on TaskNotFound { taskId } } } }`, "id", id)
		}
		for name, mutation := range map[string]string{
			"createTask before": `createTask(input: {title: "x"}, placement: {before: $id}) { task { id } userErrors { code message field } }`,
			"moveTask":          `moveTask(id: $id, placement: {end: LAST}) { task { id } userErrors { code message field } }`,
			"purgeTask":         `purgeTask(id: $id) { deletedTaskId userErrors { code message field } }`,
			"updateTasks":       `updateTasks(ids: [$id], input: {title: "mine"}) { tasks { id } userErrors { code message field } }`,
			"deleteTasks":       `deleteTasks(ids: [$id]) { count userErrors { code message field } }`,
			"restoreTasks":      `restoreTasks(ids: [$id]) { tasks { id } userErrors { code message field } }`,
		} {
			requests[name] = func(id string) harness.Answer { return other.GraphQL(`mutation($id: ID!) { `+mutation+` }`, "id", id) }
		}
		requests["task"] = func(id string) harness.Answer {
			return other.GraphQL(`query($id: ID!) { task(id: $id) { id title } node(id: $id) { id } }`, "id", id)
		}
		for name, body := range map[string]string{"GET": "", "PUT": `{"title":"mine"}`, "PATCH": `{"title":"mine"}`, "DELETE": ""} {
			requests["REST "+name] = func(id string) harness.Answer { return other.Send(name, other.Tasks(id), body) }
		}
		requests["REST complete"] = func(id string) harness.Answer { return other.Send("PATCH", other.Tasks(id, "complete"), "") }

		for name, request := range requests {
			got, want := request(id), request(none)
			if got.Status != want.Status || strings.ReplaceAll(got.Body, `"`+id+`"`, `"`+none+`"`) != want.Body {
				t.Errorf("%s of another user's task = %d %s, of none %d %s", name, got.Status, got.Body, want.Status, want.Body)
			}
		}
		for _, a := range []harness.Answer{
			other.Send("GET", other.Tasks(), ""),
			other.GraphQL(`{ tasks(trash: INCLUDE) { nodes { id } totalCount } }`),
		} {
			if strings.Contains(a.Body, "private") || strings.Contains(a.Body, `"`+id+`"`) {
				t.Errorf("another user's list has the task: %s", a.Body)
			}
		}
		// In the path of the other user everything is forbidden, whether it exists or not.
		for _, path := range []string{owner.Tasks(), owner.Tasks(id), owner.Tasks(none)} {
			if a := other.Send("GET", path, ""); a.Status != 403 || a.Body != `{"detail":"Not authorized to access this task"}` {
				t.Errorf("GET %s as another user = %d %s, want 403", path, a.Status, a.Body)
			}
		}
		if a := other.Send("POST", owner.Tasks(), `{"title":"x","user_id":"other"}`); a.Status != 403 {
			t.Errorf("POST to another user's tasks = %d %s, want 403", a.Status, a.Body)
		}
		if after := owner.Send("GET", owner.Tasks(id), "").Body; after != before {
			t.Errorf("the task became %s, it was %s", after, before)
		}
		// Nor does a body choose the owner.
		if a := other.Send("POST", other.Tasks(), `{"title":"x","user_id":"owner","id":1}`); a.Status != 201 || !strings.Contains(a.Body, `"user_id":"other"`) {
			t.Errorf("POST with another user_id = %d %s", a.Status, a.Body)
		}
	})
}
