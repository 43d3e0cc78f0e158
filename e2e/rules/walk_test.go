package rules

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"taskql/e2e/harness"
	"taskql/models"
	"taskql/store/storetest"
)

// walk uses every operation of the API, and every command that serves a user, through an address of the database. databaseURL is another one of it.
func walk(t *testing.T, databaseURL, through string) {
	env := harness.Env(through)
	env["MAX_TASKS_PER_USER"], env["RATE_LIMIT"], env["TRASH_DAYS"] = "2250", "off", "1" // few enough tasks, so that writes count them
	env["DATABASE_REPLICA_URL"] = through                                                // so that reads ask whether they may use it
	first, second := harness.Start(t, env), harness.Start(t, env)
	walkCommands(t, env)
	ada := first.As("ada")
	walkGraphQL(t, ada)
	walkREST(t, ada)
	walkTools(t, first, ada)

	// Between two tasks whose positions are too long for a third.
	above, below, moved := ada.Add("above"), ada.Add("below"), ada.Add("moved")
	long := strings.Repeat("V", models.MaxPosition-1)
	storetest.Exec(t, databaseURL, "UPDATE task SET position = '"+long+"1' WHERE id = "+above, "UPDATE task SET position = '"+long+"2' WHERE id = "+below)
	if got := ada.GraphQL(`mutation { moveTask(id: "` + moved + `", placement: {after: "` + above + `"}) { ` + userErrors + ` } }`); !strings.Contains(got.Body, `"userErrors":[]`) {
		t.Errorf("moveTask = %s", got.Body)
	}
	// What is too old in the trash, and old tombstones, are purged by the next write at a server that has not looked for it lately.
	bob := first.As("bob")
	f := second.As("bob").Follow(harness.TransportWS, bob.SyncToken())
	second.As("ada").Follow(harness.EventsByPOST, "")
	id, purged := bob.Add("old"), bob.Add("purged")
	f.Want("SAVED "+id+" old", "SAVED "+purged+" purged")
	bob.Send("DELETE", bob.Tasks(purged), "")
	bob.GraphQL("mutation { emptyTrash { count } }")
	bob.Send("DELETE", bob.Tasks(id), "")
	storetest.Exec(t, databaseURL, "UPDATE task SET deleted_at = '2020-01-01' WHERE id = "+id, "UPDATE task_tombstone SET purged_at = '2020-01-01'")
	second.As("bob").Add("new")
	if left := storetest.Query(t, databaseURL, "SELECT count(*) FROM task WHERE id = "+id); left[0] != "0" {
		t.Error("the task in the trash was not purged")
	}
	for _, s := range []*harness.Server{first, second} {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func walkCommands(t *testing.T, env map[string]string) {
	t.Helper()
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	file := filepath.Join(t.TempDir(), "tasks.csv")
	if err := os.WriteFile(file, []byte("title\n"+strings.Repeat("a common word\n", 2100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"seed", "--user", "ada", "--tasks", "50"}, {"import", "--user", "ada", file}, {"import", "--user", "ada", file}, {"restored"}} {
		if out, err := harness.Command(t, environ, args...); err != nil {
			t.Errorf("taskql %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

const userErrors = "userErrors { code message } syncToken query { taskStats { total } }"

// documents are operations with which each root field is called in each way that the store knows. A %s is the id of a task.
var documents = []string{
	`{ viewer { id } node(id: "%s") { id } task(id: "%s") { title } }`,
	`{ tasks(first: 2, search: "zebra") { nodes { title } } }`,
	`{ tasks(first: 2, search: "common", orderBy: [{field: TITLE}]) { nodes { title } } }`,
	`{ tasks(first: 2, search: "a common wor", filter: {priority: {eq: MEDIUM}}, orderBy: [{field: CREATED_AT}]) { totalCount edges { relevance } pageInfo { hasPreviousPage } } }`,
	`{ tasks(last: 2, search: "report", orderBy: [{field: RELEVANCE}], trash: INCLUDE) { edges { relevance cursor } pageInfo { hasPreviousPage } } }`,
	`{ tasks(first: 2, search: "report", orderBy: [{field: DUE}]) { edges { relevance cursor } } }`,
	`{ taskStats { total open completed overdue dueToday dueNext7Days noDueDate openByPriority { count } completedPerDay(days: 90) { count } } }`,
	`{ taskStats(filter: {title: {contains: "a"}}) { total } }`,
	`{ tags(startsWith: "w") { tag open total } }`,
	`{ taskChanges(first: 3) { nextToken changes { kind task { title } } } }`,
	`{ tasks(filter: {id: {in: ["%s"], notIn: ["1"]}, title: {eq: "a", neq: "b", in: ["c"], notIn: ["d"], contains: "e", notContains: "f", startsWith: "g", endsWith: "h"}}) { totalCount } }`,
	`{ tasks(filter: {description: {isNull: true}, tags: {any: ["a"], all: ["b"], none: ["c"], isEmpty: false}, completed: true, due: [OVERDUE, TODAY, NO_DUE_DATE]}) { totalCount } }`,
	`{ tasks(filter: {or: [{dueDate: {gte: "2026-01-01", neq: "2026-01-02"}}, {not: {completedAt: {isNull: true}}}, {createdAt: {gt: "2026-01-01T00:00:00Z"}}, {priority: {gte: LOW}}]}) { totalCount } }`,
	`mutation { createTask(input: {title: "x", due: {date: "2026-03-01"}, tags: ["work"]}, placement: {after: "%s"}, idempotencyKey: "sixteen-letters-1") { task { id } ` + userErrors + ` } }`,
	`mutation { createTask(input: {title: "x", due: {date: "2026-03-01"}, tags: ["work"]}, placement: {after: "%s"}, idempotencyKey: "sixteen-letters-1") { task { id } ` + userErrors + ` } }`,
	`mutation { createTask(input: {title: "x"}) { task { id } ` + userErrors + ` } }`,
	`mutation { createTasks(inputs: [{title: "y"}, {title: "z", description: "d"}], idempotencyKey: "sixteen-letters-2") { tasks { id } ` + userErrors + ` } }`,
	`mutation { updateTask(id: "%s", input: {title: "other", addTags: ["b"], removeTags: ["c"]}, idempotencyKey: "sixteen-letters-3") { task { id } ` + userErrors + ` } }`,
	`mutation { updateTask(id: "%s", input: {priority: HIGH}, expectedVersion: 1) { task { id } ` + userErrors + ` } }`,
	`mutation { updateTasks(ids: ["%s"], input: {title: "another", due: null}, idempotencyKey: "sixteen-letters-4") { tasks { id } ` + userErrors + ` } }`,
	`mutation { a: completeTask(id: "%s") { task { id } ` + userErrors + ` } b: reopenTask(id: "%s", expectedVersion: 1) { task { id } ` + userErrors + ` } c: reopenTask(id: "%s") { ` + userErrors + ` } }`,
	`mutation { toggleTask(id: "%s", idempotencyKey: "sixteen-letters-5") { task { id } ` + userErrors + ` } }`,
	`mutation { toggleTask(id: "999999999") { task { id } ` + userErrors + ` } }`,
	`mutation { a: moveTask(id: "%s", placement: {end: LAST}) { task { id } ` + userErrors + ` } b: moveTask(id: "%s", placement: {end: FIRST}) { task { id } ` + userErrors + ` } }`,
	`mutation { a: deleteTask(id: "%s", expectedVersion: 1) { ` + userErrors + ` } b: deleteTask(id: "%s") { ` + userErrors + ` } c: restoreTask(id: "%s") { ` + userErrors + ` } }`,
	`mutation { a: deleteTasks(ids: ["%s"]) { count ` + userErrors + ` } b: restoreTasks(ids: ["%s"]) { tasks { id } ` + userErrors + ` } c: clearCompletedTasks { count ` + userErrors + ` } }`,
	`mutation { a: deleteTask(id: "%s") { ` + userErrors + ` } b: purgeTask(id: "%s") { ` + userErrors + ` } c: emptyTrash { count ` + userErrors + ` } }`,
	harness.FollowQuery, // sent elsewhere
}

// walkGraphQL sends the documents, and lists in each order and from both ends.
func walkGraphQL(t *testing.T, ada *harness.Client) {
	t.Helper()
	text, err := os.ReadFile(harness.File("schema.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(documents, "\n")
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if !strings.HasPrefix(field.Name, "__") && !regexp.MustCompile(`\b`+field.Name+`\b`).MatchString(all) {
				t.Errorf("no document calls %s", field.Name)
			}
		}
	}
	send := func(query string) (body string) {
		t.Helper()
		got := ada.GraphQL(query)
		if got.Status != http.StatusOK || strings.Contains(got.Body, `"errors":[{`) {
			t.Errorf("%s = %d %s", query, got.Status, got.Body)
		}
		return got.Body
	}
	for _, document := range documents[:len(documents)-1] {
		send(strings.ReplaceAll(document, "%s", ada.Add("walked")))
	}
	cursor := regexp.MustCompile(`"endCursor":"([^"]+)"`)
	for _, order := range schema.Types["TaskOrderField"].EnumValues {
		list := func(more string) string {
			if order.Name == "RELEVANCE" {
				more += `, search: "report"`
			}
			return send(`{ tasks(` + more + `, orderBy: [{field: ` + order.Name + `}]) { pageInfo { endCursor hasNextPage hasPreviousPage } } }`)
		}
		found := cursor.FindStringSubmatch(list("first: 2"))
		if found == nil {
			t.Errorf("an order by %s has no cursor", order.Name)
			continue
		}
		list(`first: 2, after: "` + found[1] + `"`)
		list(`last: 2, before: "` + found[1] + `"`)
	}
	send(`{ taskChanges(since: "` + ada.SyncToken() + `") { nextToken } }`)
}

// walkREST sends a request to each route of the OpenAPI document, and to those with parameters that the store sees.
func walkREST(t *testing.T, ada *harness.Client) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	ada.Send("GET", "/openapi.json", "").JSON(t, &document)
	if len(document.Paths) < 8 {
		t.Fatalf("the document has the paths %v", document.Paths)
	}
	send := func(method, path, body string) {
		t.Helper()
		if got := ada.Send(method, path, body, "Idempotency-Key", "a key for "+method+" "+path); got.Status >= 400 {
			t.Errorf("%s %s = %d %s", method, path, got.Status, got.Body)
		}
	}
	for path, methods := range document.Paths {
		for method := range methods {
			method, body := strings.ToUpper(method), ""
			if strings.HasSuffix(path, "/tasks") && method == "POST" || strings.HasSuffix(path, "{id}") && method != "GET" && method != "DELETE" {
				body = `{"title": "by REST"}`
			}
			send(method, strings.NewReplacer("{user_id}", ada.User, "{id}", ada.Add("walked")).Replace(path), body)
		}
	}
	for _, query := range []string{"status=completed", "search=report", "sort=due_date&limit=3&skip=1", "priority=HIGH&tags=work", "sort=title&order=desc"} {
		send("GET", ada.Tasks()+"?"+query, "")
	}
	for _, format := range []string{"csv", "json"} {
		send("GET", ada.Tasks("export")+"?format="+format, "")
	}
	// An id of a table that was taken over.
	if got := ada.Send("GET", ada.Tasks("0b8e6a44-5d3a-4a3c-9d7e-0a4f2f1f2c11"), ""); got.Status < 400 {
		t.Errorf("GET of an old id = %d", got.Status)
	}
}

// walkTools calls each tool for agents.
func walkTools(t *testing.T, s *harness.Server, ada *harness.Client) {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: s.URL + "/mcp", HTTPClient: &http.Client{Transport: withToken(ada.Token)}, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) < 5 {
		t.Fatalf("tools = %v, %v", tools, err)
	}
	for _, tool := range tools.Tools {
		var schema struct{ Properties map[string]any }
		encoded, err := json.Marshal(tool.InputSchema)
		if err == nil {
			err = json.Unmarshal(encoded, &schema)
		}
		if err != nil {
			t.Fatal(err)
		}
		arguments := map[string]any{}
		for name, value := range map[string]any{"task_id": ada.Add("walked"), "title": "by an agent", "search": "report"} {
			if schema.Properties[name] != nil {
				arguments[name] = value
			}
		}
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool.Name, Arguments: arguments})
		if err != nil || result.IsError {
			t.Errorf("%s %v = %+v, %v", tool.Name, arguments, result, err)
		}
	}
}

// withToken sends a token with each request.
type withToken string

func (token withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}
