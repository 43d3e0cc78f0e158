package graph

import (
	"context"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/models"
	"taskql/tasks"
)

// gqlgen resolves each field of each object on its own: a context, several closures and, for lists and resolvers, a goroutine. For a
// list of 20 tasks that is most of the server's work. A plan writes a whole result instead. It is compiled from the
// selection set once for each document: a list of functions, one for each selected field, that append to one buffer.
//
// gqlgen still parses and validates the document, reads the arguments and calls the resolver. The extension plans gets the
// resolver's result as a field middleware and returns the finished JSON, which gqlgen accepts in place of the value. Only
// types whose fields cannot fail have plans; see planfields.go. gqlgen resolves everything else: other types, payloads with
// user errors, and selections with a field that has no writer. Both ways return the same bytes; TestPlansAndGqlgen compares
// them.

// plans is the gqlgen extension that writes results by their plans.
type plans struct {
	documents *documents
	service   *tasks.Service
}

var (
	_ graphql.HandlerExtension = (*plans)(nil)
	_ graphql.FieldInterceptor = (*plans)(nil)
)

func (p *plans) ExtensionName() string { return "Plans" }

func (p *plans) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptField returns the JSON of a result that has a plan, and any other result unchanged.
func (p *plans) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	result, err := next(ctx)
	if err != nil {
		return result, err
	}
	switch result := result.(type) {
	case *string: // a text that gqlgen writes
		if result != nil {
			return result, answerOf(ctx).add(len(*result))
		}
	case string:
		return result, answerOf(ctx).add(len(result))
	case []string:
		bytes := 0
		for _, text := range result {
			bytes += len(text)
		}
		return result, answerOf(ctx).add(bytes)
	case *tasks.Page:
		return written(ctx, p, &connectionType, result)
	case *models.Task:
		if result != nil {
			return written(ctx, p, &taskType, result)
		}
	case *tasks.ChangePage:
		return written(ctx, p, &changesType, result)
	case *models.TaskPayload:
		if len(result.UserErrors) == 0 {
			return written(ctx, p, &taskPayloadType, result)
		}
	case *models.CreateTaskPayload:
		if len(result.UserErrors) == 0 {
			return written(ctx, p, &createTaskPayloadType, result)
		}
	case *models.DeleteTaskPayload:
		if len(result.UserErrors) == 0 {
			return written(ctx, p, &deleteTaskPayloadType, result)
		}
	case *models.TasksPayload:
		if len(result.UserErrors) == 0 {
			return written(ctx, p, &tasksPayloadType, result)
		}
	}
	return result, nil
}

// written returns the JSON of value, or value itself if its selection has no plan. It fails as answer.add
// does.
func written[T any](ctx context.Context, p *plans, of *planType[T], value T) (any, error) {
	operation, field := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field
	plan := planOf(p.documents.keptOf(operation.Doc), operation, field, of)
	if plan == nil {
		return value, nil
	}
	at := &surroundings{now: p.service.Now(), zone: zone(ctx, nil), answer: answerOf(ctx)}
	buffer := texts.Get().(*[]byte)
	*buffer = plan.write(slices.Grow((*buffer)[:0], int(plan.length.Load())), value, at)
	length := len(*buffer)
	plan.length.Store(min(int64(length+length/8), maxBuffer))
	if at.full == nil {
		at.full = at.answer.add(length - at.counted)
	}
	if at.full != nil {
		return nil, at.full
	}
	return &rawJSON{buffer}, nil
}

// plan writes results of one selection set.
type plan[T any] struct {
	write writer[T]
	// length is the first size of a result's buffer, in bytes: a little more than the last result, so that it need not grow.
	length atomic.Int64
}

// firstBuffer is length at first: that of one task. maxBuffer is its maximum, so that a large result does not make all others large.
const firstBuffer, maxBuffer = 512, 64 << 10

// rawJSON is a result that is encoded already. gqlgen writes it once, into the data of the response.
type rawJSON struct{ text *[]byte }

// texts keeps the buffers of results that have been written: that of a list is an eighth of the memory that a request needs.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// MarshalGQL writes the JSON. Then the buffer is another result's, and this one has none.
func (j *rawJSON) MarshalGQL(w io.Writer) {
	text := j.text
	j.text = nil
	_, _ = w.Write(*text)
	if cap(*text) <= maxBuffer {
		texts.Put(text)
	}
}

// surroundings are what fields depend on beside their object.
type surroundings struct {
	now  time.Time
	zone *time.Location // of fields without an argument timeZone
	// answer is the response that the result belongs to. counted is how many bytes of the result it includes. full is the error if it
	// is too large, so that the rest of the result is not written.
	answer  *answer
	counted int
	full    error
}

// countedBytes is how many bytes are written before they are counted.
const countedBytes = 16 << 10

// grown counts the bytes of a result that has a length now. It reports whether the response is too large.
func (at *surroundings) grown(length int) bool {
	if at.full == nil && length-at.counted > countedBytes {
		at.full = at.answer.add(length - at.counted)
		at.counted = length
	}
	return at.full != nil
}

// A writer appends the JSON of a value to b.
type writer[T any] func(b []byte, value T, at *surroundings) []byte

// planType describes the fields of a GraphQL type whose Go type is T. A field is in one of the maps. The key is its name in the
// schema.
type planType[T any] struct {
	name string
	// satisfies are the names in the conditions of fragments that apply: the type and its interfaces.
	satisfies []string
	// scalars are the fields without arguments and selection sets.
	scalars map[string]writer[T]
	// others are the fields with arguments or selection sets.
	others map[string]compileField[T]
}

