package graphql

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// mistakes are documents for which the validator knows what may have been meant.
var mistakes = map[string]string{
	"a field":                `{ task(id: 1) { titel } }`,
	"a field of a type":      `{ node(id: "x") { title } }`,
	"an argument":            `{ tasks(firts: 1) { totalCount } }`,
	"an argument of another": `{ tasks @skip(iff: true) { totalCount } }`,
	"a type":                 `{ node(id: "x") { ...F } } fragment F on Taks { title }`,
	"an enum value":          `{ tasks(orderBy: [{field: CREATED}]) { totalCount } }`,
	"an enum value in text":  `{ tasks(orderBy: [{field: "CREATED_AT"}]) { totalCount } }`,
	"a field of an input":    `{ tasks(filter: {complete: true}) { totalCount } }`,
	"a selection":            `{ tasks }`,
}

// TestIntrospectionOff asks a server for its schema that does not tell it.
func TestIntrospectionOff(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	told := harness.Start(t, env).As("u")
	env["INTROSPECTION"], env["DATABASE_URL"] = "off", storetest.SQLite(t)
	s := harness.Start(t, env)
	u := s.As("u")
	for name, document := range mistakes {
		if a := told.GraphQL(document); !strings.Contains(a.Body, "Did you mean") {
			t.Errorf("%s is not suggested: %s", name, a.Body)
		}
		a := u.GraphQL(document)
		code, message, _ := a.Problem(t)
		if code == "" || message == "" || strings.Contains(strings.ToLower(a.Body), "did you mean") {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	socket := s.Socket(t, harness.TransportWS)
	socket.SignIn(u.Token)
	for _, document := range []string{
		`{ __schema { queryType { name } } }`,
		`{ __schema { __typename } }`,
		`{ __type(name: "Task") { name } }`,
		`{ viewer { id } ...F } fragment F on Query { s: __schema { types { name } } }`,
		`query($no: Boolean = false) { viewer { id } __schema @skip(if: $no) { types { name } } }`,
		`mutation { createTask(input: {title: "x"}) { query { __schema { types { name } } } } }`,
	} {
		if a := told.GraphQL(document); strings.Contains(a.Body, `"errors"`) {
			t.Errorf("%s = %s", document, a.Body)
		}
		for name, a := range map[string]harness.Answer{
			"POST": u.GraphQL(document), "GET": u.Send("GET", "/graphql?query="+url.QueryEscape(document), ""),
			"events": u.Send("POST", "/graphql", harness.GraphQLBody(document), "Accept", "text/event-stream"),
		} {
			if !strings.Contains(a.Body, `"code":"GRAPHQL_VALIDATION_FAILED"`) || strings.Contains(a.Body, `"data"`) {
				t.Errorf("%s by %s = %d %s", document, name, a.Status, a.Body)
			}
		}
		socket.Operate("1", document)
		if got := socket.Receive("next", "error"); !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") || strings.Contains(got, `"data":{`) {
			t.Errorf("%s by WebSocket = %s", document, got)
		}
		socket.Receive("complete", "pong")
	}
	var data struct {
		Typename string `json:"__typename"`
		Tasks    struct {
			Typename string `json:"__typename"`
			Nodes    []json.RawMessage
		}
	}
	u.GraphQL(`{ __typename tasks { __typename nodes { __typename } } ... @skip(if: true) { __schema { types { name } } } }`).Data(t, &data)
	if data.Typename != "Query" || data.Tasks.Typename != "TaskConnection" || len(data.Tasks.Nodes) > 0 {
		t.Errorf("the names of types = %+v", data)
	}
	if a := u.Send("GET", "/schema.graphql", ""); a.Status != 404 || strings.Contains(a.Body, "Task") {
		t.Errorf("/schema.graphql = %d %.100s, want 404", a.Status, a.Body)
	}
}

// TestSchemaText compares the schema that a server serves, and the one that the program prints, with the file.
func TestSchemaText(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(harness.File("schema.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	s := harness.Start(t, harness.Env(storetest.SQLite(t))).Anonymous()
	if a := s.Send("GET", "/schema.graphql", ""); a.Status != 200 || a.Body != string(file) || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("GET /schema.graphql = %d %.100s, Content-Type %q", a.Status, a.Body, a.Header.Get("Content-Type"))
	}
	a := s.Send("POST", "/schema.graphql", "{}")
	if code, _, _ := a.Problem(t); a.Status != 405 || a.Header.Get("Allow") != "GET, HEAD" || code != "BAD_USER_INPUT" {
		t.Errorf("POST /schema.graphql = %d %s, Allow %q", a.Status, a.Body, a.Header.Get("Allow"))
	}
	if printed, err := harness.Command(t, nil, "schema"); err != nil || printed != string(file) {
		t.Errorf("taskql schema printed %.100s, %v", printed, err)
	}
}

// TestNoVersions looks for the names and versions of programs in answers.
func TestNoVersions(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("u")
	for path, a := range map[string]harness.Answer{
		"/health": u.Send("GET", "/health", ""), "/ready": u.Send("GET", "/ready", ""), "/openapi.json": u.Send("GET", "/openapi.json", ""),
		"/api/u/tasks": u.Send("GET", "/api/u/tasks", ""), "/graphql": u.GraphQL(`{ viewer { id } }`), "/nothing": u.Send("GET", "/nothing", ""),
	} {
		for _, name := range []string{"Server", "X-Powered-By", "Via", "X-Version"} {
			if value := a.Header.Get(name); value != "" {
				t.Errorf("%s has %s: %s", path, name, value)
			}
		}
		var body struct {
			Version *string
			Info    struct{ Version string }
		}
		if path == "/health" || path == "/ready" || path == "/openapi.json" {
			if a.JSON(t, &body); a.Status != 200 || body.Version != nil || body.Info.Version != "" && body.Info.Version != "1" {
				t.Errorf("GET %s = %d %.300s", path, a.Status, a.Body)
			}
		}
	}
}
