package operations

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// plain returns the body of an answer without its coding.
func plain(t *testing.T, a harness.Answer) string {
	t.Helper()
	var reader io.Reader = strings.NewReader(a.Body)
	var err error
	switch coding := a.Header.Get("Content-Encoding"); coding {
	case "":
	case "gzip":
		reader, err = gzip.NewReader(reader)
	case "zstd":
		reader, err = zstd.NewReader(reader)
	default:
		t.Fatalf("the coding %s", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// filled starts a server with a user who has 450 tasks, which are more than two batches of a REST list.
func filled(t *testing.T) *harness.Client {
	t.Helper()
	u := harness.Start(t, harness.Env(storetest.SQLite(t))).As("u")
	inputs := make([]map[string]any, 100)
	for i := range inputs {
		inputs[i] = map[string]any{"title": "Water the plants", "description": strings.Repeat("on the balcony ", 5)}
	}
	for _, part := range [][]map[string]any{inputs, inputs, inputs, inputs, inputs[:50]} {
		var data struct {
			CreateTasks struct{ UserErrors []json.RawMessage }
		}
		u.GraphQL(`mutation($inputs: [CreateTaskInput!]!) { createTasks(inputs: $inputs) { userErrors { code } } }`, "inputs", part).Data(t, &data)
	}
	return u
}

// get returns the path of a GraphQL request by GET.
func get(document string) string { return "/graphql?query=" + url.QueryEscape(document) }

// TestCompression compares compressed answers with those that are not.
func TestCompression(t *testing.T) {
	t.Parallel()
	u := filled(t)
	long := harness.GraphQLBody(`{ tasks(first: 50) { nodes { id title description } } }`)
	for _, tt := range []struct {
		name, method, path, body string
		compressed, streamed     bool
	}{
		{"GraphQL", "POST", "/graphql", long, true, false},
		{"GraphQL by GET", "GET", get(`{ tasks(first: 50) { nodes { id title description } } }`), "", true, false},
		{"a short answer", "POST", "/graphql", harness.GraphQLBody(`{ tasks(first: 1) { nodes { id } } }`), false, false},
		{"errors", "POST", "/graphql", harness.GraphQLBody(`{ ` + strings.Repeat("a: nothing ", 20) + `}`), true, false},
		{"a REST list", "GET", u.Tasks() + "?limit=50", "", true, false},
		{"a long REST list", "GET", u.Tasks(), "", true, true},
		{"an export", "GET", u.Tasks("export"), "", true, true},
		{"an export as CSV", "GET", u.Tasks("export") + "?format=csv", "", true, true},
		{"the OpenAPI document", "GET", "/openapi.json", "", true, false},
		{"the GraphQL schema", "GET", "/schema.graphql", "", true, false},
		{"health", "GET", "/health", "", false, false},
		{"an event stream", "POST", "/graphql", long, false, true},
	} {
		headers := []string{}
		if tt.name == "an event stream" {
			headers = append(headers, "Accept", "text/event-stream")
		}
		want := u.Send(tt.method, tt.path, tt.body, append(headers, "Accept-Encoding", "identity")...)
		if want.Header.Get("Content-Encoding") != "" || want.Status >= 400 {
			t.Errorf("%s is sent as %q to who accepts none: %d", tt.name, want.Header.Get("Content-Encoding"), want.Status)
		}
		for accepted, coding := range map[string]string{"gzip": "gzip", "gzip, deflate, br, zstd": "zstd", "br": ""} {
			a := u.Send(tt.method, tt.path, tt.body, append(headers, "Accept-Encoding", accepted)...)
			if !tt.compressed {
				coding = ""
			}
			if got := a.Header.Get("Content-Encoding"); got != coding || plain(t, a) != want.Body {
				t.Errorf("%s to who accepts %s: coding %q, want %q; %d bytes of %d", tt.name, accepted, got, coding, len(a.Body), len(want.Body))
			}
			if vary := strings.Join(a.Header.Values("Vary"), ", "); strings.Contains(vary, "Accept-Encoding") != tt.compressed {
				t.Errorf("%s: Vary = %s", tt.name, vary)
			}
			if coding != "" && len(a.Body) > len(want.Body)/2 {
				t.Errorf("%s: %d bytes of %d by %s", tt.name, len(a.Body), len(want.Body), coding)
			}
			if length := a.Header.Get("Content-Length"); !tt.streamed && length != strconv.Itoa(len(a.Body)) || tt.streamed && length != "" {
				t.Errorf("%s: Content-Length = %q of %d bytes", tt.name, length, len(a.Body))
			}
			if tt.method != "GET" {
				continue
			}
			head := u.Send("HEAD", tt.path, "", append(headers, "Accept-Encoding", accepted)...)
			for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Type", "ETag", "Vary", "Cache-Control"} {
				if got, want := head.Header[name], a.Header[name]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("HEAD of %s: %s = %q, by GET %q", tt.name, name, got, want)
				}
			}
			if head.Status != a.Status || head.Body != "" {
				t.Errorf("HEAD of %s = %d %q", tt.name, head.Status, head.Body)
			}
		}
	}

	// A strong entity tag belongs to one coding only.
	id := u.MustCreate(map[string]any{"title": "x", "description": strings.Repeat("long ", 1000)})
	if a := u.Send("GET", u.Tasks(id), "", "Accept-Encoding", "gzip"); a.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(a.Header.Get("ETag"), `"`) {
		t.Errorf("a task with a strong tag is compressed: %v", a.Header)
	}
}

// TestStreamsAreNotHeldBack reads each event of a subscription before there is another.
func TestStreamsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("u")
	response := u.Events(t, `subscription { taskChanged { task { title } } }`, "Accept-Encoding", "gzip, zstd")
	if coding := response.Header.Get("Content-Encoding"); coding != "" || response.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the headers of an event stream are %v", response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	for i := range 3 {
		title := fmt.Sprint("task ", i)
		u.Add(title)
		for lines.Scan() && !strings.Contains(lines.Text(), title) {
		}
		if !strings.Contains(lines.Text(), title) {
			t.Fatalf("the stream has ended before %s: %v", title, lines.Err())
		}
	}
}

