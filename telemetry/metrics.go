// Package telemetry counts and times what a server does: metrics for Prometheus, and traces for OpenTelemetry. The packages that are observed
// do not know it; app gives them its methods as functions.
package telemetry

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The upper bounds of the buckets of durations, in seconds: of a request or an operation, and of a statement.
var (
	requestBuckets   = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	statementBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	lagBuckets       = []float64{.001, .005, .01, .05, .1, .25, .5, 1, 3, 10, 30, 60, 300}
	costBuckets      = prometheus.ExponentialBuckets(1, 4, 10)
)

// Metrics are the Prometheus metrics of one server. docs/operating.md lists them.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	operations *prometheus.HistogramVec
	costs      *prometheus.HistogramVec
	statements *prometheus.HistogramVec
	failures   *prometheus.CounterVec
	lag        prometheus.Histogram
	names      names
}

// NewMetrics returns metrics that nothing has been counted in yet, with those of the Go runtime and the process.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskql_http_request_duration_seconds", Help: "Time of HTTP requests, by method, route, status and error code.", Buckets: requestBuckets,
		}, []string{"method", "route", "status", "code"}),
		operations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskql_graphql_operation_duration_seconds", Help: "Time of GraphQL operations, by type, name and error code.", Buckets: requestBuckets,
		}, []string{"type", "name", "code"}),
		costs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskql_graphql_operation_cost", Help: "Cost of GraphQL operations, by type and name.", Buckets: costBuckets,
		}, []string{"type", "name"}),
		statements: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taskql_database_statement_duration_seconds", Help: "Time until the database answers a statement, by its first word.", Buckets: statementBuckets,
		}, []string{"statement"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "taskql_database_errors_total", Help: "Statements that failed, those that were canceled included, by their first word.",
		}, []string{"statement"}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "taskql_feed_lag_seconds", Help: "Time from a change to its delivery to a subscriber that follows live.", Buckets: lagBuckets,
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "taskql_build_info", Help: "1, with the version as label.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.operations, m.costs, m.statements, m.failures, m.lag, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics in the text formats of Prometheus. At most four scrapes run at once; others get 503.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Gauge adds a metric whose value is read at each scrape.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Counter adds a metric whose value only grows, and is read at each scrape.
func (m *Metrics) Counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
}

// Request counts a finished request. route is the pattern of its path, never the path itself. code is that of its error, or "".
func (m *Metrics) Request(method, route string, status int, code string, took time.Duration) {
	m.requests.WithLabelValues(knownMethod(method), route, strconv.Itoa(status), code).Observe(took.Seconds())
}

// Operation counts a finished GraphQL operation. kind is query, mutation or subscription. Unnamed operations have the name "". code is
// that of the first error, or "".
func (m *Metrics) Operation(kind, name string, cost int, code string, took time.Duration) {
	name = m.names.label(name)
	m.operations.WithLabelValues(kind, name, code).Observe(took.Seconds())
	m.costs.WithLabelValues(kind, name).Observe(float64(cost))
}

// Statement counts a statement that the database has answered.
// text is only read for its first word.
func (m *Metrics) Statement(text string, err error, took time.Duration) {
	word := verb(text)
	m.statements.WithLabelValues(word).Observe(took.Seconds())
	if err != nil {
		m.failures.WithLabelValues(word).Inc()
	}
}

// FeedLag counts the delivery of a change to a subscriber.
func (m *Metrics) FeedLag(lag time.Duration) { m.lag.Observe(max(0, lag.Seconds())) }

// knownMethod keeps a client from inventing labels.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// maxNames is how many names of operations have metrics of their own.
const maxNames = 100

// names are the labels of operations.
type names struct {
	mu    sync.Mutex
	known map[string]bool
}

// label returns the name itself for the first maxNames names, "other" for more and "unnamed" for none. A client can send
// any number of names, and each one would take memory here and at every collector.
func (n *names) label(name string) string {
	if name == "" {
		return "unnamed"
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.known[name]:
		return name
	case len(n.known) >= maxNames:
		return "other"
	case n.known == nil:
		n.known = map[string]bool{}
	}
	n.known[name] = true
	return name
}
