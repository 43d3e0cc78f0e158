package graphql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestBadGraphQLRequests sends invalid requests. None of them may write.
func TestBadGraphQLRequests(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	create := `mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } userErrors { code } } }`
	input := func(json string) string {
		return `{"query": "` + create + `", "variables": {"input": ` + json + `}}`
	}
	query := func(q string) string {
		body, _ := json.Marshal(map[string]string{"query": q})
		return string(body)
	}
	deep := strings.Repeat("ofType { ", 20) + "name" + strings.Repeat(" }", 20)
	aliases := func(n int, field string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d: %s ", i, field)
		}
		return b.String()
	}
	// Each fragment spreads the next one twice.
	bomb := func(field string) string {
		var b strings.Builder
		b.WriteString("{ viewer { ...F0 } } ")
		for i := range 60 {
			fmt.Fprintf(&b, "fragment F%d on Viewer { ...F%d ...F%d } ", i, i+1, i+1)
		}
		return b.String() + "fragment F60 on Viewer { " + field + " }"
	}
	wide := func(field string, n int) string { return "{ " + strings.Repeat(field+" ", n) + "}" }
	var chain strings.Builder
	for i := range 4 {
		fmt.Fprintf(&chain, "fragment C%d on __Type { %s } ", i, strings.Repeat(fmt.Sprintf("a%%d: ofType { ...C%d } ", i+1), 14))
	}
	introspection := "{ __schema { types { fields { type { ...C0 } } } } } " + numbered(chain.String()) + "fragment C4 on __Type { name }"
	full := "{ edges { cursor node { id title description tags } } nodes { id title description tags } }"
	cases := []struct {
		name, body   string
		status       int
		code, inPath string
	}{
		{"malformed JSON", `{"query": `, 400, "BAD_USER_INPUT", ""},
		{"no JSON", `hello`, 400, "BAD_USER_INPUT", ""},
		{"two documents", query("{ viewer { id } }") + "{}", 400, "BAD_USER_INPUT", ""},
		{"a list", `[{"query": "{ viewer { id } }"}]`, 400, "BAD_USER_INPUT", ""},
		{"null", `null`, 400, "BAD_USER_INPUT", ""},
		{"repeated key", `{"query": "{ viewer { id } }", "query": "{ viewer { name } }"}`, 400, "BAD_USER_INPUT", ""},
		{"query no text", `{"query": 5}`, 400, "BAD_USER_INPUT", ""},
		{"variables no object", `{"query": "{ viewer { id } }", "variables": [1]}`, 400, "BAD_USER_INPUT", ""},
		{"invalid UTF-8", input(`{"title": "a` + "\xff" + `"}`), 400, "BAD_USER_INPUT", ""},
		{"half a surrogate pair", input(`{"title": "a\ud83d"}`), 400, "BAD_USER_INPUT", ""},
		{"no query", `{}`, 400, "BAD_USER_INPUT", ""},
		{"syntax", query("{ viewer {"), 400, "GRAPHQL_PARSE_FAILED", ""},
		{"empty document", query(""), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"unknown field", query("{ viewer { password } }"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"unknown operation", `{"query": "query A { viewer { id } }", "operationName": "B"}`, 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"missing title", input(`{}`), 400, "BAD_USER_INPUT", "variable.input.title"},
		{"unknown field of the input", input(`{"title": "x", "user_id": "v"}`), 400, "BAD_USER_INPUT", "variable.input.user_id"},
		{"__typename in the input", input(`{"title": "x", "__typename": "v"}`), 400, "BAD_USER_INPUT", "variable.input.__typename"},
		{"title a number", input(`{"title": 5}`), 200, "BAD_USER_INPUT", "createTask.input.title"},
		{"title null", input(`{"title": null}`), 400, "BAD_USER_INPUT", "variable.input.title"},
		{"tags with a number", input(`{"title": "x", "tags": ["a", 5]}`), 200, "BAD_USER_INPUT", "createTask.input.tags.1"},
		{"completed a word", input(`{"title": "x", "completed": "yes"}`), 400, "BAD_USER_INPUT", "variable.input.completed"},
		{"priority in lower case", input(`{"title": "x", "priority": "high"}`), 400, "BAD_USER_INPUT", "variable.input.priority"},
		{"priority unknown", input(`{"title": "x", "priority": "URGENT"}`), 400, "BAD_USER_INPUT", "variable.input.priority"},
		{"due with two keys", input(`{"title": "x", "due": {"date": "2026-01-01", "at": "2026-01-01T00:00:00Z"}}`), 400, "BAD_USER_INPUT", "variable.input.due"},
		{"due with two keys, one null", input(`{"title": "x", "due": {"date": "2026-01-01", "at": null}}`), 400, "BAD_USER_INPUT", "variable.input.due"},
		{"due without a key", input(`{"title": "x", "due": {}}`), 400, "BAD_USER_INPUT", "variable.input.due"},
		{"due with null", input(`{"title": "x", "due": {"date": null}}`), 400, "BAD_USER_INPUT", "variable.input.due.date"},
		{"due with two keys, literal", query(`mutation { createTask(input: {title: "x", due: {date: "2026-01-01", at: "2026-01-01T00:00:00Z"}}) { task { id } } }`), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"due with a nullable variable", `{"query": "mutation($d: Date) { createTask(input: {title: \"x\", due: {date: $d}}) { task { id } } }"}`, 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"due on no day", input(`{"title": "x", "due": {"date": "2026-02-30"}}`), 200, "BAD_USER_INPUT", "createTask.input.due.date"},
		{"due without an offset", input(`{"title": "x", "due": {"at": "2026-02-20T10:00:00"}}`), 200, "BAD_USER_INPUT", "createTask.input.due.at"},
		{"first as text", `{"query": "query($n: Int) { tasks(first: $n) { nodes { id } } }", "variables": {"n": "5"}}`, 200, "BAD_USER_INPUT", "tasks.first"},
		{"first beyond 32 bits", `{"query": "query($n: Int) { tasks(first: $n) { nodes { id } } }", "variables": {"n": 2147483648}}`, 200, "BAD_USER_INPUT", "tasks.first"},
		{"first 101", query(`{ tasks(first: 101) { nodes { id } } }`), 200, "BAD_PAGE_SIZE", "tasks"},
		{"cursor", query(`{ tasks(after: "x") { nodes { id } } }`), 200, "BAD_CURSOR", "tasks"},
		{"zone", query(`{ tasks { nodes { isOverdue(timeZone: "+01:00") } } }`), 200, "", ""}, // no task, so never asked
		{"too many tokens", query("{ " + aliases(5000, "__typename") + "}"), 400, "GRAPHQL_PARSE_FAILED", ""},
		{"too deep", query("{ __schema { types { name " + deep + " } } }"), 400, "COMPLEXITY_LIMIT", ""},
		{"too complex", query("{ " + aliases(10, "tasks(first: 100) "+full) + "}"), 400, "COMPLEXITY_LIMIT", ""},
		{"too many writes", query("mutation { " + aliases(101, `createTask(input: {title: "x"}) { task { id } }`) + "}"), 400, "COMPLEXITY_LIMIT", ""},
		{"introspection of introspection", query("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"fragments that double", query(bomb("id name email")), 400, "COMPLEXITY_LIMIT", ""},
		{"one field many times", query(wide("__typename", 9000)), 400, "COMPLEXITY_LIMIT", ""},
		{"one object many times", query(wide("viewer { id }", 2000)), 400, "COMPLEXITY_LIMIT", ""},
		{"one field in many inline fragments", query(wide("... { viewer { id } }", 1000)), 400, "COMPLEXITY_LIMIT", ""},
		{"many fragments", query(manyFragments(400)), 400, "COMPLEXITY_LIMIT", ""},
		{"introspection that multiplies", query(introspection), 400, "COMPLEXITY_LIMIT", ""},
		{"too deep through fragments", query("{ __schema { types { ...T } } } fragment T on __Type { name " + deep + " }"), 400, "COMPLEXITY_LIMIT", ""},
		{"half a surrogate pair in a literal", query(`mutation { createTask(input: {title: "a\ud83d"}) { task { id } } }`), 400, "GRAPHQL_PARSE_FAILED", ""},
		{"several operations without a name", query("query A { viewer { id } } query B { viewer { id } }"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"@defer", query("{ ... @defer { viewer { id } } }"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"null for a priority with a default", `{"query": "mutation($p: Priority) { createTask(input: {title: \"x\", priority: $p}) { task { id } } }", "variables": {"p": null}}`, 400, "BAD_USER_INPUT", "variable.p"},
		{"null for tags with a default", `{"query": "mutation($t: [String!]) { createTask(input: {title: \"x\", tags: $t}) { task { id } } }", "variables": {"t": null}}`, 400, "BAD_USER_INPUT", "variable.t"},
		{"null for an input with a default", `{"query": "mutation($i: CreateTaskInput = {title: \"d\"}) { createTask(input: $i) { task { id } } }", "variables": {"i": null}}`, 400, "BAD_USER_INPUT", "variable.i"},
		{"null for the scope of the trash", `{"query": "query($t: TrashScope) { tasks(trash: $t) { totalCount } }", "variables": {"t": null}}`, 400, "BAD_USER_INPUT", "variable.t"},
		{"null for a direction", `{"query": "query($d: OrderDirection) { tasks(orderBy: {field: CREATED_AT, direction: $d}) { totalCount } }", "variables": {"d": null}}`, 400, "BAD_USER_INPUT", "variable.d"},
		{"null for a condition", `{"query": "query($a: Boolean = true) { viewer @include(if: $a) { id } }", "variables": {"a": null}}`, 400, "BAD_USER_INPUT", "variable.a"},
		{"null in a fragment", `{"query": "query($z: Boolean = true) { viewer { ...F } } fragment F on Viewer { id @skip(if: $z) name }", "variables": {"z": null}}`, 400, "BAD_USER_INPUT", "variable.z"},
		{"a thousand tags", input(`{"title": "x", "tags": [` + strings.Repeat(`"",`, 1000) + `""]}`), 200, "", ""},
		{"a hundred thousand tags", input(`{"title": "x", "tags": [` + strings.Repeat(`"",`, 100_000) + `""]}`), 400, "BAD_USER_INPUT", "variable.input.tags.49994"},
		{"fragment cycle", query("{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		{"too large", `{"query": "{ viewer { id } } #` + strings.Repeat("x", 1<<20) + `"}`, 413, "BAD_USER_INPUT", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := u.Send("POST", "/graphql", c.body, "Accept", "application/graphql-response+json")
			code, message, path := a.Problem(t)
			if a.Status != c.status || code != c.code || path != c.inPath || code != "" && message == "" {
				t.Errorf("answer = %d %s at %q, want %d %s at %q\n%.300s", a.Status, code, path, c.status, c.code, c.inPath, a.Body)
			}
		})
	}
	if a := u.Send("GET", u.Tasks(), ""); a.Body != "[]" {
		t.Errorf("tasks = %s, want none", a.Body)
	}
}

// numbered replaces each %d with a different number.
func numbered(format string) string {
	args := make([]any, strings.Count(format, "%d"))
	for i := range args {
		args[i] = i
	}
	return fmt.Sprintf(format, args...)
}

// manyFragments returns a document with n fragments side by side.
func manyFragments(n int) string {
	var spreads, definitions strings.Builder
	for i := range n {
		fmt.Fprintf(&spreads, "...G%d ", i)
		fmt.Fprintf(&definitions, " fragment G%d on Viewer { id }", i)
	}
	return "{ viewer { " + spreads.String() + "} }" + definitions.String()
}

// TestGoodRequestsOfOddForms sends unusual requests that the specification allows.
func TestGoodRequestsOfOddForms(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	for name, body := range map[string]string{
		"an object for a list of one":    `{"query": "query($o: [TaskOrder!]) { tasks(orderBy: $o) { totalCount } }", "variables": {"o": {"field": "CREATED_AT"}}}`,
		"a string for a list of one":     `{"query": "mutation($t: [String!]!) { createTask(input: {title: \"x\", tags: $t}) { task { tags } } }", "variables": {"t": "a"}}`,
		"an absent variable":             `{"query": "mutation($p: Priority) { createTask(input: {title: \"x\", priority: $p}) { task { priority } } }"}`,
		"a surrogate pair in a literal":  `{"query": "mutation { createTask(input: {title: \"\\ud83d\\ude00 \\\\ud83d\"}) { task { title } } }"}`,
		"a surrogate pair in a variable": `{"query": "mutation($t: String!) { createTask(input: {title: $t}) { task { title } } }", "variables": {"t": "\ud83d\ude00"}}`,
		"numbers as ids":                 `{"query": "query($i: ID!) { task(id: $i) { id } node(id: 7) { id } }", "variables": {"i": 7}}`,
		"null extensions and names":      `{"query": "{ viewer { id } }", "variables": null, "operationName": null, "extensions": null}`,
	} {
		a := u.Send("POST", "/graphql", body)
		if code, message, _ := a.Problem(t); a.Status != 200 || code != "" {
			t.Errorf("%s: %d %s %s", name, a.Status, code, message)
		}
	}
	if a := u.Send("GET", u.Tasks(), ""); strings.Count(a.Body, "😀") != 2 || !strings.Contains(a.Body, `😀 \\ud83d`) {
		t.Errorf("tasks = %s, want the pairs as one character and the escaped backslash as it was", a.Body)
	}
	var data struct{ Viewer struct{ ID string } }
	u.Send("GET", "/graphql?query=%7Bviewer%7Bid%7D%7D", "").Data(t, &data)
	for query, status := range map[string]int{
		"":                                    400,
		"?query=%7Bviewer%7Bid%7D%7D&query=x": 400,
		"?query=%7Btask(id:%22%ff%22)%7Bid%7D%7D": 400,
		"?query=%zz": 400,
		"?query=%7Bviewer%7Bid%7D%7D&variables=x":                  400,
		"?query=mutation%7BdeleteTask(id:1)%7BdeletedTaskId%7D%7D": 405,
	} {
		if a := u.Send("GET", "/graphql"+query, ""); a.Status != status {
			t.Errorf("GET /graphql%s = %d %s, want %d", query, a.Status, a.Body, status)
		}
	}
}

// TestLimitsLeaveRoom sends the largest requests that a front end has a reason to send.
func TestLimitsLeaveRoom(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	// What GraphiQL and code generators send: nine levels of wrapped types.
	wrapped := "kind name" + strings.Repeat(" ofType { kind name", 9) + strings.Repeat(" }", 9)
	for name, query := range map[string]string{
		"introspection": `{ __schema { queryType { name } mutationType { name } types { kind name description specifiedByURL isOneOf
			fields(includeDeprecated: true) { name args { name defaultValue type { ` + wrapped + ` } } type { ` + wrapped + ` } }
			inputFields { name type { ` + wrapped + ` } } interfaces { name } enumValues { name } possibleTypes { name } }
			directives { name locations args { name type { ` + wrapped + ` } } } } }`,
		"a full page": `{ tasks(first: 100) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node {
			id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt } } } }`,
		"the longest page of changes": `{ taskChanges(first: 500) { nextToken hasMore reset changes { kind taskId token task {
			id userId title description priority tags completed completedAt dueDate dueAt isOverdue position version createdAt updatedAt deletedAt } } } }`,
		"ten writes": "mutation {" + strings.Repeat(` x: __typename`, 3) + func() (all string) {
			for i := range 10 {
				all += fmt.Sprintf(` a%d: createTask(input: {title: "x"}) { task { id title } userErrors { code message } query { tasks { nodes { id } } } }`, i)
			}
			return all
		}() + "}",
	} {
		a := u.GraphQL(query)
		var data map[string]any
		a.Data(t, &data)
		if a.Status != 200 {
			t.Errorf("%s: %d %.300s", name, a.Status, a.Body)
		}
	}
	long := `{"title":"` + strings.Repeat("é", 200) + `","description":"` + strings.Repeat(`\ud83d\ude00`, 10_000) + `"}`
	if a := u.Send("POST", u.Tasks(), long); a.Status != 201 {
		t.Errorf("POST of the longest task = %d %.300s", a.Status, a.Body)
	}
	if a := u.Send("POST", u.Tasks(), `{"title":"`+strings.Repeat("x", 1<<20)+`"}`); a.Status != 413 {
		t.Errorf("POST of a body over the limit = %d %.300s, want 413", a.Status, a.Body)
	}
}

// TestTimeZoneHeader checks that X-Time-Zone decides which day an instant is.
func TestTimeZoneHeader(t *testing.T) {
	t.Parallel()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	var data struct {
		CreateTask struct {
			Task struct{ DueDate, In string }
		}
	}
	query := harness.GraphQLBody(`mutation { createTask(input: {title: "x", due: {at: "2026-01-01T23:30:00Z"}}) { task { dueDate in: dueDate(timeZone: "America/New_York") } } }`)
	u.Send("POST", "/graphql", query, "X-Time-Zone", "Asia/Tokyo").Data(t, &data)
	if got := data.CreateTask.Task; got.DueDate != "2026-01-02" || got.In != "2026-01-01" {
		t.Errorf("dueDate = %+v, want the day in Tokyo and in New York", got)
	}
	for _, name := range []string{"+01:00", "CEST", "Nowhere/At_all", "../etc/passwd"} {
		a := u.Send("POST", "/graphql", query, "X-Time-Zone", name)
		if code, _, _ := a.Problem(t); a.Status != 400 || code != "BAD_USER_INPUT" {
			t.Errorf("X-Time-Zone: %s = %d %s, want BAD_USER_INPUT", name, a.Status, a.Body)
		}
	}
}
