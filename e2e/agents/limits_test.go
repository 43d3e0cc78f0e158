package agents

import (
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestLimitsInSchemas sends each argument with a limit at the limit of its schema, which the rules accept, and one beyond, which they refuse.
func TestLimitsInSchemas(t *testing.T) {
	t.Parallel()
	a := agentAs(t, harness.Start(t, harness.Env(storetest.SQLite(t))), "ada")
	tools, err := a.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	properties := map[string]map[string]any{}
	for _, tool := range tools.Tools {
		properties[tool.Name] = tool.InputSchema.(map[string]any)["properties"].(map[string]any)
	}
	text := func(n int) string { return `"` + strings.Repeat("ä", n) + `"` }
	tags := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`"%d"`, i)
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	for _, tt := range []struct {
		tool, argument, limit string
		value                 func(n int) string
	}{
		{"add_task", "title", "maxLength", text}, {"add_task", "description", "maxLength", text}, {"add_task", "tags", "maxItems", tags},
		{"add_task", "tags", "items.maxLength", func(n int) string { return "[" + text(n) + "]" }},
		{"update_task", "title", "maxLength", text}, {"update_task", "tags", "maxItems", tags},
		{"list_tasks", "search", "maxLength", text}, {"list_tasks", "limit", "maximum", func(n int) string { return fmt.Sprint(n) }},
	} {
		var value any = properties[tt.tool][tt.argument]
		for name := range strings.SplitSeq(tt.limit, ".") {
			value = value.(map[string]any)[name]
		}
		limit, ok := value.(float64)
		if !ok {
			t.Errorf("%s.%s has no %s", tt.tool, tt.argument, tt.limit)
			continue
		}
		for n, refused := range map[int]bool{int(limit): false, int(limit) + 1: true} {
			arguments := map[string]string{"add_task": `"title": "x", `, "update_task": `"task_id": 1, `}[tt.tool]
			if tt.argument == "title" {
				arguments = strings.TrimPrefix(arguments, `"title": "x", `)
			}
			content, failed := a.call(tt.tool, "{"+arguments+`"`+tt.argument+`": `+tt.value(n)+"}")
			if failed != refused {
				t.Errorf("%s with %s of %d = %.200v, but %s is %v", tt.tool, tt.argument, n, content, tt.limit, limit)
			}
		}
	}
}
