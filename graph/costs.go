package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/tasks"
)

// The complexity of an operation is what the database has to read and write, by the costs of package tasks, and what the answer
// may weigh: 1 for each field, below a list once for each task that a page may contain.
const (
	bulkShare     = 4 // a task in the result of a bulk write costs this part of one in a list
	changeShare   = 2 // and one in a page of changes
	costOfNotes   = 5 // a description may be as long as dozens of other fields
	valuesPerCost = 2 // of arguments: reading as many costs 1
)

// fieldCost returns the size of a field, given what is selected below it and its arguments.
type fieldCost func(below size, arguments map[string]any) size

// costs are the costs of fields beside 1, or CostOfWrite for mutations. Arguments are typed where readers has the field.
var costs = map[string]fieldCost{
	"Query.tasks": func(below size, arguments map[string]any) size {
		args := tasks.ListArgs{Total: below.total}
		args.First, _ = arguments["first"].(*int)
		args.Last, _ = arguments["last"].(*int)
		args.Filter, _ = arguments["filter"].(*models.TaskFilter)
		args.Search, _ = arguments["search"].(*string)
		args.Order, _ = arguments["orderBy"].([]*models.TaskOrder)
		args.Trash, _ = arguments["trash"].(models.TrashScope)
		page := tasks.DefaultPage
		for _, asked := range []*int{args.First, args.Last} {
			if asked != nil {
				page = min(max(*asked, 1), tasks.MaxPage) // others are refused later
			}
		}
		below.cost, below.total = page*below.cost+args.Cost(), false
		return below
	},
	"TaskConnection.totalCount": func(below size, _ map[string]any) size {
		below.total = true
		return below
	},
	"Task.description": func(below size, _ map[string]any) size {
		below.cost += costOfNotes
		return below
	},
	"Query.task": called, "Query.node": called, "Query.syncToken": called,
	"Query.taskChanges": func(below size, arguments map[string]any) size {
		below.cost = tasks.CostOfCall + length(arguments, tasks.MaxChanges)*below.cost/changeShare
		return below
	},
	"Query.taskStats": func(below size, arguments map[string]any) size {
		filter, _ := arguments["filter"].(*models.TaskFilter)
		args := tasks.StatsArgs{Filter: filter}
		if below.total {
			args.Days = 1
		}
		below.cost, below.total = below.cost+args.Cost(), false
		return below
	},
	"TaskStats.total": countsOf(1), "TaskStats.open": countsOf(1), "TaskStats.completed": countsOf(1), "TaskStats.overdue": countsOf(1),
	"TaskStats.dueToday": countsOf(1), "TaskStats.dueNext7Days": countsOf(1), "TaskStats.noDueDate": countsOf(1),
	"TaskStats.openByPriority": countsOf(3),
	"TaskStats.completedPerDay": func(below size, arguments map[string]any) size {
		days, _ := arguments["days"].(int)
		below.cost = min(max(days, 1), tasks.MaxStatDays) * below.cost
		below.total = true
		return below
	},
	"Query.tags": func(below size, arguments map[string]any) size {
		below.cost = tasks.CostOfTags + length(arguments, tasks.MaxTags)*below.cost
		return below
	},
	"Mutation.clearCompletedTasks": writesAll, "Mutation.emptyTrash": writesAll,
}

func called(below size, _ map[string]any) size {
	below.cost += tasks.CostOfCall
	return below
}

func countsOf(counts int) fieldCost {
	return func(below size, _ map[string]any) size {
		below.cost += counts * tasks.CostOfCount
		return below
	}
}

func writesAll(below size, _ map[string]any) size {
	below.cost += tasks.CostOfAll
	return below
}

// length returns how many elements a list may have whose maximum is longest. Other lengths are refused later.
func length(arguments map[string]any, longest int) int {
	first, _ := arguments["first"].(int)
	return min(max(first, 1), longest)
}

// charge takes the cost of an operation from its user's budget.
func (l *limits) charge(ctx context.Context, cost int) *gqlerror.Error {
	if refused := l.budget.Charge(auth.ID(ctx), cost); refused != nil {
		return printed(refused)
	}
	return nil
}

// spending is the gqlgen extension that refuses the documents of users whose budget is empty before they are parsed.
type spending struct {
	budget          *budget.Budgets
	noIntrospection bool
}

var (
	_ graphql.HandlerExtension          = spending{}
	_ graphql.OperationParameterMutator = spending{}
)

func (spending) ExtensionName() string { return "Spending" }

func (spending) Validate(graphql.ExecutableSchema) error { return nil }

func (s spending) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if s.noIntrospection || !mayIntrospect(params.Query) {
		if refused := s.budget.Refusal(auth.ID(ctx)); refused != nil {
			return printed(refused)
		}
	}
	return nil
}

// mayIntrospect reports whether a document may be an introspection, which is free as tools send it.
func mayIntrospect(document string) bool {
	return strings.Contains(document, "__schema") || strings.Contains(strings.ReplaceAll(document, "__typename", ""), "__type")
}

// isRateLimited reports whether the first error has CodeRateLimited.
func isRateLimited(errs gqlerror.List) bool {
	return len(errs) > 0 && errs[0].Extensions["code"] == models.CodeRateLimited
}
