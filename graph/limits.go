package graph

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/budget"
	"taskql/models"
	"taskql/tasks"
)

// The limits of one operation. They allow every documented maximum with all fields selected, and GraphiQL's introspection,
// which is 15 levels deep.
const (
	maxBody       = 1 << 20 // bytes
	maxDepth      = 16
	maxComplexity = 10_000
	maxRows       = 2_000 // ids and inputs of all mutations
	// Estimated number of values in the result of an introspection. That of GraphiQL and code generators has 112,000.
	maxIntrospection = 300_000
	// Those of tools are free: they have fewer values and no aliases, with which a description is sent thousands of times.
	freeIntrospection    = 120_000
	introspectionPerCost = 30
)

// limits is the gqlgen extension that refuses operations above the limits before they run, and charges the others to their users.
type limits struct {
	documents *documents
	budget    *budget.Budgets
	// noIntrospection refuses operations that ask for the schema.
	noIntrospection bool
	schema          *executableSchema
}

var (
	_ graphql.HandlerExtension        = (*limits)(nil)
	_ graphql.OperationContextMutator = (*limits)(nil)
)

func (l *limits) ExtensionName() string { return "Limits" }

func (l *limits) Validate(schema graphql.ExecutableSchema) error {
	l.schema = schema.(*executableSchema)
	return nil
}

// costKey is the key of an operation's complexity in its graphql.Stats.
const costKey = "cost"

func (l *limits) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	tooMuch := func(format string, args ...any) *gqlerror.Error {
		return printed(&models.Error{Code: models.CodeComplexityLimit, Message: fmt.Sprintf(format, args...)})
	}
	size := l.sizeOf(ctx, operation)
	if size.depth > maxDepth {
		return tooMuch("The operation is nested deeper than %d levels.", maxDepth)
	}
	if size.rows > maxRows {
		return tooMuch("The operation writes more than %d tasks.", maxRows)
	}
	if size.cost > maxComplexity {
		return tooMuch("The operation has a complexity above %d: ask for fewer lists, counts or fields, or for smaller pages.", maxComplexity)
	}
	if size.introspection > maxIntrospection {
		return tooMuch("The introspection asks for too much at once.")
	}
	if size.introspection > 0 && l.noIntrospection {
		return printed(&models.Error{Code: models.CodeValidationFailed, Message: "This server does not answer questions about its schema."})
	}
	cost := size.cost
	if size.aliased || size.introspection > freeIntrospection {
		cost += 1 + size.introspection/introspectionPerCost
	}
	operation.Stats.SetExtension(costKey, cost)
	// The validator accepts several aliases of one field, and @skip. gqlgen's error for them has no code (specification,
	// section 5.2.4.1).
	if operation.Operation.Operation == ast.Subscription &&
		len(graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Subscription"})) != 1 {
		return printed(&models.Error{Code: models.CodeValidationFailed, Message: "A subscription must have exactly one field."})
	}
	return l.charge(ctx, cost)
}

// sizeOf returns the size of an operation. It depends on the document and the variables only, so that of the last variables is kept with
// the document.
func (l *limits) sizeOf(ctx context.Context, operation *graphql.OperationContext) size {
	kept := l.documents.keptOf(operation.Doc)
	if kept != nil {
		last, _ := kept.sizes.Load(operation.Operation)
		if last, ok := last.(*measured); ok && maps.Equal(last.variables, operation.Variables) {
			return last.size
		}
	}
	m := measurement{
		ctx: ctx, execution: newExecutionContext(operation, l.schema, nil), variables: operation.Variables,
		fragments: map[spread]size{}, values: map[string]int{},
	}
	size := m.of(operation.Operation.SelectionSet)
	if kept != nil && keepable(operation.Variables) {
		kept.sizes.Store(operation.Operation, &measured{operation.Variables, size})
	}
	return size
}

// measured is the size of an operation with these variables.
type measured struct {
	variables map[string]any
	size
}

// The limits of variables that are kept: of their number, and of the bytes of a text.
const (
	maxKeptVariables = 16
	maxKeptText      = 100
)

// keepable reports whether there are few variables, all of them short scalars.
func keepable(variables map[string]any) bool {
	for _, value := range variables {
		switch value := value.(type) {
		case nil, bool, int64, float64:
		case string:
			if len(value) > maxKeptText {
				return false
			}
		default:
			return false
		}
	}
	return len(variables) <= maxKeptVariables
}

// size is what a selection set asks for.
type size struct {
	// cost is that of the database and of the answer, introspection that of the schema.
	cost, introspection int
	depth               int
	// aliased is set if the introspection has an alias.
	aliased bool
	// rows is the number of ids and inputs of mutations.
	rows int
	// total is set if the total of a list is selected, or the days of statistics.
	total bool
}

// beyond reports whether the size is above a limit, so that it need not be known exactly.
func (s size) beyond() bool {
	return s.cost > maxComplexity || s.introspection > maxIntrospection || s.depth > maxDepth || s.rows > maxRows
}

