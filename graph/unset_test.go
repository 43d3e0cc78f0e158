package graph

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
)

// argumentsOf returns an executor with the checks of the API. It does not call resolvers: it passes the arguments
// that the resolver of a root field would receive to record.
func argumentsOf(record func(map[string]any)) *executor.Executor {
	e := executor.New(NewExecutableSchema(Config{Schema: schema(), Resolvers: &Resolver{}}))
	e.Use(&inputs{})
	e.Use(&limits{documents: newDocuments()})
	e.AroundFields(func(ctx context.Context, _ graphql.Resolver) (any, error) {
		record(graphql.GetFieldContext(ctx).Args)
		return nil, nil
	})
	return e
}

// outcome is what a document leads to: the arguments of its field and its cost, or the errors.
type outcome struct {
	arguments map[string]any
	cost      int
	errors    string
}

func run(t *testing.T, document string, variables map[string]any) (result outcome) {
	t.Helper()
	var mu sync.Mutex // root fields of a query run at once
	e := argumentsOf(func(arguments map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		result.arguments = arguments
	})
	ctx := graphql.StartOperationTrace(context.Background())
	operation, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: document, Variables: variables})
	if errs != nil {
		return outcome{errors: errs.Error()}
	}
	result.cost, _ = operation.Stats.GetExtension(costKey).(int)
	responses, ctx := e.DispatchOperation(ctx, operation)
	if response := responses(ctx); result.arguments == nil {
		result.errors = response.Errors.Error()
	}
	return result
}

// pair writes the same arguments twice: with variables that have no value, and with the fields left out in their
// place.
type pair struct {
	random     *rand.Rand
	schema     *ast.Schema
	parameters []string
}

// field returns "name: value" in both forms, or "" for a field that is left out.
func (p *pair) field(name string, typ *ast.Type, optional bool, depth int) (unset, omitted string) {
	if optional {
		switch p.random.IntN(3) {
		case 0:
			return "", ""
		case 1:
			variable := fmt.Sprintf("$v%d", len(p.parameters))
			nullable := *typ
			nullable.NonNull = false
			p.parameters = append(p.parameters, variable+": "+nullable.String())
			return name + ": " + variable, ""
		}
	}
	unset, omitted = p.value(typ, depth)
	return name + ": " + unset, name + ": " + omitted
}

func (p *pair) value(typ *ast.Type, depth int) (unset, omitted string) {
	if typ.Elem != nil {
		var a, b []string
		for range p.random.IntN(3) {
			x, y := p.value(typ.Elem, depth+1)
			a, b = append(a, x), append(b, y)
		}
		if len(a) == 1 && p.random.IntN(2) == 0 {
			return a[0], b[0] // which stands for a list of one
		}
		return "[" + strings.Join(a, ", ") + "]", "[" + strings.Join(b, ", ") + "]"
	}
	definition := p.schema.Types[typ.NamedType]
	switch definition.Kind {
	case ast.InputObject:
		fields := definition.Fields
		oneOf := definition.Directives.ForName("oneOf") != nil
		if oneOf {
			fields = ast.FieldList{fields[p.random.IntN(len(fields))]}
		}
		var a, b []string
		for _, field := range fields {
			optional := !oneOf && (!field.Type.NonNull || field.DefaultValue != nil)
			if optional && depth > 3 {
				continue
			}
			x, y := p.field(field.Name, field.Type, optional, depth+1)
			a, b = append(a, x), append(b, y)
		}
		return "{" + strings.Join(a, " ") + "}", "{" + strings.Join(b, " ") + "}"
	case ast.Enum:
		name := definition.EnumValues[p.random.IntN(len(definition.EnumValues))].Name
		return name, name
	default:
		literal := map[string]string{
			"ID": `"1"`, "Int": "3", "String": `"text"`, "Boolean": "true", "Date": `"2026-03-01"`,
			"DateTime": `"2026-03-01T12:00:00Z"`, "TimeZone": `"Europe/Berlin"`, "SyncToken": `"token"`,
		}[definition.Name]
		return literal, literal
	}
}

