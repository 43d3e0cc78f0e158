package graph

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"taskql/models"
	"taskql/store/storetest"
)

// maxAllocated is how many bytes the server may allocate for a request that it executes: the answer is copied a few times.
const maxAllocated = 10 * maxAnswer

// dear draws requests that cost much, from the schema: many aliases, lists at their documented maxima, whole filters, long texts.
// Each value is drawn as a literal or as a variable, which may be used many times.
type dear struct {
	*rapid.T
	schema    *ast.Schema
	declared  []string
	variables map[string]any
	fragments []string
}

func (d *dear) number(low, high int, what string) int {
	return rapid.IntRange(low, high).Draw(d.T, what)
}

// many draws a length that is often the greatest.
func (d *dear) many(most int) int {
	return rapid.SampledFrom([]int{0, 1, 2, most / 2, most, most, most + 1}).Draw(d.T, "length")
}

// value draws a value of a type as JSON would have it, of some 100 or 100,000 bytes. depth bounds filters in filters.
func (d *dear) value(typ *ast.Type, longest, depth, bytes int) any {
	if typ.Elem != nil {
		list := make([]any, min(d.many(longest), bytes))
		if len(list) > 0 {
			one := d.value(typ.Elem, longest, depth, bytes/len(list))
			for i := range list {
				list[i] = one
			}
		}
		return list
	}
	definition := d.schema.Types[typ.NamedType]
	switch definition.Kind {
	case ast.Enum:
		return rapid.SampledFrom(definition.EnumValues).Draw(d.T, "value").Name
	case ast.InputObject:
		object := map[string]any{}
		oneOf := definition.Directives.ForName("oneOf") != nil
		for _, field := range definition.Fields {
			if oneOf && len(object) == 1 || depth == 0 && d.schema.Types[field.Type.Name()] == definition {
				continue
			}
			if oneOf || field.Type.NonNull && field.DefaultValue == nil || d.number(0, 2, "given") == 0 {
				object[field.Name] = d.value(field.Type, 100, depth-1, bytes/2)
			}
		}
		return object
	}
	switch typ.NamedType {
	case "ID":
		return fmt.Sprint(d.number(1, 30, "id"))
	case "Int":
		return d.number(1, 100, "number")
	case "Boolean":
		return rapid.Bool().Draw(d.T, "boolean")
	case "Date":
		return "2026-03-01"
	case "DateTime":
		return "2026-03-01T12:00:00Z"
	case "TimeZone":
		return "America/Sao_Paulo"
	}
	text := rapid.SampledFrom([]string{"work", "a b c ", "ä", "日本", "\"x", "-"}).Draw(d.T, "text")
	length := d.many(rapid.SampledFrom([]int{1, 10, 300, 10_000}).Draw(d.T, "length of a text"))
	return strings.Repeat(text, min(length, bytes/len(text)))
}

