package rest

import "github.com/getkin/kin-openapi/openapi3"

// reference is what the REST reference says of each route.
type reference struct{}

// The tags, which group the routes.
const (
	tagTasks   = "tasks"
	tagUsers   = "users"
	tagService = "service"
)

func (reference) listTasks() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "list_tasks", Tags: []string{tagTasks}, Summary: "List tasks"}
}

func (reference) createTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "create_task", Tags: []string{tagTasks}, Summary: "Create a task"}
}

func (reference) exportTasks() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "export_tasks", Tags: []string{tagTasks}, Summary: "Export all tasks as a file"}
}

func (reference) getTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "get_task", Tags: []string{tagTasks}, Summary: "Get a task"}
}

func (reference) replaceTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "replace_task", Tags: []string{tagTasks}, Summary: "Change a task with PUT"}
}

func (reference) updateTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "update_task", Tags: []string{tagTasks}, Summary: "Change a task"}
}

func (reference) deleteTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "delete_task", Tags: []string{tagTasks}, Summary: "Delete a task"}
}

func (reference) completeTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "complete_task", Tags: []string{tagTasks}, Summary: "Complete or toggle a task"}
}

func (reference) uncompleteTask() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "uncomplete_task", Tags: []string{tagTasks}, Summary: "Reopen a task"}
}

func (reference) taskStats() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "task_stats", Tags: []string{tagTasks}, Summary: "Count tasks"}
}

func (reference) userProfile() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "user_profile", Tags: []string{tagUsers}, Summary: "Who the user is, and how many tasks there are"}
}

func (reference) currentUser() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "current_user", Tags: []string{tagUsers}, Summary: "Who the token is for"}
}

func (reference) health() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "health", Tags: []string{tagService}, Summary: "Whether the server works"}
}

func (reference) ready() *openapi3.Operation {
	return &openapi3.Operation{OperationID: "ready", Tags: []string{tagService}, Summary: "Whether requests can be served"}
}
