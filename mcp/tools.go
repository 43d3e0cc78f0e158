package mcp

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// tool is an operation as agents see it.
type tool struct {
	name, title, description string
	arguments                map[string]schema
	required                 []string
	output                   schema
	kind                     effect
	// prepare reads the arguments and returns the call.
	prepare func(*arguments) call
}

// effect is what a tool does to tasks.
type effect int

const (
	reads effect = iota
	adds
	// changes can be repeated without any further effect.
	changes
	// removes is changes, after which a task is no longer in the lists.
	removes
)

// call is a call of an operation, with its complexity.
type call struct {
	cost int
	run  func(context.Context, *tasks.Service) (any, error)
}

// statuses are the words for the tasks that list_tasks returns.
var statuses = []string{"open", "completed", "all", "trash"}

func allTools() []tool {
	return []tool{
		{
			name: "add_task", title: "Add a task", kind: adds, required: []string{"title"}, output: taskResult,
			description: "Creates a task and returns it.",
			arguments: map[string]schema{
				"title": titleSchema, "description": descriptionSchema, "priority": prioritySchema, "tags": tagsSchema, "due": dueSchema,
			},
			prepare: addTask,
		},
		{
			name: "list_tasks", title: "List tasks", kind: reads, output: listResult,
			description: "Returns a page of tasks, the newest first, or with a search the best match first. next_cursor is set if there are more.",
			arguments: map[string]schema{
				"status":   wordsSchema("Which tasks; open is the default. trash are those that were deleted.", statuses...),
				"priority": prioritySchema,
				"tags":     described(tagsSchema, "Only tasks with all of these tags."),
				"due": wordsSchema("Only tasks that are due in this time. OVERDUE are open tasks only.",
					models.AllDueWindow...),
				"search":    textSchema("Only tasks with each of these words in title, description or tags. A \"phrase\" in quotes must occur as a whole.", tasks.MaxSearch),
				"limit":     {"type": "integer", "minimum": 1, "maximum": tasks.MaxPage, "default": tasks.DefaultPage, "description": "How many tasks."},
				"cursor":    textSchema("next_cursor of the page before, with the same other arguments.", 0),
				"time_zone": zoneSchema,
			},
			prepare: listTasks,
		},
		{
			name: "get_task", title: "Get a task", kind: reads, required: []string{"task_id"}, output: taskResult,
			description: "Returns one task, also from the trash.",
			arguments:   map[string]schema{"task_id": idSchema}, prepare: getTask,
		},
		{
			name: "update_task", title: "Change a task", kind: changes, required: []string{"task_id"}, output: taskResult,
			description: "Changes the given fields of a task and returns it. null removes the description or the due date.",
			arguments: map[string]schema{
				"task_id": idSchema, "title": titleSchema, "description": nullable(descriptionSchema), "priority": prioritySchema,
				"tags": described(tagsSchema, "All tags of the task from now on."), "due": nullable(dueSchema),
				"completed": {"type": "boolean", "description": "Whether the task is done."},
			},
			prepare: updateTask,
		},
		ofOne("complete_task", "Complete a task", "Marks a task as completed and returns it.", changes,
			func(ctx context.Context, s *tasks.Service, id string) (*tasks.Write, error) {
				return s.Complete(ctx, id, nil, nil)
			}),
		ofOne("reopen_task", "Reopen a task", "Marks a completed task as open again and returns it.", changes,
			func(ctx context.Context, s *tasks.Service, id string) (*tasks.Write, error) {
				return s.Reopen(ctx, id, nil, nil)
			}),
		ofOne("delete_task", "Delete a task", "Moves a task to the trash and returns it. restore_task brings it back.", removes,
			func(ctx context.Context, s *tasks.Service, id string) (*tasks.Write, error) {
				return s.Delete(ctx, id, nil)
			}),
		ofOne("restore_task", "Restore a task", "Brings a task back from the trash and returns it.", changes,
			func(ctx context.Context, s *tasks.Service, id string) (*tasks.Write, error) {
				return s.Restore(ctx, id)
			}),
		{
			name: "task_stats", title: "Count tasks", kind: reads, output: statsResult,
			description: "Returns how many tasks there are, and how many of them are open, overdue, due today and due in the next seven days.",
			arguments:   map[string]schema{"time_zone": zoneSchema}, prepare: taskStats,
		},
	}
}

// ofOne returns a tool that changes one task and has no other argument.
func ofOne(name, title, description string, kind effect, write func(context.Context, *tasks.Service, string) (*tasks.Write, error)) tool {
	return tool{
		name: name, title: title, description: description, kind: kind, required: []string{"task_id"}, output: taskResult,
		arguments: map[string]schema{"task_id": idSchema},
		prepare: func(a *arguments) call {
			id := a.id("task_id")
			return call{tasks.CostOfChange, func(ctx context.Context, s *tasks.Service) (any, error) { return written(write(ctx, s, id)) }}
		},
	}
}