// measurement computes sizes. gqlgen's own function computes a fragment at each spread, which takes exponential time for
// fragments that spread others twice, and does not count introspection. This one computes each fragment once.
type measurement struct {
	ctx       context.Context
	execution *executionContext
	variables map[string]any
	fragments map[spread]size
	// values are the numbers of values in variables.
	values map[string]int
	// given is the number of ids or inputs of the mutation around, 0 outside of one.
	given int
}

// spread is a fragment within a mutation of so many ids or inputs.
type spread struct {
	fragment *ast.FragmentDefinition
	given    int
}

// of returns the size of a selection set. If it is beyond the limits, the rest of the set is left out.
func (m *measurement) of(selections ast.SelectionSet) (total size) {
	for _, selection := range selections {
		var one size
		switch selection := selection.(type) {
		case *ast.Field:
			if included(selection.Directives, m.variables) {
				one = m.ofField(selection)
			}
		case *ast.InlineFragment:
			if included(selection.Directives, m.variables) {
				one = m.of(selection.SelectionSet)
			}
		case *ast.FragmentSpread:
			if !included(selection.Directives, m.variables) {
				continue
			}
			key := spread{selection.Definition, m.given}
			known, ok := m.fragments[key]
			if !ok {
				// The validator refuses cycles of fragments.
				known = m.of(selection.Definition.SelectionSet)
				m.fragments[key] = known
			}
			one = known
		}
		total.cost = min(total.cost+one.cost, maxComplexity+1)
		total.introspection = min(total.introspection+one.introspection, maxIntrospection+1)
		total.depth = max(total.depth, one.depth)
		total.rows = min(total.rows+one.rows, maxRows+1)
		total.total = total.total || one.total
		total.aliased = total.aliased || one.aliased
		if total.beyond() {
			return total
		}
	}
	return total
}

func (m *measurement) ofField(field *ast.Field) size {
	parent, values := "", 0
	if field.ObjectDefinition != nil {
		parent = field.ObjectDefinition.Name
	}
	for _, argument := range field.Arguments {
		values += m.valuesIn(argument.Value)
	}
	if values/valuesPerCost > maxComplexity { // reading them would take long
		return size{cost: maxComplexity + 1}
	}
	costed := parent == "Mutation" || costs[parent+"."+field.Name] != nil
	var arguments map[string]any
	if costed {
		arguments = field.ArgumentMap(m.variables)
	}
	around := m.given
	if parent == "Mutation" {
		m.given = count(arguments["ids"]) + count(arguments["inputs"])
	}
	given := m.given
	below := m.of(field.SelectionSet)
	m.given = around
	below.depth++
	if below.beyond() {
		return below
	}
	if (field.Name == "__schema" || field.Name == "__type" || strings.HasPrefix(parent, "__")) && field.Alias != field.Name {
		below.aliased = true
	}
	if field.Name == "__schema" || field.Name == "__type" {
		return below
	}
	if strings.HasPrefix(parent, "__") {
		below.introspection = max(1, introspectionLists[field.Name]) * (1 + below.introspection)
		return below
	}
	if parent == "Mutation" {
		below.rows += given
	}
	if parent == "TasksPayload" && field.Name == "tasks" {
		// A write has read its rows already, so that they cost their output only. userErrors are counted once: a payload
		// has either tasks or errors, and at most one error for each task.
		below.cost = given * below.cost / bulkShare
	}
	if costed {
		below = m.costOf(parent, field.Name, below, arguments, given)
	}
	below.cost += 1 + values/valuesPerCost
	return below
}

// costOf adds to below, the size of what is selected below a field, what the database has to do for the field.
func (m *measurement) costOf(parent, name string, below size, arguments map[string]any, given int) size {
	cost := costs[parent+"."+name]
	if cost == nil { // a mutation
		below.cost += tasks.CostOfWrite + given*tasks.CostOfRow
		return below
	}
	if read := readers[parent+"."+name]; read != nil {
		typed, err := read(m.execution, m.ctx, arguments)
		if err != nil {
			return below // the field is refused
		}
		arguments = typed
	}
	return cost(below, arguments)
}

// valuesIn returns the number of values in an argument, those of variables included.
func (m *measurement) valuesIn(value *ast.Value) int {
	if value.Kind == ast.Variable {
		known, ok := m.values[value.Raw]
		if !ok {
			known = valuesInGiven(m.variables[value.Raw])
			m.values[value.Raw] = known
		}
		return known
	}
	n := 1
	for _, child := range value.Children {
		n += m.valuesIn(child.Value)
	}
	return n
}

func valuesInGiven(value any) int {
	n := 1
	switch value := value.(type) {
	case map[string]any:
		for _, field := range value {
			n += valuesInGiven(field)
		}
	case []any:
		for _, element := range value {
			n += valuesInGiven(element)
		}
	}
	return n
}

// count returns the length of a list argument. A single value stands for a list of one.
func count(argument any) int {
	if argument == nil {
		return 0
	}
	if list := reflect.ValueOf(argument); list.Kind() == reflect.Slice {
		return list.Len()
	}
	return 1
}

// introspectionLists are estimated lengths of the lists in an introspection.
var introspectionLists = map[string]int{
	"types": 50, "fields": 10, "args": 4, "inputFields": 6, "enumValues": 5, "possibleTypes": 4, "interfaces": 2, "directives": 6,
}
