package operations

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// BenchmarkTelemetry measures a list of 20 tasks over HTTP without metrics and traces, and with each of them.
func BenchmarkTelemetry(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer collector.Close()
	for _, with := range []struct {
		name string
		env  map[string]string
	}{
		{"off", nil},
		{"metrics", map[string]string{"METRICS_ADDRESS": "127.0.0.1:0"}},
		{"every tenth trace", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}},
		{"every trace", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}},
	} {
		b.Run(with.name, func(b *testing.B) {
			env := harness.Env(storetest.SQLite(b))
			env["RATE_LIMIT"] = "off"
			maps.Copy(env, with.env)
			for name, value := range with.env {
				b.Setenv(name, value) // the SDK reads the environment of the process
			}
			u := harness.Start(b, env).As("u")
			for range 30 {
				u.Add("a task")
			}
			b.ReportAllocs()
			for b.Loop() {
				if got := u.GraphQL(`query List { tasks(first: 20) { nodes { id title description priority tags completed createdAt } } }`); got.Status != http.StatusOK {
					b.Fatal(got.Status, string(got.Body))
				}
			}
		})
	}
}
