package operations

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// spans are what a collector in the test's process has received.
type spans struct {
	*httptest.Server
	mu   sync.Mutex
	all  []*traces.Span
	raw  strings.Builder
	path string
}

func newCollector(t *testing.T) *spans {
	s := &spans{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.path = r.URL.Path
		s.raw.WriteString(sent.String())
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				s.all = append(s.all, scope.Spans...)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// tree returns the names of the spans of a trace, each below its parent.
func (s *spans) tree(trace string) string {
	var b strings.Builder
	var below func(parent string, indent int)
	below = func(parent string, indent int) {
		for _, span := range s.all {
			if hex.EncodeToString(span.TraceId) == trace && hex.EncodeToString(span.ParentSpanId) == parent {
				b.WriteString(strings.Repeat("  ", indent) + span.Name + "\n")
				below(hex.EncodeToString(span.SpanId), indent+1)
			}
		}
	}
	below("00f067aa0ba902b7", 0)
	return b.String()
}

// TestTraces sends requests with the context of a client's trace (W3C Trace Context), and compares the spans that a collector gets.
func TestTraces(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		collector := newCollector(t)
		env := harness.Env(databaseURL)
		env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.URL
		env["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test"
		s, _ := harness.StartProcess(t, env)
		u := s.As("ada@private.example")
		const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
		traced := func(method, path, body, trace string) {
			t.Helper()
			if got := u.Send(method, path, body, "traceparent", "00-"+trace+"-00f067aa0ba902b7-01"); got.Status >= 400 {
				t.Errorf("%s %s = %d %s", method, path, got.Status, got.Body)
			}
		}
		traced("POST", "/graphql", harness.GraphQLBody(`query Mine { tasks(search: "confidential") { nodes { id } } viewer { id } }`), parent)
		traced("GET", u.Tasks()+"?search=confidential", "", strings.Replace(parent, "4bf", "5bf", 1))
		traced("GET", "/health", "", strings.Replace(parent, "4bf", "6bf", 1))
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		collector.mu.Lock()
		defer collector.mu.Unlock()
		graphQL := collector.tree(parent)
		for _, want := range []string{"POST /graphql\n  query Mine\n", "    Query.tasks\n      WITH\n", "    Query.viewer\n"} {
			if !strings.Contains(graphQL, want) {
				t.Errorf("the spans of the operation are\n%swant %s", graphQL, want)
			}
		}
		if got := collector.tree(strings.Replace(parent, "4bf", "5bf", 1)); !strings.HasPrefix(got, "GET /api/{user_id}/tasks\n  SELECT\n") {
			t.Errorf("the spans of the REST list are\n%s", got)
		}
		if got := collector.tree(strings.Replace(parent, "4bf", "6bf", 1)); got != "" {
			t.Errorf("the spans of /health are\n%s, want none", got)
		}
		for _, want := range []string{"taskql", "deployment.environment.name", "graphql.operation.name", "db.system.name", "http.route"} {
			if !strings.Contains(collector.raw.String(), want) {
				t.Errorf("the spans lack %s", want)
			}
		}
		if raw := collector.raw.String(); strings.Contains(raw, "confidential") || strings.Contains(raw, " FROM ") || collector.path != "/v1/traces" {
			t.Errorf("%s got spans with what the user has written, or with the texts of statements: %s", collector.path, raw)
		}
		if log := s.Out.String(); strings.Count(log, `"trace_id":"`+parent+`"`) != 1 {
			t.Errorf("the log has not one line with the trace id:\n%s", log)
		}
	})
}

// TestCollectorThatHangs serves requests while the collector answers none. They do not wait for it, and neither does the end of the
// program for long.
func TestCollectorThatHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	env := harness.Env(storetest.SQLite(t))
	env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = hanging.URL + "/v1/traces"
	env["OTEL_BSP_MAX_QUEUE_SIZE"], env["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] = "16", "8"
	s, _ := harness.StartProcess(t, env)
	u := s.As("ada")
	for range 200 { // the queue is full from the second on
		if got := u.GraphQL(`{ tasks { totalCount } }`); got.Status != 200 {
			t.Fatalf("answer = %d %s", got.Status, got.Body)
		}
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if log := s.Out.String(); !strings.Contains(log, "the last traces could not be sent") {
		t.Errorf("the log does not tell of the lost traces:\n%s", log)
	}
}

// TestCheckTraces has check send a span to a collector, and to none.
func TestCheckTraces(t *testing.T) {
	collector := newCollector(t)
	for _, tt := range []struct {
		endpoint, want string
		works          bool
	}{{collector.URL, "ok    traces", true}, {"http://127.0.0.1:1", "FAIL  traces", false}} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", tt.endpoint)
		out, err := harness.Command(t, []string{"DATABASE_URL=" + storetest.SQLite(t), "OTEL_EXPORTER_OTLP_ENDPOINT=" + tt.endpoint}, "check")
		if (err == nil) != tt.works || !strings.Contains(out, tt.want) {
			t.Errorf("check with %s = %v\n%s", tt.endpoint, err, out)
		}
	}
	if len(collector.all) != 1 {
		t.Errorf("the collector has %d spans, want 1", len(collector.all))
	}
}

// TestWrongTraces starts the program with variables of OpenTelemetry that it cannot follow.
func TestWrongTraces(t *testing.T) {
	endpoint := "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for _, environ := range [][]string{
		{"OTEL_TRACES_EXPORTER=zipkin"}, {"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=tcp://localhost:4318"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", endpoint}, {"OTEL_TRACES_SAMPLER=sometimes", endpoint},
		{"OTEL_TRACES_SAMPLER_ARG=half", "OTEL_TRACES_SAMPLER=traceidratio", endpoint},
	} {
		name, _, _ := strings.Cut(environ[0], "=")
		t.Run(environ[0], func(t *testing.T) {
			t.Chdir(t.TempDir())
			if _, err := harness.Command(t, append(environ, "PORT=0")); err == nil || !strings.HasPrefix(err.Error(), name+" ") {
				t.Errorf("run = %v, want an error of %s", err, name)
			}
		})
	}
}
