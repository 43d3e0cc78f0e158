package openapi

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

func (a API) listTasks() *operation {
	return &operation{
		OperationID: "listTasks", Tags: []string{tagTasks},
		Summary: "List tasks",
		Description: "The user's tasks as a bare array, newest first: all of them, or those that the query parameters ask for. " +
			"Parameters are joined with *and*. `X-Total-Count` is the number of tasks before paging. With paging, `Link` " +
			"has the addresses of the other pages.",
		Parameters: append(uses("user_id"), a.listParameters()...),
		Responses: answers(
			http.StatusOK, "The tasks. An empty list is `[]`, not 404.",
			content(listOf("Task"), Example{"tasks", "A list", []any{a.Task, a.DoneTask}}, Example{"none", "No task", []any{}}),
			[]string{"X-Total-Count", "Link"}, a.Invalid["listTasks"],
			http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

func (a API) createTask() *operation {
	operation := &operation{
		OperationID: "createTask", Tags: []string{tagTasks},
		Summary: "Create a task",
		Description: "Only the title is required. The new task's address is in `Location`.\n\n" +
			"If the response is lost, the client does not know whether the task was created. With an `Idempotency-Key` it can send the request again: " +
			"it makes no second task, and is answered with the first one.",
		Parameters: uses("user_id", "Idempotency-Key"),
		RequestBody: body("TaskCreate", true,
			Example{"title", "Only a title", jsontext.Value(`{"title":"Water the plants"}`)},
			Example{"everything", "Every field", jsontext.Value(`{"title":"Water the plants","description":"The ones on the balcony, too","priority":"HIGH","tags":["home","garden"],"due_date":"2030-03-01","completed":false}`)},
			Example{"time", "Due at an instant", jsontext.Value(`{"title":"Call the bank","due_date":"2030-03-01T17:00:00+01:00"}`)},
			Example{"words", "As many front ends write it", jsontext.Value(`{"title":"Water the plants","priority":"high","tags":"home, garden","dueDate":"2030-03-01T17:00","status":"pending"}`)},
		),
		Responses: answers(
			http.StatusCreated, "The new task.",
			content(named("Task"), Example{"task", "The task", a.Task}),
			[]string{"Location", "ETag"}, a.Invalid["createTask"],
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge,
		),
	}
	gone := problem(http.StatusNotFound, a.Details[http.StatusNotFound], "The request was sent before, with this key, and the task it made was removed for good since.")
	operation.Responses.set(http.StatusNotFound, gone)
	return operation
}

func (a API) getTask() *operation {
	operation := &operation{
		OperationID: "getTask", Tags: []string{tagTasks},
		Summary: "Get a task",
		Description: "One task, with its `ETag`. Sent back in `If-None-Match`, it saves the answer's body while the task is still " +
			"the same (304); in `If-Match` of a write, it keeps that write from overwriting a newer one.",
		Parameters: uses("user_id", "id", "If-None-Match"),
		Responses: answers(
			http.StatusOK, "The task.",
			content(named("Task"), Example{"task", "A task", a.Task}),
			[]string{"ETag"}, a.Invalid["getTask"],
			http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		),
	}
	operation.Responses.set(http.StatusNotModified, &response{
		Description: "The task still matches `If-None-Match`. There is no body.", Headers: usesHeaders("ETag"),
	})
	return operation
}

func (a API) updateTask() *operation {
	return &operation{
		OperationID: "updateTask", Tags: []string{tagTasks},
		Summary: "Change a task",
		Description: "Changes the fields that are given; those that are left out stay. `null` clears `description`, `due_date` and " +
			"`tags`, and is ignored for `title`, `priority` and `completed`.",
		Parameters: uses("user_id", "id", "If-Match"),
		RequestBody: body("TaskUpdate", true,
			Example{"title", "Another title", jsontext.Value(`{"title":"Water all plants"}`)},
			Example{"done", "Done", jsontext.Value(`{"completed":true}`)},
			Example{"clear", "No date and no tags", jsontext.Value(`{"due_date":null,"tags":[]}`)},
		),
		Responses: answers(
			http.StatusOK, "The task as it is now.",
			content(named("Task"), Example{"task", "The task", a.ChangedTask}),
			[]string{"ETag"}, a.Invalid["updateTask"],
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
			http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
		),
	}
}

// replaceTask is updateTask: PUT is as partial as PATCH.
func (a API) replaceTask() *operation {
	operation := a.updateTask()
	operation.OperationID, operation.Summary = "replaceTask", "Change a task, with PUT"
	operation.Description = "Does what PATCH does: fields that are left out stay, as front ends expect it.\n\n" + operation.Description
	return operation
}

func (a API) deleteTask() *operation {
	return &operation{
		OperationID: "deleteTask", Tags: []string{tagTasks},
		Summary: "Delete a task",
		Description: "Moves the task to the trash. REST does not show it any more: asking for it, or deleting it again, is 404. " +
			"GraphQL can restore it.",
		Parameters: uses("user_id", "id", "If-Match"),
		Responses: answers(
			http.StatusOK, "The task is in the trash.",
			content(named("Deleted"), Example{"deleted", "Deleted", jsontext.Value(`{"message":"Task deleted successfully","success":true,"id":1}`)}),
			nil, a.Invalid["deleteTask"],
			http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusPreconditionFailed,
		),
	}
}

func (a API) completeTask() *operation {
	return &operation{
		OperationID: "completeTask", Tags: []string{tagTasks},
		Summary: "Complete or toggle a task",
		Description: "Without a body, with an empty one or with `{}`, an open task becomes done and a done one open. " +
			"`completed` or `is_completed`, in the body or the query, sets it instead; the body goes first. Setting is safe to repeat; " +
			"toggling is, with an `Idempotency-Key`.",
		Parameters: append(uses("user_id", "id", "Idempotency-Key", "If-Match"), completedParameters()...),
		RequestBody: body("TaskCompletion", false,
			Example{"toggle", "Toggle", jsontext.Value(`{}`)},
			Example{"complete", "Complete", jsontext.Value(`{"completed":true}`)},
			Example{"reopen", "Open again", jsontext.Value(`{"completed":false}`)},
		),
		Responses: answers(
			http.StatusOK, "The task as it is now.",
			content(named("Task"), Example{"task", "The task", a.DoneTask}),
			[]string{"ETag"}, a.Invalid["completeTask"],
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
			http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
		),
	}
}

func (a API) uncompleteTask() *operation {
	return &operation{
		OperationID: "uncompleteTask", Tags: []string{tagTasks},
		Summary:     "Open a task again",
		Description: "Makes a done task an open one, and leaves an open one as it is. It needs no body.",
		Parameters:  uses("user_id", "id", "If-Match"),
		Responses: answers(
			http.StatusOK, "The task as it is now.",
			content(named("Task"), Example{"task", "The task", a.Task}),
			[]string{"ETag"}, a.Invalid["uncompleteTask"],
			http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusPreconditionFailed,
		),
	}
}
