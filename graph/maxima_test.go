package graph

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
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

// TestDocumentedMaxima checks that the limits of a request allow each documented maximum with every field selected.
func TestDocumentedMaxima(t *testing.T) {
	all, maxima := schema(), 0
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
				if errs := run(t, document, nil).errors; errs != "" {
					t.Errorf("%s with %d %s: %s", field.Name, n, argument.Name, errs)
				}
			}
		}
	}
	if maxima != 8 {
		t.Errorf("the schema documents %d maxima, want 8: adapt maximum to the wording", maxima)
	}
	if errs := run(t, "{ taskStats"+whole(all, all.Types["TaskStats"])+" }", nil).errors; errs != "" {
		t.Error("taskStats:", errs)
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