// TestCaching checks what may be kept of which answer.
func TestCaching(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["PLAYGROUND"] = "on"
	s := harness.Start(t, env)
	u := s.As("u")
	id := u.Add("x")
	const never, ask = "private, no-store", "private, no-cache"
	query := `{ tasks { nodes { id title } } }`
	for _, tt := range []struct {
		name, want string
		a          harness.Answer
	}{
		{"POST", never, u.GraphQL(query)}, {"GET", ask, u.Send("GET", get(query), "")},
		{"GET with an error", never, u.Send("GET", get(`{ nothing }`), "")},
		{"GET without a token", never, s.Anonymous().Send("GET", get(query), "")},
		{"a list", never, u.Send("GET", u.Tasks(), "")}, {"a task", ask, u.Send("GET", u.Tasks(id), "")}, {"no task", never, u.Send("GET", u.Tasks(99), "")},
		{"a write", never, u.Send("PATCH", u.Tasks(id), `{"title": "y"}`)}, {"counts", never, u.Send("GET", "/api/u/stats", "")},
		{"an export", never, u.Send("GET", u.Tasks("export"), "")}, {"health", never, u.Send("GET", "/health", "")},
		{"nothing", never, u.Send("GET", "/nothing", "")}, {"no asset", never, u.Send("GET", "/docs/assets/nothing.js", "")},
		{"the OpenAPI document", "no-cache", u.Send("GET", "/openapi.json", "")}, {"the reference", "no-cache", u.Send("GET", "/docs", "")},
		{"the playground", "no-store", u.Send("GET", "/", "")}, {"the GraphQL schema", "no-cache", u.Send("GET", "/schema.graphql", "")},
	} {
		if got := tt.a.Header.Values("Cache-Control"); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s = %d, Cache-Control %q, want %q", tt.name, tt.a.Status, got, tt.want)
		}
	}

	first := u.Send("GET", get(query), "")
	tag := first.Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || u.GraphQL(query).Header.Get("ETag") != "" {
		t.Fatalf("ETag = %q by GET, %q by POST", tag, u.GraphQL(query).Header.Get("ETag"))
	}
	for _, method := range []string{"GET", "HEAD"} {
		a := u.Send(method, get(query), "", "If-None-Match", `"other", `+tag)
		if a.Status != http.StatusNotModified || a.Body != "" || a.Header.Get("ETag") != tag || a.Header.Get("Cache-Control") != ask || a.Header.Get("RateLimit") == "" ||
			a.Header.Get("Content-Encoding") != "" || !strings.Contains(strings.Join(a.Header.Values("Vary"), ", "), "Accept-Encoding") {
			t.Errorf("%s of what the client has = %d %q, %v", method, a.Status, a.Body, a.Header)
		}
	}
	others := map[string]harness.Answer{
		"POST":         u.Send("POST", "/graphql", harness.GraphQLBody(query), "If-None-Match", tag),
		"another user": s.As("v").Send("GET", get(query), "", "If-None-Match", tag),
		"an error":     u.Send("GET", get(`{ nothing }`), "", "If-None-Match", "*"),
	}
	u.Add("another")
	others["a change"] = u.Send("GET", get(query), "", "If-None-Match", tag)
	for name, a := range others {
		if a.Status != 200 || a.Body == "" || a.Header.Get("ETag") == tag {
			t.Errorf("%s = %d %q, ETag %s", name, a.Status, a.Body, a.Header.Get("ETag"))
		}
	}
	if a := u.Send("HEAD", get(`mutation { deleteTask(id: 1) { task { id } } }`), ""); a.Status != 405 {
		t.Errorf("a mutation by HEAD = %d", a.Status)
	}
	for _, path := range []string{"/openapi.json", "/schema.graphql"} {
		tag := u.Send("GET", path, "", "Accept-Encoding", "gzip").Header.Get("ETag")
		if a := u.Send("GET", path, "", "If-None-Match", tag); a.Status != 304 || a.Body != "" || a.Header.Get("ETag") != tag {
			t.Errorf("%s that the client has = %d %.100s, ETag %q", path, a.Status, a.Body, a.Header.Get("ETag"))
		}
		if a := u.Send("GET", path, "", "If-None-Match", `"other"`); a.Status != 200 {
			t.Errorf("%s of which the client has another one = %d", path, a.Status)
		}
	}
}
