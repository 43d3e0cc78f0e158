package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestOtherUsersTasksDoNotExist compares the answers about another user's task with those about a
// task that is not there: nothing but the id may differ.
func TestOtherUsersTasksDoNotExist(t *testing.T) {
	eachServer(t, func(t *testing.T, s *server) {
		owner, other := s.as("owner"), s.as("other")
		var data struct {
			CreateTask struct{ Task struct{ ID string } }
		}
		owner.graphql(`mutation { createTask(input: {title: "private"}) { task { id } } }`).data(t, &data)
		id, none := data.CreateTask.Task.ID, "999999"
		before := owner.send("GET", owner.tasks(id), "").body

		requests := map[string]func(id string) answer{}
		for _, mutation := range []string{"completeTask", "reopenTask", "toggleTask", "deleteTask", "restoreTask"} {
			requests[mutation] = func(id string) answer {
				return other.graphql(fmt.Sprintf(`mutation($id: ID!) { %s(id: $id) { task { id title } userErrors { code message field } } }`, mutation), "id", id)
			}
			if mutation != "restoreTask" {
				requests[mutation+" with a version"] = func(id string) answer {
					return other.graphql(fmt.Sprintf(`mutation($id: ID!) { %s(id: $id, expectedVersion: 1) { task { id } userErrors { code message field } } }`, mutation), "id", id)
				}
			}
		}
		requests["updateTask"] = func(id string) answer {
			return other.graphql(`mutation($id: ID!) { updateTask(id: $id, input: {title: "mine"}, expectedVersion: 7) { task { id } userErrors { code message field ... on TaskNotFound { taskId } } } }`, "id", id)
		}
		for name, mutation := range map[string]string{
			"createTask before": `createTask(input: {title: "x"}, placement: {before: $id}) { task { id } userErrors { code message field } }`,
			"moveTask":          `moveTask(id: $id, placement: {end: LAST}) { task { id } userErrors { code message field } }`,
			"purgeTask":         `purgeTask(id: $id) { deletedTaskId userErrors { code message field } }`,
			"updateTasks":       `updateTasks(ids: [$id], input: {title: "mine"}) { tasks { id } userErrors { code message field } }`,
			"deleteTasks":       `deleteTasks(ids: [$id]) { count userErrors { code message field } }`,
			"restoreTasks":      `restoreTasks(ids: [$id]) { tasks { id } userErrors { code message field } }`,
		} {
			requests[name] = func(id string) answer { return other.graphql(`mutation($id: ID!) { `+mutation+` }`, "id", id) }
		}
		requests["task"] = func(id string) answer {
			return other.graphql(`query($id: ID!) { task(id: $id) { id title } node(id: $id) { id } }`, "id", id)
		}
		for name, body := range map[string]string{"GET": "", "PUT": `{"title":"mine"}`, "PATCH": `{"title":"mine"}`, "DELETE": ""} {
			requests["REST "+name] = func(id string) answer { return other.send(name, other.tasks(id), body) }
		}
		requests["REST complete"] = func(id string) answer { return other.send("PATCH", other.tasks(id, "complete"), "") }

		for name, request := range requests {
			got, want := request(id), request(none)
			if got.status != want.status || strings.ReplaceAll(got.body, `"`+id+`"`, `"`+none+`"`) != want.body {
				t.Errorf("%s of another user's task = %d %s, of none %d %s", name, got.status, got.body, want.status, want.body)
			}
		}
		for _, a := range []answer{
			other.send("GET", other.tasks(), ""),
			other.graphql(`{ tasks(trash: INCLUDE) { nodes { id } totalCount } }`),
		} {
			if strings.Contains(a.body, "private") || strings.Contains(a.body, `"`+id+`"`) {
				t.Errorf("another user's list has the task: %s", a.body)
			}
		}
		// In the path of the other user everything is forbidden, whether it exists or not.
		for _, path := range []string{owner.tasks(), owner.tasks(id), owner.tasks(none)} {
			if a := other.send("GET", path, ""); a.status != 403 || a.body != `{"detail":"Not authorized to access this task"}` {
				t.Errorf("GET %s as another user = %d %s, want 403", path, a.status, a.body)
			}
		}
		if a := other.send("POST", owner.tasks(), `{"title":"x","user_id":"other"}`); a.status != 403 {
			t.Errorf("POST to another user's tasks = %d %s, want 403", a.status, a.body)
		}
		if after := owner.send("GET", owner.tasks(id), "").body; after != before {
			t.Errorf("the task became %s, it was %s", after, before)
		}
		// Nor does a body choose the owner.
		if a := other.send("POST", other.tasks(), `{"title":"x","user_id":"owner","id":1}`); a.status != 201 || !strings.Contains(a.body, `"user_id":"other"`) {
			t.Errorf("POST with another user_id = %d %s", a.status, a.body)
		}
	})
}
