package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/auth"
	"taskql/models"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// recorded keeps what the resolvers of root fields return, by the field's name in the response.
type recorded struct {
	mu    sync.Mutex
	known map[string]any
}

// bothWays executes documents with gqlgen alone and with plans. The second execution gets the results of the first one's
// resolvers, so that both write the same values.
type bothWays struct {
	resolvers recorded
	gqlgen    *executor.Executor
	planned   *executor.Executor
	documents *documents
}

func newBothWays(service *tasks.Service) *bothWays {
	b := &bothWays{documents: newDocuments()}
	isRoot := func(ctx context.Context) bool {
		return graphql.GetFieldContext(ctx).Object == "Query" || graphql.GetFieldContext(ctx).Object == "Mutation"
	}
	newExecutor := func() *executor.Executor {
		e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{Service: service}}))
		e.SetQueryCache(b.documents)
		return e
	}
	b.gqlgen, b.planned = newExecutor(), newExecutor()
	b.gqlgen.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		result, err := next(ctx)
		if isRoot(ctx) {
			b.resolvers.mu.Lock()
			defer b.resolvers.mu.Unlock()
			b.resolvers.known[graphql.GetPath(ctx).String()] = result
		}
		return result, err
	})
	b.planned.Use(&plans{b.documents, service})
	b.planned.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if isRoot(ctx) {
			b.resolvers.mu.Lock()
			defer b.resolvers.mu.Unlock()
			if result, ok := b.resolvers.known[graphql.GetPath(ctx).String()]; ok {
				return result, nil
			}
		}
		return next(ctx)
	})
	return b
}

// response executes a document and returns its response, or the error of a document that is not valid.
func response(ctx context.Context, e *executor.Executor, document string, variables map[string]any) (string, error) {
	ctx = graphql.StartOperationTrace(ctx)
	operation, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: document, Variables: variables})
	if errs != nil {
		return "", errs
	}
	responses, ctx := e.DispatchOperation(ctx, operation)
	answer := responses(ctx)
	// The order of errors depends on goroutines.
	texts := make([]string, len(answer.Errors))
	for i, err := range answer.Errors {
		texts[i] = err.Error()
	}
	slices.Sort(texts)
	return string(answer.Data) + " " + strings.Join(texts, "\n"), nil
}

// compare fails if the two ways answer differently. It reports whether the document was valid.
func (b *bothWays) compare(t *testing.T, ctx context.Context, document string, variables map[string]any) bool {
	t.Helper()
	b.resolvers.known = map[string]any{}
	want, err := response(ctx, b.gqlgen, document, variables)
	if err != nil {
		return false
	}
	for range 2 { // the second time with the plan that the first one has stored
		got, err := response(ctx, b.planned, document, variables)
		if err != nil || got != want {
			t.Fatalf("%s\nvariables %v\nby plan  %s, %v\nby gqlgen %s", document, variables, got, err, want)
		}
	}
	if data, _, _ := strings.Cut(want, "\n"); !json.Valid([]byte(data[:strings.LastIndex(data, "}")+1])) && data != " " && !strings.HasPrefix(data, "null") {
		t.Fatalf("%s: no JSON: %s", document, want)
	}
	return true
}

// countPlans counts the fields that plans write in the execution of a document.
func (b *bothWays) countPlans(ctx context.Context, document string) (count int) {
	counting := &plans{b.documents, &tasks.Service{Now: time.Now}}
	b.resolvers.known = map[string]any{}
	if _, err := response(ctx, b.gqlgen, document, nil); err != nil {
		return -1
	}
	e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
	var mu sync.Mutex
	e.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		result, err := next(ctx)
		if _, ok := result.(*rawJSON); ok {
			mu.Lock()
			defer mu.Unlock()
			count++
		}
		return result, err
	})
	e.Use(counting)
	e.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if result, ok := b.resolvers.known[graphql.GetPath(ctx).String()]; ok {
			return result, nil
		}
		return next(ctx)
	})
	if _, err := response(ctx, e, document, nil); err != nil {
		return -1
	}
	return count
}

// drawn draws documents over the types that have plans.
type drawn struct {
	*rand.Rand
	schema    *ast.Schema
	fragments []string
	variables map[string]any
	declared  []string
}

