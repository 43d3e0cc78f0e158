package graph

import (
	"strconv"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// The types that have plans. A field of the schema that is missing here is resolved by gqlgen, and with it the whole
// selection; TestPlansCoverTheSchema names the fields that are left out on purpose.

var taskType = planType[*models.Task]{
	name: "Task", satisfies: taskImplementors,
	scalars: map[string]writer[*models.Task]{
		"id":     func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendNumberID(b, t.ID) },
		"userId": func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendString(b, t.UserID) },
		"title":  func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendString(b, t.Title) },
		"description": func(b []byte, t *models.Task, _ *surroundings) []byte {
			return orNull(b, t.Notes(), models.AppendString)
		},
		"priority": func(b []byte, t *models.Task, _ *surroundings) []byte {
			return strconv.AppendQuote(b, t.Priority.String())
		},
		"tags":      func(b []byte, t *models.Task, _ *surroundings) []byte { return appendStrings(b, t.Tags) },
		"completed": func(b []byte, t *models.Task, _ *surroundings) []byte { return strconv.AppendBool(b, t.Completed) },
		"completedAt": func(b []byte, t *models.Task, _ *surroundings) []byte {
			return orNull(b, t.CompletedAt, models.AppendDateTime)
		},
		"dueAt": func(b []byte, t *models.Task, at *surroundings) []byte {
			return orNull(b, t.DueTime(at.zone), models.AppendDateTime)
		},
		"position":  func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendString(b, t.Position) },
		"version":   func(b []byte, t *models.Task, _ *surroundings) []byte { return strconv.AppendInt(b, t.Version, 10) },
		"createdAt": func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendDateTime(b, t.CreatedAt) },
		"updatedAt": func(b []byte, t *models.Task, _ *surroundings) []byte { return models.AppendDateTime(b, t.UpdatedAt) },
		"deletedAt": func(b []byte, t *models.Task, _ *surroundings) []byte {
			return orNull(b, t.DeletedAt, models.AppendDateTime)
		},
	},
	others: map[string]compileField[*models.Task]{
		"dueDate": zoned(func(b []byte, t *models.Task, _ time.Time, zone *time.Location) []byte {
			return orNull(b, t.DueOn(zone), func(b []byte, d models.Date) []byte { return d.Append(b) })
		}),
		"isOverdue": zoned(func(b []byte, t *models.Task, now time.Time, zone *time.Location) []byte {
			return strconv.AppendBool(b, t.Overdue(now, zone))
		}),
	},
}

var connectionType = planType[*tasks.Page]{
	name: "TaskConnection", satisfies: taskConnectionImplementors,
	scalars: map[string]writer[*tasks.Page]{
		"totalCount": func(b []byte, p *tasks.Page, _ *surroundings) []byte {
			return strconv.AppendInt(b, int64(p.TotalCount), 10)
		},
	},
	others: map[string]compileField[*tasks.Page]{
		"edges":    list((*tasks.Page).Edges, &edgeType),
		"nodes":    list(func(p *tasks.Page) []*models.Task { return p.Nodes }, &taskType),
		"pageInfo": object((*tasks.Page).PageInfo, &pageInfoType),
	},
}

var edgeType = planType[*tasks.Edge]{
	name: "TaskEdge", satisfies: taskEdgeImplementors,
	scalars: map[string]writer[*tasks.Edge]{
		"cursor":    func(b []byte, e *tasks.Edge, _ *surroundings) []byte { return models.AppendString(b, e.Cursor()) },
		"relevance": func(b []byte, e *tasks.Edge, _ *surroundings) []byte { return orNull(b, e.Relevance(), appendFloat) },
	},
	others: map[string]compileField[*tasks.Edge]{
		"node": object(func(e *tasks.Edge) *models.Task { return e.Node }, &taskType),
	},
}

var pageInfoType = planType[*tasks.PageInfo]{
	name: "PageInfo", satisfies: pageInfoImplementors,
	scalars: map[string]writer[*tasks.PageInfo]{
		"hasNextPage": func(b []byte, p *tasks.PageInfo, _ *surroundings) []byte { return strconv.AppendBool(b, p.HasNextPage) },
		"hasPreviousPage": func(b []byte, p *tasks.PageInfo, _ *surroundings) []byte {
			return strconv.AppendBool(b, p.HasPreviousPage)
		},
		"startCursor": func(b []byte, p *tasks.PageInfo, _ *surroundings) []byte {
			return orNull(b, p.StartCursor(), models.AppendString)
		},
		"endCursor": func(b []byte, p *tasks.PageInfo, _ *surroundings) []byte {
			return orNull(b, p.EndCursor(), models.AppendString)
		},
	},
}

