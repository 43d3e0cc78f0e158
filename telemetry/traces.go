package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"taskql/reqlog"
)

// Traces makes the spans of one server and sends them to a collector.
type Traces struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	database   attribute.KeyValue
}

// NewTraces returns traces to the collector that the standard OTEL_ variables in environ name. database is "postgresql" or "sqlite". Spans are sent in the
// background; those that the collector does not take in time are dropped, so that it costs no request anything. The caller calls Close.
func NewTraces(ctx context.Context, environ map[string]string, version, database string, log *slog.Logger) (*Traces, error) {
	exporter, err := newExporter(ctx, environ)
	if err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces cannot be sent", "error", err) }))
	// What the variables say has precedence: the last one wins.
	described, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName("taskql"), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return newTraces(sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described)), database), nil
}

// newExporter returns what sends spans to the collector.
func newExporter(ctx context.Context, environ map[string]string) (*otlptrace.Exporter, error) {
	// The SDK knows the environment of the process only, not the file .env.
	for name, value := range environ {
		if _, set := os.LookupEnv(name); !set {
			if err := os.Setenv(name, value); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	return exporter, nil
}

// CheckTraces sends one span, named taskql check, to the collector, and waits for its answer.
func CheckTraces(ctx context.Context, environ map[string]string) error {
	exporter, err := newExporter(ctx, environ)
	if err != nil {
		return err
	}
	now := time.Now()
	span := tracetest.SpanStub{
		Name: "taskql check", StartTime: now, EndTime: now,
		SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled}),
	}
	if err := exporter.ExportSpans(ctx, tracetest.SpanStubs{span}.Snapshots()); err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: the collector takes no traces: %w", err)
	}
	return exporter.Shutdown(ctx)
}

func newTraces(provider *sdktrace.TracerProvider, database string) *Traces {
	return &Traces{
		provider: provider, tracer: provider.Tracer("taskql"),
		propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
		database:   semconv.DBSystemNameKey.String(database),
	}
}

// Close sends the spans that are left, until ctx ends.
func (t *Traces) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Middleware makes a span for each request, as a child of the client's span if it sends one (W3C Trace Context). The log line gets its ids. Probes
// have none.
func (t *Traces) Middleware(next http.Handler) http.Handler {
	return otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		span := trace.SpanFromContext(r.Context())
		if spanContext := span.SpanContext(); spanContext.IsSampled() {
			reqlog.Add(r.Context(), slog.String("trace_id", spanContext.TraceID().String()), slog.String("span_id", spanContext.SpanID().String()))
		}
		// Deferred, so that a request that panics has its route, too.
		defer func() {
			if route := reqlog.Route(r.Context()); route != "" {
				span.SetName(spanName("", r))
				span.SetAttributes(semconv.HTTPRoute(route))
			}
		}()
		next.ServeHTTP(w, r)
	}), "",
		otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(noop.NewMeterProvider()), otelhttp.WithPropagators(t.propagator),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/health" && r.URL.Path != "/ready" }),
		otelhttp.WithSpanNameFormatter(spanName))
}

// spanName has the route if it is known, which is after the request was served. otelhttp asks for it again only if it has seen the
// pattern, which middleware that copies the request hides from it.
func spanName(_ string, r *http.Request) string {
	if route := reqlog.Route(r.Context()); route != "" {
		return knownMethod(r.Method) + " " + route
	}
	return knownMethod(r.Method)
}

// Operation begins the span of a GraphQL operation (semantic conventions for GraphQL servers). The document is not in it: it may contain
// the users' texts.
func (t *Traces) Operation(ctx context.Context, kind, name string, cost int) (context.Context, func(code string)) {
	attributes := []attribute.KeyValue{semconv.GraphQLOperationTypeKey.String(kind), attribute.Int("taskql.cost", cost)}
	title := kind
	if name != "" {
		title += " " + name
		attributes = append(attributes, semconv.GraphQLOperationName(name))
	}
	ctx, span := t.tracer.Start(ctx, title, trace.WithAttributes(attributes...))
	return ctx, func(code string) {
		if code != "" {
			span.SetAttributes(semconv.ErrorTypeKey.String(code))
			span.SetStatus(codes.Error, code)
		}
		span.End()
	}
}

// Field begins the span of a root field.
func (t *Traces) Field(ctx context.Context, object, field string) (context.Context, func()) {
	ctx, span := t.tracer.Start(ctx, object+"."+field)
	return ctx, func() { span.End() }
}

// Statement begins the span of a statement (semantic conventions for database clients). Its text is not in it: parts of it may be what users
// have written.
func (t *Traces) Statement(ctx context.Context, text string) (context.Context, func(error)) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, func(error) {} // work in the background has no spans of its own
	}
	word := verb(text)
	ctx, span := t.tracer.Start(ctx, word, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(t.database, semconv.DBOperationName(word)))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}
