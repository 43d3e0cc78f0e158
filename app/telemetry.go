package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"taskql/auth"
	"taskql/config"
	"taskql/events"
	"taskql/graph"
	"taskql/reqlog"
	"taskql/store"
	"taskql/telemetry"
)

// Observers are what observes a server. Both are nil unless they are configured: then nothing is measured.
type Observers struct {
	Metrics *telemetry.Metrics
	Traces  *telemetry.Traces
}

// newObservers returns the configured observers. The caller calls close.
func newObservers(ctx context.Context, c config.Config, log *slog.Logger) (o Observers, err error) {
	if c.MetricsAddress != "" {
		o.Metrics = telemetry.NewMetrics(Version())
	}
	if c.OpenTelemetry != nil {
		database := "sqlite"
		if strings.HasPrefix(c.DatabaseURL, "postgres") {
			database = "postgresql"
		}
		o.Traces, err = telemetry.NewTraces(ctx, c.OpenTelemetry, Version(), database, log)
	}
	return o, err
}

// CheckTraces sends a span to the configured collector, and waits for its answer.
func CheckTraces(ctx context.Context, c config.Config) error {
	return telemetry.CheckTraces(ctx, c.OpenTelemetry)
}

// closeTraces is how long the end of the program waits for a collector.
const closeTraces = 5 * time.Second

// close sends the spans that are left.
func (o Observers) close(log *slog.Logger) {
	if o.Traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTraces)
	defer cancel()
	if err := o.Traces.Close(ctx); err != nil {
		log.Warn("the last traces could not be sent", "error", err)
	}
}

// statement observes a statement; see store.Limits.
func (o Observers) statement() func(ctx context.Context, text string) (context.Context, func(error)) {
	if o.Metrics == nil && o.Traces == nil {
		return nil
	}
	return func(ctx context.Context, text string) (context.Context, func(error)) {
		begin, end := time.Now(), func(error) {}
		if o.Traces != nil {
			ctx, end = o.Traces.Statement(ctx, text)
		}
		return ctx, func(err error) {
			end(err)
			if o.Metrics != nil {
				o.Metrics.Statement(text, err, time.Since(begin))
			}
		}
	}
}

// graphQL observes operations and root fields.
func (o Observers) graphQL() (observer graph.Observer) {
	if o.Traces != nil {
		observer.Field = o.Traces.Field
	}
	if o.Metrics == nil && o.Traces == nil {
		return observer
	}
	observer.Operation = func(ctx context.Context, kind, name string, cost int) (context.Context, func(string)) {
		begin, end := time.Now(), func(string) {}
		if o.Traces != nil {
			ctx, end = o.Traces.Operation(ctx, kind, name, cost)
		}
		return ctx, func(code string) {
			end(code)
			if o.Metrics != nil {
				o.Metrics.Operation(kind, name, cost, code, time.Since(begin))
			}
		}
	}
	return observer
}

// requests observes HTTP requests.
func (o Observers) requests(log *slog.Logger, next http.Handler) http.Handler {
	if o.Traces != nil {
		next = o.Traces.Middleware(next)
	}
	var ended func(reqlog.Ended)
	if o.Metrics != nil {
		ended = func(r reqlog.Ended) {
			o.Metrics.Request(r.Method, cmp.Or(r.Route, "other"), r.Status, r.Code, r.Took)
		}
	}
	return reqlog.Handler(log, next, ended)
}

// feedLag returns what observes the delivery of changes, or nil.
func (o Observers) feedLag() func(time.Duration) {
	if o.Metrics == nil {
		return nil
	}
	return o.Metrics.FeedLag
}

// gauges adds the metrics that are read from the parts of the server.
func (o Observers) gauges(db *store.Store, bus *events.Bus, verifier *auth.Verifier, graphQL *graph.Handler) {
	if o.Metrics == nil {
		return
	}
	gauge := func(name, help string, read func() int) {
		o.Metrics.Gauge(name, help, func() float64 { return float64(read()) })
	}
	flag := func(set bool) int {
		if set {
			return 1
		}
		return 0
	}
	gauge("taskql_database_connections", "Connections to PostgreSQL that are open; 0 on SQLite.", func() int { return db.Usage().Open })
	gauge("taskql_database_connections_used", "Connections that a statement or a transaction uses; with SQLite, also those that wait for one.", func() int { return db.Usage().Used })
	gauge("taskql_database_connections_waiting", "Statements and transactions that wait for a connection; 0 on SQLite.", func() int { return db.Usage().Waiting })
	gauge("taskql_subscriptions", "Subscriptions that are open.", bus.Listeners)
	gauge("taskql_relay_connected", "Whether notifications of other processes are received: 1 or 0. Without subscriptions it is 0.", func() int { return flag(bus.Connected()) })
	replica := func() store.Replica { used, _ := db.Replica(); return used }
	gauge("taskql_replica_used", "Whether reads use the replica: 1 or 0.", func() int { return flag(replica().Up) })
	o.Metrics.Counter("taskql_replica_reads_total", "Reads that the replica has answered.", func() float64 { return float64(replica().Served) })
	o.Metrics.Counter("taskql_replica_behind_total", "Reads that the replica could not answer, because it had not received the user's last change.",
		func() float64 { return float64(replica().Behind) })
	gauge("taskql_streams", "WebSockets and event streams that are open.", graphQL.Streams)
	gauge("taskql_token_cache_entries", "Verified tokens in the cache.", verifier.Cached)
	gauge("taskql_document_cache_entries", "Parsed GraphQL documents in the cache.", graphQL.Documents)
}

// serveMetrics serves the metrics at the configured address until stop is called. A failure later than the start is logged: the API goes on.
func (o Observers) serveMetrics(c config.Config, log *slog.Logger) (stop func(), err error) {
	if o.Metrics == nil {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", c.MetricsAddress)
	if err != nil {
		return nil, fmt.Errorf("%s: the server cannot listen on %s: %w", config.MetricsAddress, c.MetricsAddress, errors.Unwrap(err))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", o.Metrics.Handler())
	server := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the metrics are no longer served", "error", err)
		}
	}()
	log.Info("metrics", "address", listener.Addr().String())
	return func() { _ = server.Close() }, nil
}
