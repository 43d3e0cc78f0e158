package graphql

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestWritingThroughGraphQL checks the whole responses of the mutations that REST does not have, with a quota of four
// tasks.
func TestWritingThroughGraphQL(t *testing.T) {
	t.Parallel()
	const wrong = `userErrors { code message field ... on InvalidInput { limit } ... on TaskNotFound { taskId } ... on VersionConflict { current { id title } } }`
	const tasks, task, left = `{ tasks { id title } ` + wrong + ` }`, `{ task { id title } ` + wrong + ` }`, `{ deletedTaskIds count ` + wrong + ` }`
	full := `{"code":"QUOTA_EXCEEDED","message":"You have reached this server's limit of 4 tasks.","field":null,"limit":null}`
	missing := func(field, id string) string {
		return `{"code":"NOT_FOUND","message":"There is no such task.","field":` + field + `,"taskId":"` + id + `"}`
	}
	trashed := func(field string) string {
		return `{"code":"IN_TRASH","message":"The task is in the trash. Restore it first.","field":` + field + `,"limit":null}`
	}
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		env := harness.Env(databaseURL)
		env["MAX_TASKS_PER_USER"] = "4"
		u := harness.Start(t, env).As("u")
		for i, step := range []struct{ mutation, want string }{
			{`createTasks(inputs: [{title: "a"}, {title: "b"}, {title: "c"}]) ` + tasks,
				`{"tasks":[{"id":"1","title":"a"},{"id":"2","title":"b"},{"id":"3","title":"c"}],"userErrors":[]}`},
			{`createTasks(inputs: [{title: "x"}, {title: " ", tags: ["a", ""]}]) ` + tasks, `{"tasks":[],"userErrors":[` +
				`{"code":"BLANK","message":"The title is empty.","field":["inputs","1","title"],"limit":null},` +
				`{"code":"BLANK","message":"The tag is empty.","field":["inputs","1","tags","1"],"limit":null}]}`},
			{`createTasks(inputs: []) ` + tasks, `{"tasks":[],"userErrors":[{"code":"EMPTY_LIST","message":"The list is empty.","field":["inputs"],"limit":null}]}`},
			{`createTasks(inputs: [` + strings.Repeat(`{title: "x"} `, 101) + `]) ` + tasks,
				`{"tasks":[],"userErrors":[{"code":"TOO_MANY","message":"The list has more than 100 entries.","field":["inputs"],"limit":100}]}`},
			{`createTasks(inputs: [{title: "x"}, {title: "y"}]) ` + tasks, `{"tasks":[],"userErrors":[` + full + `]}`},
			{`createTask(input: {title: "d"}, placement: {after: 2}) ` + task, `{"task":{"id":"4","title":"d"},"userErrors":[]}`},
			{`createTask(input: {title: "x"}) { task { id } taskEdge { cursor } ` + wrong + ` }`, `{"task":null,"taskEdge":null,"userErrors":[` + full + `]}`},
			{`createTask(input: {title: "x"}, idempotencyKey: "a key of 16 or more") ` + task, `{"task":null,"userErrors":[` + full + `]}`},
			{`moveTask(id: 3, placement: {before: 1}) ` + task, `{"task":{"id":"3","title":"c"},"userErrors":[]}`},
			{`moveTask(id: 3, placement: {end: LAST}) ` + task, `{"task":{"id":"3","title":"c"},"userErrors":[]}`},
			{`moveTask(id: 3, placement: {before: 99}) ` + task, `{"task":null,"userErrors":[` + missing(`["placement","before"]`, "99") + `]}`},
			{`moveTask(id: 99, placement: {end: FIRST}) ` + task, `{"task":null,"userErrors":[` + missing(`["id"]`, "99") + `]}`},
			{`updateTasks(ids: [3, 1, 3], input: {completed: true}) ` + tasks, `{"tasks":[{"id":"3","title":"c"},{"id":"1","title":"a"},{"id":"3","title":"c"}],"userErrors":[]}`},
			{`updateTask(id: 2, input: {title: "x"}, expectedVersion: 99) ` + task, `{"task":null,"userErrors":[` +
				`{"code":"VERSION_CONFLICT","message":"The task has changed since it was read.","field":["expectedVersion"],"current":{"id":"2","title":"b"}}]}`},
			{`clearCompletedTasks ` + left, `{"deletedTaskIds":["1","3"],"count":2,"userErrors":[]}`},
			{`updateTasks(ids: [2, 1, 99, 3], input: {title: "x"}) ` + tasks,
				`{"tasks":[],"userErrors":[` + trashed(`["ids","1"]`) + `,` + missing(`["ids","2"]`, "99") + `,` + trashed(`["ids","3"]`) + `]}`},
			{`moveTask(id: 2, placement: {after: 1}) ` + task, `{"task":null,"userErrors":[` + trashed(`["placement","after"]`) + `]}`},
			{`deleteTasks(ids: [2, 1]) ` + left, `{"deletedTaskIds":["2"],"count":1,"userErrors":[]}`},
			{`deleteTasks(ids: [4, 99]) ` + left, `{"deletedTaskIds":[],"count":0,"userErrors":[` + missing(`["ids","1"]`, "99") + `]}`},
			{`restoreTasks(ids: [3, 2, 4]) ` + tasks, `{"tasks":[{"id":"3","title":"c"},{"id":"2","title":"b"},{"id":"4","title":"d"}],"userErrors":[]}`},
			{`purgeTask(id: 2) { deletedTaskId task { id } ` + wrong + ` }`, `{"deletedTaskId":null,"task":null,"userErrors":[` +
				`{"code":"NOT_IN_TRASH","message":"The task is not in the trash. Delete it first.","field":["id"],"limit":null}]}`},
			{`purgeTask(id: 1) { deletedTaskId task { id } query { tasks(trash: INCLUDE, orderBy: [{field: POSITION}]) { nodes { title } } } ` + wrong + ` }`,
				`{"deletedTaskId":"1","task":null,"query":{"tasks":{"nodes":[{"title":"b"},{"title":"d"},{"title":"c"}]}},"userErrors":[]}`},
			{`deleteTask(id: 4) { deletedTaskId task { id deletedAt } ` + wrong + ` }`, ``},
			{`emptyTrash { deletedTaskIds count query { tasks(trash: ONLY) { totalCount } } ` + wrong + ` }`,
				`{"deletedTaskIds":["4"],"count":1,"query":{"tasks":{"totalCount":0}},"userErrors":[]}`},
			{`restoreTask(id: 4) ` + task, `{"task":null,"userErrors":[` + missing(`["id"]`, "4") + `]}`},
		} {
			a := u.GraphQL(`mutation { result: ` + step.mutation + ` }`)
			if want := `{"data":{"result":` + step.want + `}}`; step.want != "" && strings.TrimSpace(a.Body) != want {
				t.Errorf("step %d, %.80s = %s\nwant %s", i, step.mutation, a.Body, want)
			}
		}
	})
}