func addTask(a *arguments) call {
	input := models.CreateTaskInput{Priority: models.PriorityMedium, Description: a.text("description"), Tags: a.texts("tags"), Due: a.due("due")}
	if title := a.text("title"); title != nil {
		input.Title = *title
	}
	if priority := a.priority("priority"); priority != nil {
		input.Priority = *priority
	}
	return call{tasks.CostOfChange, func(ctx context.Context, s *tasks.Service) (any, error) {
		return written(s.Create(ctx, input, nil, nil))
	}}
}

func listTasks(a *arguments) call {
	filter := &models.TaskFilter{}
	list := tasks.ListArgs{First: a.integer("limit"), After: a.text("cursor"), Search: a.text("search"), Filter: filter, Zone: a.zone("time_zone").Location, HasNext: true}
	open, done := false, true
	switch a.word("status", statuses) {
	case "", "open":
		filter.Completed = &open
	case "completed":
		filter.Completed = &done
	case "trash":
		list.Trash = models.TrashScopeOnly
	}
	if priority := a.priority("priority"); priority != nil {
		filter.Priority = &models.PriorityFilter{Eq: priority}
	}
	if tags := a.texts("tags"); len(tags) > 0 {
		filter.Tags = &models.TagsFilter{All: tags}
	}
	if window := a.word("due", words(models.AllDueWindow)); window != "" {
		filter.Due = []models.DueWindow{models.DueWindow(window)}
	}
	size := tasks.DefaultPage
	if list.First != nil {
		size = min(max(1, *list.First), tasks.MaxPage)
	}
	return call{list.Cost() + size*tasks.CostOfTask, func(ctx context.Context, s *tasks.Service) (any, error) {
		page, err := s.List(ctx, list)
		if err != nil {
			return nil, inArguments(err)
		}
		return newTaskPage(page), nil
	}}
}

// inArguments names the argument of list_tasks that an error is about, instead of that of the operation.
func inArguments(err error) error {
	var public *models.Error
	if !errors.As(err, &public) {
		return err
	}
	switch public.Code {
	case models.CodeBadPageSize:
		return &models.Error{Code: public.Code, Message: fmt.Sprintf("limit must be 1 to %d.", tasks.MaxPage), Path: []string{"limit"}}
	case models.CodeBadCursor:
		return &models.Error{Code: public.Code, Message: "The cursor is not one of this list: it must be next_cursor of a call with the same other arguments.", Path: []string{"cursor"}}
	}
	return err
}

func getTask(a *arguments) call {
	id := a.id("task_id")
	return call{tasks.CostOfCall + tasks.CostOfTask, func(ctx context.Context, s *tasks.Service) (any, error) {
		found, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, models.UserErrors{models.InvalidInput{Code: models.UserErrorCodeNotFound, Message: "There is no such task.", Field: []string{"id"}}}
		}
		return taskContent{newTask(found)}, nil
	}}
}

func updateTask(a *arguments) call {
	id := a.id("task_id")
	input := models.UpdateTaskInput{}
	set := func(name string) bool { given, _ := a.given(name); return given }
	if set("title") {
		input.Title = graphql.OmittableOf(a.text("title"))
	}
	if set("description") {
		input.Description = graphql.OmittableOf(a.text("description"))
	}
	if set("priority") {
		input.Priority = graphql.OmittableOf(a.priority("priority"))
	}
	if set("tags") {
		input.Tags = graphql.OmittableOf(a.texts("tags"))
	}
	if set("due") {
		input.Due = graphql.OmittableOf(a.due("due"))
	}
	if set("completed") {
		input.Completed = graphql.OmittableOf(a.boolean("completed"))
	}
	return call{tasks.CostOfChange, func(ctx context.Context, s *tasks.Service) (any, error) {
		return written(s.Update(ctx, id, input, nil, nil))
	}}
}

func taskStats(a *arguments) call {
	args := tasks.StatsArgs{Zone: a.zone("time_zone").Location, Counts: []tasks.Count{
		tasks.CountTotal, tasks.CountOpen, tasks.CountCompleted, tasks.CountOverdue, tasks.CountToday, tasks.CountNext7Days, tasks.CountNoDueDate,
	}}
	return call{args.Cost(), func(ctx context.Context, s *tasks.Service) (any, error) {
		stats, err := s.Stats(ctx, args)
		if err != nil {
			return nil, err
		}
		return newStats(stats), nil
	}}
}

// written returns the content of a write's result.
func written(w *tasks.Write, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return taskContent{newTask(w.Task)}, nil
}
