package graph

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/budget"
	"taskql/config"
)

var documentedMaximum = regexp.MustCompile(`\b1 to ([\d,]+)`)

// maximum returns the documented maximum of an argument, or 0 if it has none.
func maximum(argument *ast.ArgumentDefinition) int {
	found := documentedMaximum.FindStringSubmatch(argument.Description)
	if found == nil || argument.Type.Elem == nil && argument.Type.NamedType != "Int" {
		return 0
	}
	n, _ := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	return n
}

// whole selects every field of a type once, with all arguments that have a maximum at that maximum. It does not follow
// the query root in payloads.
func whole(schema *ast.Schema, typ *ast.Definition) string {
	var b strings.Builder
	b.WriteString(" { __typename")
	for _, field := range typ.Fields {
		below := schema.Types[field.Type.Name()]
		if below == schema.Query {
			continue
		}
		b.WriteString(" " + field.Name)
		for _, argument := range field.Arguments {
			if n := maximum(argument); n > 0 {
				b.WriteString("(" + argument.Name + ": " + strconv.Itoa(n) + ")")
			}
		}
		if below.IsCompositeType() {
			b.WriteString(whole(schema, below))
		}
	}
	if typ.IsAbstractType() {
		for _, possible := range schema.GetPossibleTypes(typ) {
			b.WriteString(" ... on " + possible.Name + whole(schema, possible))
		}
	}
	return b.String() + " }"
}

// TestDocumentedMaxima checks that the limits of a request allow each documented maximum with every field selected, and that a user may send
// each of them many times at once.
func TestDocumentedMaxima(t *testing.T) {
	all, maxima := schema(), 0
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	affordable := func(name string, cost int) {
		budgets := budget.New(c.RateLimit, c.RateWindow, nil)
		for i := range 500 {
			if refused := budgets.Charge("u", cost); refused != nil {
				t.Errorf("%s with a complexity of %d is refused after %d requests", name, cost, i)
				return
			}
		}
	}
	for _, root := range []*ast.Definition{all.Query, all.Mutation} {
		for _, field := range root.Fields {
			for _, argument := range field.Arguments {
				n := maximum(argument)
				if n == 0 {
					continue
				}
				maxima++
				value := strconv.Itoa(n)
				if argument.Type.Elem != nil {
					one := map[string]string{"ID": `"1" `, "CreateTaskInput": `{title: "x"} `}[argument.Type.Name()]
					value = "[" + strings.Repeat(one, n) + "]"
				}
				list := argument.Name + ": " + value
				if field.Arguments.ForName("input") != nil {
					list += " input: {completed: true}"
				}
				document := strings.ToLower(root.Name) + " { " + field.Name + "(" + list + ")" + whole(all, all.Types[field.Type.Name()]) + " }"
				got := run(t, document, nil)
				if got.errors != "" {
					t.Errorf("%s with %d %s: %s", field.Name, n, argument.Name, got.errors)
				}
				affordable(field.Name, got.cost)
			}
		}
	}
	if maxima != 8 {
		t.Errorf("the schema documents %d maxima, want 8: adapt maximum to the wording", maxima)
	}
	stats := run(t, "{ taskStats"+whole(all, all.Types["TaskStats"])+" }", nil)
	if stats.errors != "" {
		t.Error("taskStats:", stats.errors)
	}
	affordable("taskStats", stats.cost)
	// The second is what GraphiQL and code generators send.
	for _, document := range []string{"{ __schema { types { fields { name } } } __type(name: \"Task\") { name } }", introspection.Query} {
		if got := run(t, document, nil); got.cost != 0 || strings.Contains(got.errors, "too much") {
			t.Errorf("an introspection costs %d, %s: %.80s", got.cost, got.errors, document)
		}
	}
	ids := "[" + strings.Repeat(`"1" `, 1000) + "]"
	abuse := "mutation {"
	for i := range 3 {
		abuse += " a" + strconv.Itoa(i) + ": restoreTasks(ids: " + ids + ")" + whole(all, all.Types["TasksPayload"])
	}
	if errs := run(t, abuse+" }", nil).errors; !strings.Contains(errs, "complexity") {
		t.Errorf("three of the largest writes at once: %q, want them refused", errs)
	}
}