// TestVariablesWithoutValue checks that a variable without a value has the effect of leaving its field or argument
// out, in random arguments of every root field (specification, sections 3.10 and 6.4.1).
func TestVariablesWithoutValue(t *testing.T) {
	all := schema()
	for _, root := range []*ast.Definition{all.Query, all.Mutation} {
		for _, field := range root.Fields {
			if len(field.Arguments) == 0 || strings.HasPrefix(field.Name, "__") {
				continue
			}
			t.Run(field.Name, func(t *testing.T) {
				passed := 0
				for seed := range uint64(60) {
					p := pair{random: rand.New(rand.NewPCG(seed, 1)), schema: all}
					var a, b []string
					for _, argument := range field.Arguments {
						x, y := p.field(argument.Name, argument.Type, !argument.Type.NonNull || argument.DefaultValue != nil, 0)
						a, b = append(a, x), append(b, y)
					}
					selection := ""
					if all.Types[field.Type.Name()].IsCompositeType() {
						selection = " { __typename }"
					}
					write := func(parameters string, arguments []string) string {
						list := strings.TrimSpace(strings.Join(arguments, " "))
						if list != "" {
							list = "(" + list + ")"
						}
						return strings.ToLower(root.Name) + parameters + " { " + field.Name + list + selection + " }"
					}
					parameters := ""
					if len(p.parameters) > 0 {
						parameters = "(" + strings.Join(p.parameters, " ") + ")"
					}
					unset, omitted := write(parameters, a), write("", b)
					got, want := run(t, unset, nil), run(t, omitted, nil)
					got.cost = want.cost // the names of variables count as values
					if !reflect.DeepEqual(got, want) {
						t.Fatalf("%s\nleads to %v,\n%s\nleads to %v", unset, got, omitted, want)
					}
					if want.arguments != nil {
						passed++
					}
				}
				if passed < 30 {
					t.Errorf("only %d of 60 documents were valid", passed)
				}
			})
		}
	}
}

// TestVariablesInPlaces checks variables with and without a value where the specification has a rule of its own.
func TestVariablesInPlaces(t *testing.T) {
	for _, tt := range []struct {
		name, document string
		variables      map[string]any
		want           string
	}{
		{"@oneOf, variable without a value", `mutation($d: Date) { createTask(input: {title: "x", due: {date: $d}}) { __typename } }`, nil, "must be non-nullable"},
		{"@oneOf, two fields, one without a value", `mutation($a: ID) { moveTask(id: "1", placement: {end: FIRST, before: $a}) { __typename } }`, nil, "exactly one"},
		{"@oneOf, variable with a value", `mutation($d: Date!) { createTask(input: {title: "x", due: {date: $d}}) { __typename } }`, map[string]any{"d": "2026-03-01"}, ""},
		{"@oneOf, default", `mutation($d: Date! = "2026-03-01") { createTask(input: {title: "x", due: {date: $d}}) { __typename } }`, nil, ""},
		{"@oneOf as a variable without a value", `mutation($d: DueInput) { createTask(input: {title: "x", due: $d}) { __typename } }`, nil, ""},
		{"required field", `mutation($t: String) { createTask(input: {title: $t}) { __typename } }`, nil, "String!"},
		{"element of a list", `query($d: DueWindow) { tasks(filter: {due: [$d]}) { __typename } }`, nil, "DueWindow!"},
		{"element of a list, default", `query($d: DueWindow = TODAY) { tasks(filter: {due: [$d]}) { __typename } }`, nil, ""},
		{"default that is null", `query($c: Boolean = null) { tasks(filter: {completed: $c}) { __typename } }`, nil, "is null. Leave"},
		{"null", `query($c: Boolean) { tasks(filter: {completed: $c}) { __typename } }`, map[string]any{"c": nil}, "is null. Leave"},
		{"null over a default", `query($c: Boolean = true) { tasks(filter: {completed: $c}) { __typename } }`, map[string]any{"c": nil}, "is null. Leave"},
		{"null for a field with a default", `query($d: OrderDirection) { tasks(orderBy: {field: DUE, direction: $d}) { __typename } }`, map[string]any{"d": nil}, "must not be null"},
		{"no value for a field with a default", `query($d: OrderDirection) { tasks(orderBy: {field: DUE, direction: $d}) { __typename } }`, nil, ""},
		{"directive", `query($c: Boolean) { viewer @include(if: $c) { id } tasks { __typename } }`, nil, "Boolean!"},
		{"directive, default", `query($c: Boolean = true) { tasks @include(if: $c) { __typename } }`, nil, ""},
		{"directive, null over a default", `query($c: Boolean = true) { tasks @include(if: $c) { __typename } }`, map[string]any{"c": nil}, "must not be null"},
	} {
		got := run(t, tt.document, tt.variables).errors
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q in it", tt.name, got, tt.want)
		}
	}
}
