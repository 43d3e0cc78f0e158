package graph

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/reqlog"
	"taskql/respond"
	"taskql/share"
)

const typeEvents = "text/event-stream"

// IsStream reports whether the Accept header of a request prefers server-sent events to JSON. Some clients, such as
// urql, accept both in their queries and prefer JSON.
func IsStream(r *http.Request) bool {
	return mediaType(r.Header.Values("Accept"), typeJSON, typeResponse, typeEvents) == typeEvents
}

// overEvents serves GraphQL over server-sent events, in the distinct connections mode of the
// graphql-sse protocol. Each request has its own stream. The stream has next events and ends with a complete event.
type overEvents struct {
	// stopping is canceled when the shutdown begins.
	stopping context.Context
	streams  *streams
	turns    *share.Turns
	budget   *budget.Budgets
	log      *slog.Logger
}

func (overEvents) Supports(r *http.Request) bool {
	return IsStream(r) && (r.Method == http.MethodGet || r.Method == http.MethodPost)
}

type streamKey struct{}

// stream is the state of a subscription over server-sent events.
type stream struct {
	// since is the Last-Event-ID header, nil without one. A client sends it to resume an interrupted stream.
	since *string

	mu sync.Mutex
	// tokens are the sync tokens of events that are not written yet.
	tokens []string
}

// push adds the sync token of an event that follows.
func (s *stream) push(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = append(s.tokens, token)
}

// next removes and returns the sync token of the next event. It returns "" if the event has none.
func (s *stream) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens) == 0 {
		return ""
	}
	token := s.tokens[0]
	s.tokens = s.tokens[1:]
	return token
}

func (t overEvents) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	reply := reply{w, r, typeJSON, t.budget}
	params := graphql.RawParams{Headers: r.Header, ReadTime: graphql.TraceTiming{Start: graphql.Now()}}
	var err *requestError
	if r.Method == http.MethodPost {
		err = readBody(w, r, &params)
	} else {
		err = readQuery(r, &params)
	}
	if err != nil {
		reply.malformed(err)
		return
	}
	params.ReadTime.End = graphql.Now()
	s := &stream{}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		s.since = &id
	}
	ctx, zoneErr := withZone(context.WithValue(r.Context(), streamKey{}, s), r.Header)
	if zoneErr != nil {
		public, _ := models.Public(zoneErr)
		reply.fail(http.StatusBadRequest, printed(public))
		return
	}
	done, waited := t.turns.Take(ctx)
	if waited != nil {
		reply.refuse(waited)
		return
	}
	defer done()
	events := newEventWriter(w)
	operation, errs := executor.CreateOperationContext(ctx, &params)
	if errs != nil {
		done()
		response := executor.DispatchError(graphql.WithOperationContext(ctx, operation), errs)
		if isRateLimited(errs) {
			reply.write(http.StatusTooManyRequests, response)
			return
		}
		t.budget.Describe(w.Header(), auth.ID(ctx), 0)
		events.only(response)
		return
	}
	t.budget.Describe(w.Header(), auth.ID(ctx), 0)
	switch kind := operation.Operation.Operation; {
	case kind == ast.Subscription:
		done() // a stream takes long, and is idle most of the time
		t.subscribe(ctx, reply, s, events, executor, operation)
	case kind == ast.Mutation && r.Method == http.MethodGet:
		events.only(&graphql.Response{Errors: gqlerror.List{printed(&models.Error{
			Code: models.CodeBadUserInput, Message: "GET is for queries and subscriptions. Send mutations with POST.",
		})}})
	default:
		responses, ctx := executor.DispatchOperation(ctx, operation)
		response := responses(ctx)
		done()
		events.only(response)
	}
}

