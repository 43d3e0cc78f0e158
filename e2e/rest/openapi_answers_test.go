package rest

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestOpenAPIAnswers causes every response in the document on every route and checks it against the document. Valid
// requests are the examples of the document.
func TestOpenAPIAnswers(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"seed", "web"} {
		t.Run(dialect, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, databaseURL string) {
				env := harness.Env(databaseURL)
				env["REST_DIALECT"] = dialect
				s := harness.Start(t, env)
				c := readContract(t, s)
				a := answers{t: t, contract: c, Client: s.As("a/da"), other: s.As("grace")}
				p := harness.NewProgram(t, env, nil)
				a.noDatabase = p.Listen(t)
				if err := p.Store.Close(); err != nil {
					t.Fatal(err)
				}
				env["REQUEST_TIMEOUT"] = "1ns"
				a.noTime = harness.Start(t, env)
				delete(env, "REQUEST_TIMEOUT")
				env["BETTER_AUTH_URL"] = "http://127.0.0.1:1" // where nothing listens
				a.noKeys = harness.Start(t, env)
				for _, o := range c.operations {
					for _, status := range o.statuses {
						a.provoke(o, status)
					}
				}
			})
		})
	}
}

// cannotBeProvoked reports whether no request of a test can cause a response.
func cannotBeProvoked(o operation, status int) bool {
	switch status {
	case http.StatusTooManyRequests:
		return true // what limits requests stands in front of the routes
	case http.StatusInternalServerError, http.StatusGatewayTimeout:
		return strings.HasPrefix(o.id, "currentUser") // which needs no database
	}
	return false
}

// answers causes the responses of a server.
type answers struct {
	t *testing.T
	*contract
	*harness.Client
	other *harness.Client
	// Servers without a database, without the keys of their auth server, and without any time for a request.
	noDatabase, noKeys, noTime *harness.Server
}

// provoke causes the response with a status and checks it.
func (a *answers) provoke(o operation, status int) {
	a.t.Helper()
	if cannotBeProvoked(o, status) {
		return
	}
	switch status {
	case http.StatusOK, http.StatusCreated:
		bodies := o.bodies
		if bodies == nil {
			bodies = map[string]string{"": ""}
		}
		for _, name := range slices.Sorted(maps.Keys(bodies)) {
			a.want(o, status, a.Client, a.pathOf(o), bodies[name])
		}
	case http.StatusNotModified:
		path := a.pathOf(o)
		a.want(o, status, a.Client, path, "", "If-None-Match", a.Client.Send("GET", path, "").Header.Get("ETag"))
	case http.StatusBadRequest:
		path := a.pathOf(o)
		a.verify(o, status, path, a.cutOff(o.method, path))
	case http.StatusUnauthorized:
		a.want(o, status, a.With(a.User, ""), a.pathOf(o), a.body(o))
		a.want(o, status, a.With(a.User, "nonsense"), a.pathOf(o), a.body(o))
	case http.StatusForbidden:
		a.want(o, status, a.other, a.pathOf(o), a.body(o))
	case http.StatusNotFound:
		if o.id == "createTask" {
			a.want(o, status, a.Client, a.pathOf(o), a.purged(o), "Idempotency-Key", "of a task that was purged")
			return
		}
		a.want(o, status, a.Client, a.path(o, "99999999999999999999"), a.body(o))
	case http.StatusPreconditionFailed:
		a.want(o, status, a.Client, a.pathOf(o), a.body(o), "If-Match", `"0"`)
	case http.StatusRequestEntityTooLarge:
		a.want(o, status, a.Client, a.pathOf(o), strings.Repeat(" ", 1<<20)+"{}")
	case http.StatusUnprocessableEntity:
		if o.takes("id") {
			a.want(o, status, a.Client, a.path(o, "abc"), a.body(o))
		}
		if o.takes("limit") {
			a.want(o, status, a.Client, a.pathOf(o)+"?limit=0", "")
		}
		if o.takes("Idempotency-Key") {
			a.want(o, status, a.Client, a.pathOf(o), a.body(o), "Idempotency-Key", "short")
			a.want(o, status, a.Client, a.usedKey(o), a.body(o), "Idempotency-Key", "of another request")
		}
		if o.bodies != nil {
			for _, body := range []string{"[]", `{"completed":[]}`, "{"} {
				a.want(o, status, a.Client, a.pathOf(o), body)
			}
		}
	case http.StatusInternalServerError:
		a.want(o, status, a.noDatabase.With(a.User, a.Token), a.pathOf(o), a.body(o))
	case http.StatusGatewayTimeout:
		a.want(o, status, a.noTime.With(a.User, a.Token), a.pathOf(o), a.body(o))
	case http.StatusServiceUnavailable:
		server := a.noKeys
		if o.id == "health" {
			server = a.noDatabase
		}
		a.want(o, status, server.With(a.User, ofUnknownKey(a.t, a.User)), a.pathOf(o), a.body(o))
	default:
		a.t.Errorf("the document has %d for %s, which this test cannot cause", status, o.id)
	}
}