var changesType = planType[*tasks.ChangePage]{
	name: "TaskChangePage", satisfies: taskChangePageImplementors,
	scalars: map[string]writer[*tasks.ChangePage]{
		"nextToken": func(b []byte, p *tasks.ChangePage, _ *surroundings) []byte {
			return models.AppendString(b, p.NextToken)
		},
		"hasMore": func(b []byte, p *tasks.ChangePage, _ *surroundings) []byte { return strconv.AppendBool(b, p.HasMore) },
		"reset":   func(b []byte, p *tasks.ChangePage, _ *surroundings) []byte { return strconv.AppendBool(b, p.Reset) },
	},
	others: map[string]compileField[*tasks.ChangePage]{
		"changes": list(func(p *tasks.ChangePage) []*tasks.Change { return p.Changes }, &changeType),
	},
}

var changeType = planType[*tasks.Change]{
	name: "TaskChange", satisfies: taskChangeImplementors,
	scalars: map[string]writer[*tasks.Change]{
		"kind": func(b []byte, c *tasks.Change, _ *surroundings) []byte {
			return strconv.AppendQuote(b, c.Kind.String())
		},
		"taskId": func(b []byte, c *tasks.Change, _ *surroundings) []byte { return models.AppendString(b, c.TaskID()) },
		"token":  func(b []byte, c *tasks.Change, _ *surroundings) []byte { return models.AppendString(b, c.Token()) },
	},
	others: map[string]compileField[*tasks.Change]{
		"task": object(func(c *tasks.Change) *models.Task { return c.Task }, &taskType),
	},
}

// The payloads are written by plans if they have no user errors.

var taskPayloadType = payloadType("TaskPayload", taskPayloadImplementors,
	func(p *models.TaskPayload) *string { return p.SyncToken },
	"task", object(func(p *models.TaskPayload) *models.Task { return p.Task }, &taskType))

var createTaskPayloadType = payloadType("CreateTaskPayload", createTaskPayloadImplementors,
	func(p *models.CreateTaskPayload) *string { return p.SyncToken },
	"task", object(func(p *models.CreateTaskPayload) *models.Task { return p.Task }, &taskType))

var tasksPayloadType = payloadType("TasksPayload", tasksPayloadImplementors,
	func(p *models.TasksPayload) *string { return p.SyncToken },
	"tasks", list(func(p *models.TasksPayload) []*models.Task { return p.Tasks }, &taskType))

var deleteTaskPayloadType = func() planType[*models.DeleteTaskPayload] {
	of := payloadType("DeleteTaskPayload", deleteTaskPayloadImplementors,
		func(p *models.DeleteTaskPayload) *string { return p.SyncToken },
		"task", object(func(p *models.DeleteTaskPayload) *models.Task { return p.Task }, &taskType))
	of.scalars["deletedTaskId"] = func(b []byte, p *models.DeleteTaskPayload, _ *surroundings) []byte {
		return orNull(b, p.DeletedTaskID, models.AppendString)
	}
	return of
}()

// payloadType describes a payload without user errors, which has one field of its own.
func payloadType[T any](name string, satisfies []string, token func(T) *string, field string, result compileField[T]) planType[T] {
	return planType[T]{
		name: name, satisfies: satisfies,
		scalars: map[string]writer[T]{
			"syncToken":  func(b []byte, p T, _ *surroundings) []byte { return orNull(b, token(p), models.AppendString) },
			"userErrors": func(b []byte, _ T, _ *surroundings) []byte { return append(b, "[]"...) },
		},
		others: map[string]compileField[T]{field: result},
	}
}

// orNull appends a value, or null if there is none.
func orNull[V any](b []byte, value *V, write func([]byte, V) []byte) []byte {
	if value == nil {
		return append(b, "null"...)
	}
	return write(b, *value)
}

func appendStrings(b []byte, values []string) []byte {
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = models.AppendString(b, value)
	}
	return append(b, ']')
}

// appendFloat appends a number as gqlgen's Float does.
func appendFloat(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'g', -1, 64) }
