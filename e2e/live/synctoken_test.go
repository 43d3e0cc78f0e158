package live

import (
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestSyncTokens checks the sync token of every mutation: no changes follow it, and a mutation that writes nothing has
// none.
func TestSyncTokens(t *testing.T) {
	t.Parallel()
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		u := s.As("u")
		write := func(mutation string) (token *string) {
			t.Helper()
			var data struct{ Result struct{ SyncToken *string } }
			u.GraphQL(`mutation { result: `+mutation+` { syncToken userErrors { code } } }`).Data(t, &data)
			return data.Result.SyncToken
		}
		const key = `idempotencyKey: "a key for the %s write"`
		keyed := func(mutation, name string) string {
			return strings.TrimSuffix(mutation, ")") + ", " + fmt.Sprintf(key, name) + ")"
		}
		behind := u.SyncToken()
		for _, mutation := range []string{
			`createTask(input: {title: "a"})`, `createTasks(inputs: [{title: "b"}, {title: "c"}])`,
			`createTask(input: {title: "d"}, placement: {before: 1})`,
			`updateTask(id: 1, input: {title: "x"})`, `updateTasks(ids: [1, 2, 3], input: {addTags: ["t"]})`,
			`completeTask(id: 1)`, `reopenTask(id: 1)`, `toggleTask(id: 1)`, `moveTask(id: 1, placement: {end: FIRST})`,
			`deleteTask(id: 1)`, `restoreTask(id: 1)`, `clearCompletedTasks`, `restoreTasks(ids: [1])`,
			`deleteTasks(ids: [1, 2])`, `purgeTask(id: 1)`, `emptyTrash`,
		} {
			token := write(mutation)
			if token == nil {
				t.Fatalf("%s has no token", mutation)
			}
			if p := u.Changes(*token, 10); len(p.Changes) != 0 || p.HasMore || p.Reset || p.NextToken != *token {
				t.Errorf("behind %s: %+v, want nothing", mutation, p)
			}
			if p := u.Changes(behind, 10); len(p.Changes) == 0 || p.NextToken != *token {
				t.Errorf("%s is no change of the feed, or not its last: %+v", mutation, p)
			}
			behind = *token
		}
		// 3 and 4 are left.
		for _, nothing := range []string{
			`updateTask(id: 3, input: {})`, `updateTasks(ids: [3], input: {addTags: ["t"]})`, `reopenTask(id: 3)`, `restoreTask(id: 3)`,
			`restoreTasks(ids: [3])`, `moveTask(id: 3, placement: {before: 3})`, `clearCompletedTasks`, `emptyTrash`,
			`createTask(input: {title: " "})`, `createTasks(inputs: [{title: "good"}, {title: ""}])`, `updateTask(id: 1, input: {title: "gone"})`,
			`toggleTask(id: 3, expectedVersion: 1)`, `deleteTask(id: 99)`, `deleteTasks(ids: [3, 99])`, `purgeTask(id: 3)`,
		} {
			if token := write(nothing); token != nil {
				t.Errorf("%s has a token", nothing)
			}
		}
		if p := u.Changes(behind, 10); len(p.Changes) != 0 {
			t.Errorf("after writes of nothing: %+v", p)
		}
		// Sent again, a write has its first token, whatever came between.
		first := map[string]string{}
		for range 2 {
			for name, mutation := range map[string]string{
				"first": `createTask(input: {title: "e"})`, "second": `toggleTask(id: 3)`, "third": `updateTask(id: 3, input: {title: "y"})`,
				"fourth": `createTasks(inputs: [{title: "f"}, {title: "g"}])`, "fifth": `updateTasks(ids: [3, 4], input: {priority: HIGH})`,
			} {
				token := write(keyed(mutation, name))
				if token == nil || first[name] != "" && *token != first[name] {
					t.Errorf("%s again: %v, want %s", mutation, token, first[name])
					continue
				}
				first[name] = *token
			}
		}
		for range 2 {
			if write(keyed(`updateTask(id: 3, input: {title: "y"})`, "sixth")) != nil {
				t.Error("a key for nothing has a token")
			}
		}
	})
}