// want sends a request and checks the response.
func (a *answers) want(o operation, status int, c *harness.Client, path, body string, headers ...string) {
	a.t.Helper()
	a.verify(o, status, path, c.Send(o.method, path, body, headers...))
}

func (a *answers) verify(o operation, status int, path string, got harness.Answer) {
	a.t.Helper()
	if got.Status != status {
		a.t.Errorf("%s: %s %s = %d %s, want %d", o.id, o.method, path, got.Status, got.Body, status)
	} else if err := a.check(o, a.URL+path, got); err != nil {
		a.t.Errorf("%s: %s %s = %d %s: %v", o.id, o.method, path, got.Status, got.Body, err)
	}
}

// pathOf returns the path of an operation, with a new task if it needs one.
func (a *answers) pathOf(o operation) string {
	a.t.Helper()
	if !o.takes("id") {
		return a.path(o, "")
	}
	created := a.Client.Send("POST", a.Tasks(), `{"title":"x"}`)
	var task struct{ ID int64 }
	created.JSON(a.t, &task)
	return a.path(o, fmt.Sprint(task.ID))
}

// purged creates a task, purges it, and returns the request body that has created it.
func (a *answers) purged(o operation) string {
	a.t.Helper()
	body := a.body(o)
	var task struct{ ID int64 }
	a.Client.Send("POST", a.Tasks(), body, "Idempotency-Key", "of a task that was purged").JSON(a.t, &task)
	got := a.Client.GraphQL(fmt.Sprintf(`mutation { deleteTask(id: %d) { userErrors { code } } purgeTask(id: %[1]d) { userErrors { code } } }`, task.ID))
	if strings.Contains(got.Body, "code") {
		a.t.Fatalf("purgeTask = %s", got.Body)
	}
	return body
}

// usedKey uses a key for another request and returns the path of the operation.
func (a *answers) usedKey(o operation) string {
	a.t.Helper()
	a.Client.Send("POST", a.Tasks(), `{"title":"the other request"}`, "Idempotency-Key", "of another request")
	return a.pathOf(o)
}

func (a *answers) path(o operation, id string) string {
	return strings.NewReplacer("{user_id}", url.PathEscape(a.User), "{id}", id).Replace(o.path)
}

// body returns a valid body for an operation.
func (a *answers) body(o operation) string {
	for _, body := range o.bodies {
		return body
	}
	return ""
}

// cutOff sends a request whose body ends before its length.
func (a *answers) cutOff(method, path string) harness.Answer {
	a.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n\r\n{", method, path, a.Token)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		a.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		a.t.Fatal(err)
	}
	got, err := harness.ReadAnswer(response)
	if err != nil {
		a.t.Fatal(err)
	}
	return got
}