// literal prints a value as GraphQL.
func (d *dear) literal(typ *ast.Type, value any) string {
	switch value := value.(type) {
	case []any:
		parts := make([]string, len(value))
		for i, one := range value {
			parts[i] = d.literal(typ.Elem, one)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		var parts []string
		for _, field := range d.schema.Types[typ.NamedType].Fields {
			if one, ok := value[field.Name]; ok {
				parts = append(parts, field.Name+": "+d.literal(field.Type, one))
			}
		}
		return "{" + strings.Join(parts, " ") + "}"
	case string:
		if d.schema.Types[typ.NamedType].Kind == ast.Enum {
			return value
		}
	}
	text, _ := json.Marshal(value)
	return string(text)
}

func (d *dear) arguments(field *ast.FieldDefinition) string {
	var parts []string
	for _, argument := range field.Arguments {
		if !argument.Type.NonNull && d.number(0, 2, "given") > 0 || argument.Name == "last" || argument.Name == "after" || argument.Name == "before" || argument.Name == "since" {
			continue
		}
		most := max(maximum(argument), 1)
		value := any(most)
		if argument.Type.NamedType != "Int" || most == 1 {
			value = d.value(argument.Type, most, 3, 100_000)
		}
		if d.number(0, 1, "variable") == 0 {
			parts = append(parts, argument.Name+": "+d.literal(argument.Type, value))
			continue
		}
		name := fmt.Sprintf("v%d", len(d.declared))
		d.declared, d.variables[name] = append(d.declared, "$"+name+": "+argument.Type.String()), value
		parts = append(parts, argument.Name+": $"+name)
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// times draws how often a text occurs, so that all together have at most 100 KB.
func (d *dear) times(text string, of []int) int {
	return min(rapid.SampledFrom(of).Draw(d.T, "times"), max(1, 100_000/len(text)))
}

// selection draws a selection set in which fields occur under many aliases.
func (d *dear) selection(typ *ast.Definition, depth int) string {
	parts := []string{"__typename"}
	for _, field := range typ.Fields {
		below := d.schema.Types[field.Type.Name()]
		if below.IsCompositeType() && depth == 0 || strings.HasPrefix(field.Name, "__") || d.number(0, 1, "selected") == 0 {
			continue
		}
		text := field.Name + d.arguments(field)
		if below.IsCompositeType() {
			text += d.selection(below, depth-1)
		}
		parts = append(parts, text)
		for i := range d.times(text, []int{0, 0, 0, 0, 3, 50}) {
			parts = append(parts, fmt.Sprintf("%s%d: %s", field.Name, i, text))
		}
	}
	text := "{ " + strings.Join(parts, " ") + " }"
	if d.number(0, 5, "fragment") > 0 {
		return text
	}
	name := fmt.Sprintf("F%d", len(d.fragments))
	d.fragments = append(d.fragments, "fragment "+name+" on "+typ.Name+" "+text)
	return "{ ..." + name + " }"
}

func (d *dear) request() string {
	kind := rapid.SampledFrom([]string{"query", "query", "mutation"}).Draw(d.T, "kind")
	typ := d.schema.Query
	if kind == "mutation" {
		typ = d.schema.Mutation
	}
	fields := slices.DeleteFunc(slices.Clone(typ.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	var parts []string
	for i := range d.number(1, 3, "fields") {
		field := rapid.SampledFrom(fields).Draw(d.T, "field")
		text := field.Name + d.arguments(field) + d.selection(d.schema.Types[field.Type.Name()], 3)
		for j := range d.times(text, []int{1, 1, 2, 6, 100}) {
			parts = append(parts, fmt.Sprintf("f%d_%d: %s", i, j, text))
		}
	}
	declared := ""
	if len(d.declared) > 0 {
		declared = "(" + strings.Join(d.declared, ", ") + ")"
	}
	variables, _ := json.Marshal(d.variables)
	return requestBody(kind+declared+" { "+strings.Join(parts, " ")+" } "+strings.Join(d.fragments, " "), string(variables))
}

// TestDearRequests draws requests that cost much. Each has an answer, whose errors have codes, and needs a bounded number of
// bytes. -rapid.checks changes the number of requests.
func TestDearRequests(t *testing.T) {
	service, ctx := seeded(t)
	h := NewHandler(Options{Service: service, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	codes := map[string]int{}
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set(fmt.Sprint(storetest.Scale(12, 5_000))) // a number is valid
		defer func() { _ = checks.Value.Set(checks.DefValue) }()
	}
	rapid.Check(t, func(t *rapid.T) {
		d := &dear{T: t, schema: schema(), variables: map[string]any{}}
		body := d.request()
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body)).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		bytes := allocated(func() { h.sockets.ServeHTTP(w, r) })
		var response struct {
			Data   json.RawMessage
			Errors []struct {
				Message    string
				Extensions struct{ Code models.Code }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil {
			t.Fatalf("%d %.300s: %v\n%.2000s", w.Code, w.Body, err, body)
		}
		most := uint64(maxAllocated)
		if response.Data == nil { // it was not executed
			most = maxRefusal
		}
		if bytes > most || w.Body.Len() > maxAnswer+1<<20 {
			t.Errorf("%d MiB allocated for %d bytes, %.300s\n%.2000s", bytes>>20, w.Body.Len(), w.Body, body)
		}
		codes[""]++
		for _, err := range response.Errors {
			codes[string(err.Extensions.Code)]++
			if err.Extensions.Code == "" || err.Extensions.Code == "INTERNAL" {
				t.Fatalf("%+v\n%.2000s", err, body)
			}
		}
	})
	t.Log(codes)
}
