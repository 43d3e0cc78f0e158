package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// valueOf draws a valid value of a schema, or one of its examples if it has some.
func valueOf(t *rapid.T, name string, schema map[string]any) any {
	number := func(keyword string, otherwise float64) float64 {
		if n, ok := schema[keyword].(float64); ok {
			return n
		}
		return otherwise
	}
	if forms, ok := schema["anyOf"].([]any); ok {
		return valueOf(t, name, rapid.SampledFrom(forms).Draw(t, name+"'s form").(map[string]any))
	}
	for _, keyword := range []string{"enum", "examples"} {
		if values, ok := schema[keyword].([]any); ok {
			return rapid.SampledFrom(values).Draw(t, name)
		}
	}
	if pattern, ok := schema["pattern"].(string); ok {
		return rapid.StringMatching(pattern).Draw(t, name)
	}
	kind := schema["type"]
	if kinds, ok := kind.([]any); ok {
		kind = rapid.SampledFrom(kinds).Draw(t, name+"'s type")
	}
	switch kind {
	case "null":
		return nil
	case "boolean":
		return rapid.Bool().Draw(t, name)
	case "integer":
		return rapid.IntRange(int(number("minimum", -1000)), int(number("maximum", 1e9))).Draw(t, name)
	case "number":
		return rapid.Float64Range(number("minimum", -1e9), number("maximum", 1e9)).Draw(t, name)
	case "string":
		return textOf(t, name, schema["format"], int(number("maxLength", 100)))
	case "array":
		var list []any
		for range rapid.IntRange(int(number("minItems", 0)), int(number("maxItems", 5))).Draw(t, name+"'s length") {
			list = append(list, valueOf(t, name, schema["items"].(map[string]any)))
		}
		return list
	case "object":
		object := map[string]any{}
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, key := range slices.Sorted(maps.Keys(properties)) {
			if slices.Contains(required, any(key)) || rapid.Bool().Draw(t, "with "+key) {
				object[key] = valueOf(t, key, properties[key].(map[string]any))
			}
		}
		return object
	}
	t.Fatalf("%s has a schema that this test does not know: %v", name, schema)
	return nil
}

func textOf(t *rapid.T, name string, format any, longest int) string {
	at := func() time.Time {
		first, last := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
		return time.Unix(rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, name), 0)
	}
	switch format {
	case "date":
		return at().UTC().Format(time.DateOnly)
	case "date-time":
		zone := time.FixedZone("", 60*rapid.IntRange(-23*60, 23*60).Draw(t, "zone"))
		return at().In(zone).Format(time.RFC3339)
	case "date-time-local":
		return at().UTC().Format("2006-01-02T15:04:05")
	default:
		// A text of blanks is none.
		return "x" + rapid.StringOfN(rapid.RuneFrom([]rune{' ', ',', '%', '_', '"', '\\', '<', '&', 'é', '💡', 'a', 'Z', '0'}), 0, longest-1, -1).Draw(t, name)
	}
}

// texts returns the values of a query parameter.
func texts(value any) []string {
	if list, ok := value.([]any); ok {
		var all []string
		for _, one := range list {
			all = append(all, texts(one)...)
		}
		return all
	}
	return []string{fmt.Sprint(value)}
}

// oddText draws a path segment or a query value.
func oddText(t *rapid.T) string {
	text := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"0", "-1", "+1", " 1", "1.0", "1e3", "٣", "0x10", "9223372036854775808", strings.Repeat("9", 400), "true", "null", "None",
			"all", "%00", "\x00", "\xff", "a/b", "2030-02-30", "2030-03-01", "9999-12-31T23:59:59-01:00", "created_asc", "1001",
		}),
	).Draw(t, "odd text")
	if path.Clean("/"+text) != "/"+text || text == "" {
		return "x" // other steps name no route
	}
	return text
}

// oddJSON draws a request body or a field value. Most are invalid.
func oddJSON(t *rapid.T) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			``, `null`, `true`, `0`, `-0`, `1`, `2`, `1e300`, `1e-999`, `9223372036854775808`, `1.5`, `20000000001`, `253402300800000`, `""`, `" "`, `"\u0000"`,
			`"\ud800"`, "\"\xff\"", `{"a":1,"a":2}`, `{"title":"a","title":"b"}`, `[]`, `{}`, `[null]`, `[[]]`, `["a","A"]`, `[""]`, `"[1]"`, `"[\"a\""`, `","`,
			`"2030-02-30"`, `"0000-01-01"`, `"10000-01-01"`, `"9999-12-31T23:59:59-01:00"`, `"2030-03-01T24:00"`, `"1700000000"`, `"P1"`, `"low"`, `"maybe"`,
			`{`, `[1,]`, `{} {}`, strings.Repeat("[", 20000), `"` + strings.Repeat("é", 10001) + `"`, `[` + strings.Repeat(`"a",`, 300) + `"a"]`,
		}),
		rapid.Map(rapid.String(), func(text string) string {
			quoted, _ := json.Marshal(text)
			return string(quoted)
		}),
		rapid.Map(rapid.Float64(), func(n float64) string { return fmt.Sprint(n) }),
	).Draw(t, "odd JSON")
}