// subscribe streams a subscription until the session of its user ends, if the user and the server may have another stream.
func (t overEvents) subscribe(ctx context.Context, reply reply, s *stream, events *eventWriter, executor graphql.GraphExecutor, operation *graphql.OperationContext) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		panic(err) // a bug: ServeHTTP authenticates
	}
	if !t.streams.begin() {
		t.streams.refuse(reply)
		return
	}
	defer t.streams.end()
	if err := t.streams.beginFor(user.ID); err != nil {
		public, _ := models.Public(err)
		reply.fail(models.Status(public.Code), printed(public))
		return
	}
	defer t.streams.endFor(user.ID)
	ctx, cancel := user.Session(ctx)
	defer cancel()
	t.stream(ctx, s, events, executor, operation)
}

// stream writes each response of a subscription as an event. It also writes a comment every socketPing, so that proxies
// do not close the idle connection. It ends with ctx, and when the shutdown begins.
func (t overEvents) stream(ctx context.Context, s *stream, events *eventWriter, executor graphql.GraphExecutor, operation *graphql.OperationContext) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.stopping, cancel)()
	responses, ctx := executor.DispatchOperation(ctx, operation)
	coming := make(chan []byte)
	go func() {
		defer close(coming)
		defer recovered(ctx, t.log)
		for {
			response := responses(ctx)
			if response == nil {
				return
			}
			// Encode the response before the next call of responses, which reuses its memory.
			event, err := nextEvent(s.next(), response)
			if err != nil {
				return
			}
			select {
			case coming <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	ping := time.NewTicker(socketPing)
	defer ping.Stop()
	for err := events.open(); err == nil; {
		select {
		case event, more := <-coming:
			if !more {
				events.complete()
				return
			}
			err = events.write(event)
		case <-ping.C:
			err = events.write(comment)
		case <-ctx.Done():
			events.complete()
			return
		}
	}
	// A write failed: the client has disconnected or does not read.
}

// recovered recovers from a panic in a goroutine of a stream and logs it. The stream ends, but the process does not.
func recovered(ctx context.Context, log *slog.Logger) {
	if panicked := recover(); panicked != nil {
		log.ErrorContext(ctx, "internal error", "id", reqlog.ID(ctx), "error", recoverer(ctx, panicked))
	}
}

// eventWriter writes server-sent events (HTML Standard, section 9.2).
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

var comment = []byte(":\n\n")

func newEventWriter(w http.ResponseWriter) *eventWriter {
	return &eventWriter{w, http.NewResponseController(w)}
}

// open sends the response headers and a comment, so that the client knows at once that the stream is open.
func (e *eventWriter) open() error {
	header := e.w.Header()
	header.Add("Vary", "Accept")
	header.Set("Content-Type", typeEvents+"; charset=utf-8")
	respond.NoStore(header)
	header.Set("X-Accel-Buffering", "no") // nginx buffers responses by default
	e.w.WriteHeader(http.StatusOK)
	return e.write(comment)
}

// write sends text at once. It fails if the client does not read it within writeTimeout.
func (e *eventWriter) write(text []byte) error {
	// The error is ignored because the response recorder of tests does not support deadlines.
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := e.w.Write(text); err != nil {
		return err
	}
	return e.control.Flush()
}

func (e *eventWriter) complete() {
	_ = e.write([]byte("event: complete\ndata:\n\n")) // an error means that the client has disconnected
}

// only writes a stream with a single response.
func (e *eventWriter) only(response *graphql.Response) {
	event, err := nextEvent("", response)
	if err != nil {
		panic(err) // a bug: every part of a response can be encoded
	}
	if e.open() == nil && e.write(event) == nil { // an error means that the client has disconnected
		e.complete()
	}
}

// nextEvent returns a next event with the response. The event has no id if id is "".
func nextEvent(id string, response *graphql.Response) ([]byte, error) {
	body, err := encode(response)
	if err != nil {
		return nil, err
	}
	event := "event: next\n"
	if id != "" {
		event += "id: " + id + "\n"
	}
	return []byte(event + "data: " + string(body) + "\n\n"), nil
}