// compileField returns the writer of a field. It reports false if gqlgen must resolve the field.
type compileField[T any] func(*compiler, graphql.CollectedField) (writer[T], bool)

// compiler compiles a selection set of one operation.
type compiler struct {
	operation *graphql.OperationContext
	steps     int64 // how many fields the plan writes
}

// planOf returns the plan for the selection of a field, or nil if it has none. Plans that do not depend on variables are kept in
// known.
func planOf[T any](known *kept, operation *graphql.OperationContext, field graphql.CollectedField, of *planType[T]) *plan[T] {
	whole := isWhole(field)
	if known != nil && whole {
		if found, ok := known.plans.Load(field.Field); ok {
			found, _ := found.(*plan[T])
			return found
		}
	}
	c := &compiler{operation: operation}
	var made *plan[T]
	if write, ok := compile(c, of, field.Selections); ok {
		made = &plan[T]{write: write}
		made.length.Store(firstBuffer)
	}
	if known != nil && whole && !dependsOnVariables(field.Selections, map[string]bool{}) && known.steps.Add(c.steps) <= maxSteps {
		known.plans.Store(field.Field, made)
	}
	return made
}

// isWhole reports whether a field has its own selections only. One that occurs twice has the selections of both.
func isWhole(field graphql.CollectedField) bool {
	return len(field.Selections) == len(field.Field.SelectionSet)
}

// compile returns the plan for a selection set on a type. It reports false if a selected field has no writer.
func compile[T any](c *compiler, of *planType[T], selections ast.SelectionSet) (writer[T], bool) {
	fields := graphql.CollectFields(c.operation, selections, of.satisfies)
	type step struct {
		before string // the name in the response with its punctuation
		write  writer[T]
	}
	steps := make([]step, len(fields))
	c.steps += int64(len(fields))
	for i, field := range fields {
		steps[i].before = `,"` + field.Alias + `":`
		if i == 0 {
			steps[i].before = `{"` + field.Alias + `":`
		}
		write, ok := of.scalars[field.Name]
		if field.Name == "__typename" {
			name := strconv.Quote(of.name)
			write, ok = func(b []byte, _ T, _ *surroundings) []byte { return append(b, name...) }, true
		}
		if other := of.others[field.Name]; other != nil {
			write, ok = other(c, field)
		}
		if !ok {
			return nil, false
		}
		steps[i].write = write
	}
	if len(steps) == 0 {
		return func(b []byte, _ T, _ *surroundings) []byte { return append(b, "{}"...) }, true
	}
	return func(b []byte, value T, at *surroundings) []byte {
		for i := range steps {
			b = append(b, steps[i].before...)
			b = steps[i].write(b, value, at)
			if at.grown(len(b)) {
				break
			}
		}
		return append(b, '}')
	}, true
}

// object compiles a field whose value is an object of another type, or null if get returns nil.
func object[T any, V comparable](get func(T) V, of *planType[V]) compileField[T] {
	return func(c *compiler, field graphql.CollectedField) (writer[T], bool) {
		write, ok := compile(c, of, field.Selections)
		return func(b []byte, value T, at *surroundings) []byte {
			var none V
			inner := get(value)
			if inner == none {
				return append(b, "null"...)
			}
			return write(b, inner, at)
		}, ok
	}
}

// list compiles a field whose value is a list of objects.
func list[T, V any](get func(T) []V, of *planType[V]) compileField[T] {
	return func(c *compiler, field graphql.CollectedField) (writer[T], bool) {
		write, ok := compile(c, of, field.Selections)
		return func(b []byte, value T, at *surroundings) []byte {
			b = append(b, '[')
			for i, element := range get(value) {
				if i > 0 {
					b = append(b, ',')
				}
				if b = write(b, element, at); at.full != nil {
					break
				}
			}
			return append(b, ']')
		}, ok
	}
}

// zoned compiles a field whose only argument is timeZone. gqlgen resolves it if the argument is not valid.
func zoned[T any](write func(b []byte, value T, now time.Time, zone *time.Location) []byte) compileField[T] {
	return func(c *compiler, field graphql.CollectedField) (writer[T], bool) {
		argument := field.ArgumentMap(c.operation.Variables)["timeZone"]
		if argument == nil {
			return func(b []byte, value T, at *surroundings) []byte { return write(b, value, at.now, at.zone) }, true
		}
		var zone models.TimeZone
		if err := zone.UnmarshalGQL(argument); err != nil {
			return nil, false
		}
		return func(b []byte, value T, at *surroundings) []byte { return write(b, value, at.now, zone.Location) }, true
	}
}

// dependsOnVariables reports whether the result of a selection set's compilation depends on variables: whether a directive or an
// argument in it has one. seen holds the names of the fragments that were looked at.
func dependsOnVariables(selections ast.SelectionSet, seen map[string]bool) bool {
	directives := func(all ast.DirectiveList) bool {
		for _, directive := range all {
			for _, argument := range directive.Arguments {
				if argument.Value.Kind == ast.Variable {
					return true
				}
			}
		}
		return false
	}
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			for _, argument := range selection.Arguments {
				if argument.Value.Kind != ast.EnumValue && argument.Value.Kind != ast.StringValue { // a list may hold a variable
					return true
				}
			}
			if directives(selection.Directives) || dependsOnVariables(selection.SelectionSet, seen) {
				return true
			}
		case *ast.InlineFragment:
			if directives(selection.Directives) || dependsOnVariables(selection.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if directives(selection.Directives) {
				return true
			}
			if !seen[selection.Name] {
				seen[selection.Name] = true
				if dependsOnVariables(selection.Definition.SelectionSet, seen) {
					return true
				}
			}
		}
	}
	return false
}