// arguments draws the arguments of a field below the root.
func (d *drawn) arguments(field *ast.FieldDefinition) string {
	if field.Arguments.ForName("timeZone") == nil {
		return ""
	}
	switch d.IntN(6) {
	case 0:
		return `(timeZone: "Pacific/Kiritimati")`
	case 1:
		return "(timeZone: null)"
	case 2:
		return d.variable("TimeZone", []any{"America/St_Johns", nil, "UTC", "Mars/Olympus"}[d.IntN(4)], "timeZone")
	default:
		return ""
	}
}

func (d *drawn) variable(typ string, value any, argument string) string {
	name := fmt.Sprintf("v%d", len(d.declared))
	d.declared = append(d.declared, "$"+name+": "+typ)
	if value != nil || d.IntN(2) == 0 {
		d.variables[name] = value
	}
	return "(" + argument + ": $" + name + ")"
}

func (d *drawn) directive() string {
	switch d.IntN(8) {
	case 0:
		return " @skip(if: " + fmt.Sprint(d.IntN(2) == 0) + ")"
	case 1:
		return " @include(if: " + fmt.Sprint(d.IntN(2) == 0) + ")"
	case 2:
		return " @include" + d.variable("Boolean!", d.IntN(2) == 0, "if")
	}
	return ""
}

// selection draws a selection set of a type. The names in responses are unique enough that most documents are valid.
func (d *drawn) selection(typ *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ ")
	for range 1 + d.IntN(6) {
		switch n := d.IntN(12); {
		case n == 0:
			b.WriteString("__typename ")
		case n == 1:
			fmt.Fprintf(&b, "t%d: __typename%s ", d.IntN(5), d.directive())
		case n == 2 && depth > 0:
			on := typ.Name
			if len(typ.Interfaces) > 0 && d.IntN(2) == 0 {
				on = typ.Interfaces[0]
			}
			fmt.Fprintf(&b, "... on %s%s %s ", on, d.directive(), d.selection(d.schema.Types[on], depth-1))
		case n == 3 && depth > 0:
			fmt.Fprintf(&b, "...%s %s ", d.directive(), d.selection(typ, depth-1))
		case n == 4 && depth > 0:
			name := fmt.Sprintf("F%d", len(d.fragments))
			d.fragments = append(d.fragments, "")
			d.fragments[len(d.fragments)-1] = fmt.Sprintf("fragment %s on %s %s", name, typ.Name, d.selection(typ, depth-1))
			fmt.Fprintf(&b, "...%s%s ", name, d.directive())
		default:
			field := typ.Fields[d.IntN(len(typ.Fields))]
			below := d.schema.Types[field.Type.Name()]
			if strings.HasPrefix(field.Name, "__") || below.IsCompositeType() && depth == 0 || below == d.schema.Query {
				continue
			}
			alias := ""
			if d.IntN(3) == 0 {
				alias = fmt.Sprintf("%s%d: ", field.Name, d.IntN(3))
			}
			fmt.Fprintf(&b, "%s%s%s%s ", alias, field.Name, d.arguments(field), d.directive())
			if below.IsCompositeType() {
				b.WriteString(d.selection(below, depth-1) + " ")
			}
		}
	}
	return b.String() + "__typename }"
}

// document draws a document with some root fields, whose arguments may contain %d for an id.
func (d *drawn) document(kind string, roots []string) string {
	var b strings.Builder
	typ := d.schema.Types[strings.ToUpper(kind[:1])+kind[1:]]
	for i := range 1 + d.IntN(2) {
		root := roots[d.IntN(len(roots))]
		name, arguments, _ := strings.Cut(root, "(")
		if arguments != "" {
			arguments = "(" + arguments
		}
		below := d.schema.Types[typ.Fields.ForName(name).Type.Name()]
		fmt.Fprintf(&b, "r%d: %s%s%s %s ", i, name, arguments, d.directive(), d.selection(below, 4))
		if d.IntN(4) == 0 { // the field again, so that gqlgen merges the two
			fmt.Fprintf(&b, "r%d: %s%s%s %s ", i, name, arguments, d.directive(), d.selection(below, 2))
		}
	}
	declared := ""
	if len(d.declared) > 0 {
		declared = "(" + strings.Join(d.declared, ", ") + ")"
	}
	return fmt.Sprintf("%s Q%s { %s} %s", kind, declared, &b, strings.Join(d.fragments, " "))
}

// awkward are texts that an encoder may get wrong.
var awkward = []string{
	"plain", "ein \"Zitat\" \\ und \u2028 \u2029 </script> &amp;", "tab\tline\nreturn\r\x01\x1f\x7f", "größer 日本語 👩‍👩‍👧 \U0010ffff", "a/b", "\u00a0nbsp",
}

// seeded returns a service on a database with tasks of a user, whose fields vary, and a context of that user.
func seeded(tb testing.TB) (*tasks.Service, context.Context) {
	tb.Helper()
	db := opened.Migrated(tb, storetest.SQLite(tb))
	now := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	service := &tasks.Service{Store: db, MaxTasks: 1000, Now: func() time.Time { return now }, DatabaseID: "d"}
	ctx := auth.NewContext(tb.Context(), &auth.User{ID: "user \"1\""})
	for i := range 24 {
		input := models.CreateTaskInput{Title: awkward[i%len(awkward)] + " work", Priority: models.AllPriority[i%3], Tags: []string{}}
		if i%2 == 0 {
			text := awkward[(i+1)%len(awkward)]
			input.Description, input.Tags = &text, []string{awkward[i%4], "x"}
		}
		switch i % 4 {
		case 0:
			day := models.NewDate(2026, 2, 20+i%12)
			input.Due = &models.DueInput{Date: &day}
		case 1:
			at := now.Add(time.Duration(i-12) * time.Hour)
			input.Due = &models.DueInput{At: &at}
		}
		w, err := service.Create(ctx, input, nil, nil)
		if err != nil {
			tb.Fatal(err)
		}
		id := fmt.Sprint(w.Task.ID)
		if i%5 == 0 {
			_, err = service.Complete(ctx, id, nil, nil)
		}
		if i%7 == 0 && err == nil {
			_, err = service.Delete(ctx, id, nil)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return service, ctx
}

var queryRoots = []string{
	"tasks", `tasks(first: 3, search: "work")`, `tasks(last: 2, trash: INCLUDE)`, `tasks(filter: {id: {in: []}})`, `task(id: "3")`, `task(id: "1")`, `task(id: "999")`,
	`node(id: "4")`, "taskChanges(first: 5)", "taskStats", "viewer", "tags(first: 3)",
}

var mutationRoots = []string{
	`createTask(input: {title: "new \"one\"", due: {date: "2026-03-01"}})`, `createTask(input: {title: ""})`, `createTasks(inputs: [{title: "a"}, {title: "b"}])`,
	`completeTask(id: "5")`, `toggleTask(id: "6")`, `toggleTask(id: "999")`, `updateTask(id: "7", input: {title: "seven"})`, `deleteTask(id: "8")`,
	`updateTasks(ids: ["9", "10"], input: {completed: true})`, `updateTasks(ids: ["9", "999"], input: {completed: true})`, `restoreTask(id: "8")`, `purgeTask(id: "11")`,
}

// compareDrawn compares both ways on one drawn document. It reports whether the document was valid.
func compareDrawn(t *testing.T, b *bothWays, ctx context.Context, seed uint64) bool {
	d := &drawn{Rand: rand.New(rand.NewPCG(seed, 7)), schema: schema(), variables: map[string]any{}}
	kind, roots := "query", queryRoots
	if seed%4 == 0 {
		kind, roots = "mutation", mutationRoots
	}
	zone := []string{"", "Asia/Kathmandu"}[seed/2%2]
	if zone != "" {
		parsed, _ := models.ParseTimeZone(zone)
		ctx = context.WithValue(ctx, zoneKey{}, parsed.Location)
	}
	document := d.document(kind, roots)
	valid := b.compare(t, ctx, document, d.variables)
	// A plan must not keep the values of variables.
	for name, value := range d.variables {
		switch value := value.(type) {
		case bool:
			d.variables[name] = !value
		case string:
			d.variables[name] = "Asia/Tokyo"
		}
	}
	return b.compare(t, ctx, document, d.variables) && valid
}

// TestPlansAndGqlgen executes drawn documents with plans and without: the responses are equal to the byte.
func TestPlansAndGqlgen(t *testing.T) {
	service, ctx := seeded(t)
	b := newBothWays(service)
	valid, rounds := 0, storetest.Scale(400, 20_000)
	for seed := range rounds {
		if compareDrawn(t, b, ctx, uint64(seed)) {
			valid++
		}
	}
	if valid < rounds/2 {
		t.Errorf("%d of %d documents are valid, want at least half", valid, rounds)
	}
}

func FuzzPlansAndGqlgen(f *testing.F) {
	service, ctx := seeded(f)
	b := newBothWays(service)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { compareDrawn(t, b, ctx, seed) })
}

// TestPlanned checks that plans write the documents of front ends.
func TestPlanned(t *testing.T) {
	service, ctx := seeded(t)
	b := newBothWays(service)
	const fields = "id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt __typename"
	for _, document := range []string{
		"{ tasks(first: 20) { nodes { " + fields + " } pageInfo { hasNextPage endCursor } } }",
		"{ tasks { totalCount edges { cursor relevance node { ...T } } pageInfo { hasPreviousPage startCursor } } } fragment T on Task { " + fields + " }",
		`{ task(id: "3") { ` + fields + ` tokyo: isOverdue(timeZone: "Asia/Tokyo") } }`,
		`{ node(id: "3") { id ... on Task { ` + fields + ` } } }`,
		"{ taskChanges { nextToken hasMore reset changes { kind taskId token task { " + fields + " } } } }",
		`mutation { createTask(input: {title: "x"}) { task { ` + fields + ` } syncToken userErrors { code message } } }`,
		`mutation { toggleTask(id: "5") { task { ` + fields + ` } userErrors { __typename } } }`,
		`mutation { deleteTask(id: "5") { deletedTaskId task { ` + fields + ` } userErrors { code } } }`,
		`mutation { restoreTasks(ids: ["5"]) { tasks { ` + fields + ` } userErrors { code } } }`,
	} {
		if count := b.countPlans(ctx, document); count != 1 {
			t.Errorf("plans write %d results, want 1: %s", count, document)
		}
	}
	for _, document := range []string{
		`mutation { toggleTask(id: "999") { task { id } userErrors { code } } }`, // with user errors
		`mutation { createTask(input: {title: "x"}) { query { taskStats { open } } } }`,
		`mutation { createTask(input: {title: "x"}) { taskEdge(orderBy: []) { cursor } } }`,
	} {
		if count := b.countPlans(ctx, document); count != 0 {
			t.Errorf("plans write %d results, want none: %s", count, document)
		}
	}
}

// TestPlansCoverTheSchema checks that each field of a type with a plan has a writer, or is left to gqlgen on purpose. A new field of
// the schema needs one of the two.
func TestPlansCoverTheSchema(t *testing.T) {
	left := map[string]bool{
		// They call resolvers, which may fail.
		"CreateTaskPayload.taskEdge": true, "CreateTaskPayload.query": true, "TaskPayload.query": true, "TasksPayload.query": true, "DeleteTaskPayload.query": true,
	}
	check := func(name string, writers ...[]string) {
		all := slices.Concat(writers...)
		for _, field := range schema().Types[name].Fields {
			full := name + "." + field.Name
			if slices.Contains(all, field.Name) == left[full] {
				t.Errorf("%s has a writer: %v, is left to gqlgen: %v", full, !left[full], left[full])
			}
			delete(left, full)
		}
	}
	check(names(taskType))
	check(names(connectionType))
	check(names(edgeType))
	check(names(pageInfoType))
	check(names(changesType))
	check(names(changeType))
	check(names(taskPayloadType))
	check(names(createTaskPayloadType))
	check(names(tasksPayloadType))
	check(names(deleteTaskPayloadType))
	if len(left) > 0 {
		t.Errorf("the schema has no field %v", left)
	}
}

func names[T any](of planType[T]) (string, []string) {
	var all []string
	for name := range of.scalars {
		all = append(all, name)
	}
	for name := range of.others {
		all = append(all, name)
	}
	return of.name, all
}

// BenchmarkList executes the list of a front end, without the database.
func BenchmarkList(b *testing.B) {
	service, ctx := seeded(b)
	both := newBothWays(service)
	const document = `{ tasks(first: 20) { nodes { id title description priority tags completed completedAt dueDate createdAt updatedAt version } pageInfo { hasNextPage endCursor } } }`
	both.resolvers.known = map[string]any{}
	if _, err := response(ctx, both.gqlgen, document, nil); err != nil {
		b.Fatal(err)
	}
	page := both.resolvers.known["tasks"]
	without := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{Service: service}}))
	without.SetQueryCache(newDocuments())
	without.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if graphql.GetFieldContext(ctx).Object == "Query" {
			return page, nil
		}
		return next(ctx)
	})
	for _, way := range []struct {
		name string
		*executor.Executor
	}{{"gqlgen", without}, {"plans", both.planned}} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			var out bytes.Buffer
			for b.Loop() {
				text, err := response(ctx, way.Executor, document, nil)
				if err != nil {
					b.Fatal(err)
				}
				out.Reset()
				out.WriteString(text)
			}
		})
	}
}
