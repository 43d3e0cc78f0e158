package graph

import (
	"bytes"
	stdjson "encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

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

// The media types of responses, per the GraphQL-over-HTTP specification. typeJSON is the default. With typeJSON, a
// well-formed request that is not valid GraphQL gets the status 200.
const (
	typeResponse = "application/graphql-response+json"
	typeJSON     = "application/json"
)

// overHTTP serves GraphQL over POST, and queries also over GET, per the GraphQL-over-HTTP specification. It replaces
// gqlgen's transports because those repeat a malformed body in the response, accept invalid UTF-8 and repeated names,
// and encode the encoded data again.
type overHTTP struct {
	turns  *share.Turns
	budget *budget.Budgets
}

// Supports returns true for every request. overHTTP is the last transport, so that a malformed request gets a response
// with an error code.
func (overHTTP) Supports(*http.Request) bool { return true }

func (o overHTTP) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	reply := replyTo(w, r)
	reply.budget = o.budget
	params := graphql.RawParams{Headers: r.Header, ReadTime: graphql.TraceTiming{Start: graphql.Now()}}
	var err *requestError
	switch r.Method {
	case http.MethodPost:
		err = readBody(w, r, &params)
	case http.MethodGet, http.MethodHead:
		err = readQuery(r, &params)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		err = badRequest(http.StatusMethodNotAllowed, "Use POST, or GET for queries.")
	}
	if err != nil {
		reply.malformed(err)
		return
	}
	params.ReadTime.End = graphql.Now()
	ctx, zoneErr := withZone(r.Context(), r.Header)
	if zoneErr != nil {
		public, _ := models.Public(zoneErr)
		reply.fail(http.StatusBadRequest, printed(public))
		return
	}
	done, waited := o.turns.Take(ctx)
	if waited != nil {
		reply.refuse(waited)
		return
	}
	defer done()
	operation, errs := executor.CreateOperationContext(ctx, &params)
	if errs != nil {
		done()
		status := http.StatusBadRequest
		if reply.mediaType == typeJSON {
			status = http.StatusOK
		}
		if isRateLimited(errs) {
			status = http.StatusTooManyRequests
		}
		reply.write(status, executor.DispatchError(graphql.WithOperationContext(ctx, operation), errs))
		return
	}
	if operation.Operation.Operation == ast.Subscription {
		reply.fail(http.StatusNotAcceptable, printed(&models.Error{
			Code: models.CodeBadUserInput, Message: "A subscription is answered with server-sent events, to Accept: " + typeEvents + ", or over a WebSocket.",
		}))
		return
	}
	if r.Method != http.MethodPost && operation.Operation.Operation != ast.Query {
		w.Header().Set("Allow", "POST")
		reply.fail(http.StatusMethodNotAllowed, printed(&models.Error{
			Code: models.CodeBadUserInput, Message: "GET is for queries. Send mutations with POST.",
		}))
		return
	}
	responses, ctx := executor.DispatchOperation(ctx, operation)
	response := responses(ctx)
	status := executedStatus(operation.Operation.Operation, response)
	if status == models.Status(models.CodeCanceled) {
		reqlog.SetCode(ctx, string(models.CodeCanceled))
		return // the client has disconnected
	}
	answer := reply.ready(status, response)
	done()
	answer.send()
}

// executedStatus returns the HTTP status of an operation that was executed. It is 200 also for errors, unless the whole operation could not
// be done in time or at all.
func executedStatus(kind ast.Operation, response *graphql.Response) int {
	if response.Data != nil || len(response.Errors) == 0 {
		return http.StatusOK
	}
	extensions := response.Errors[0].Extensions
	switch code := extensions["code"]; code {
	case models.CodeTimeout, models.CodeUnavailable, models.CodeCanceled:
		first := models.Error{Code: code.(models.Code)}
		if kind == ast.Query { // of a mutation a part may have been done
			first.RetryAfter, _ = extensions[extensionRetryAfter].(int)
		}
		return first.Status()
	}
	return http.StatusOK
}

// refuse writes the error of a request that was not begun.
func (r reply) refuse(err error) {
	public, _ := models.Public(err)
	if public.Code == models.CodeCanceled {
		reqlog.SetCode(r.r.Context(), string(public.Code))
		return // the client has disconnected
	}
	if public.Code == models.CodeRateLimited && public.RetryAfter == 0 {
		public.RetryAfter = 1
	}
	r.fail(public.Status(), printed(public))
}

// malformed writes the error of a request that cannot be read, which costs as much as the cheapest operation.
func (r reply) malformed(err *requestError) {
	if refused := r.budget.Charge(auth.ID(r.r.Context()), 1); refused != nil {
		r.refuse(refused)
		return
	}
	r.fail(err.status, err.printed())
}

// mediaType chooses one of types by the Accept headers (RFC 9110, section 12.5.1). It returns the type with the
// greatest weight. Among equal weights, the first in the headers wins. The default is types[0].
func mediaType(headers []string, types ...string) string {
	switch { // the usual headers need no parsing
	case len(headers) == 0, len(headers) == 1 && headers[0] == "*/*":
		return types[0]
	case len(headers) == 1 && slices.Contains(types, headers[0]):
		return headers[0]
	}
	chosen, most := types[0], 0.0
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		offered, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || !slices.Contains(types, offered) {
			continue
		}
		weight := 1.0
		if given, found := parameters["q"]; found {
			if q, err := strconv.ParseFloat(given, 64); err == nil {
				weight = q
			}
		}
		if weight > most {
			chosen, most = offered, weight
		}
	}
	return chosen
}

// contentTypes are the headers of the media types.
var contentTypes = map[string][]string{typeJSON: {typeJSON + "; charset=utf-8"}, typeResponse: {typeResponse + "; charset=utf-8"}}

// reply writes responses in one media type.
type reply struct {
	w         http.ResponseWriter
	r         *http.Request
	mediaType string
	// budget describes the user's budget in each response; it may be nil.
	budget *budget.Budgets
}

// replyTo returns a reply in the media type that the request accepts.
func replyTo(w http.ResponseWriter, r *http.Request) reply {
	return reply{w, r, mediaType(r.Header.Values("Accept"), typeJSON, typeResponse), nil}
}

func (reply reply) fail(status int, err *gqlerror.Error) {
	reply.write(status, &graphql.Response{Errors: gqlerror.List{err}})
}

func (reply reply) write(status int, response *graphql.Response) {
	reply.ready(status, response).send()
}

// answered is a response that is ready to be sent.
type answered struct {
	reply
	status   int
	response *graphql.Response
	body     respond.Body
	// tag is the entity tag of an answer to GET. Other answers have none.
	tag string
}

// ready encodes and compresses a response. That takes time on a processor, and sending it may take as long as the client reads.
func (reply reply) ready(status int, response *graphql.Response) answered {
	body, err := encode(response)
	if err != nil {
		panic(err) // a bug: every part of a response can be encoded
	}
	a := answered{reply: reply, status: status, response: response}
	if reply.r.Method != http.MethodPost && status == http.StatusOK && len(response.Errors) == 0 {
		a.tag = respond.Tag(body)
		if respond.NotModified(reply.r, a.tag) {
			a.status = http.StatusNotModified
			return a
		}
	}
	a.body = respond.Encode(reply.r, body)
	return a
}

func (a answered) send() {
	response, header, retryAfter := a.response, a.w.Header(), 0
	if len(response.Errors) > 0 {
		extensions := response.Errors[0].Extensions
		reqlog.SetCode(a.r.Context(), codeOf(response))
		if retryAfter, _ = extensions[extensionRetryAfter].(int); retryAfter > 0 {
			header.Set("Retry-After", strconv.Itoa(retryAfter))
		}
	}
	a.budget.Describe(header, auth.ID(a.r.Context()), retryAfter)
	if a.tag != "" {
		header.Set("ETag", a.tag)
		respond.Revalidate(header)
	}
	if a.status == http.StatusNotModified {
		header.Add("Vary", "Accept, Accept-Encoding")
		a.w.WriteHeader(a.status)
		return
	}
	header.Add("Vary", "Accept")
	header["Content-Type"] = contentTypes[a.mediaType]
	a.body.Send(a.w, a.status)
}

// encode returns the JSON of a response. It copies the data, which is encoded already and which an encoder would parse
// again. The result has no data if nothing was executed (GraphQL specification, section 7.1).
func encode(response *graphql.Response) ([]byte, error) {
	body := append(make([]byte, 0, len(response.Data)+len(`{"data":}`)), '{')
	part := func(name string) {
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(append(body, '"'), name...), `":`...)
	}
	if len(response.Errors) > 0 {
		text, err := encodeValue(response.Errors)
		if err != nil {
			return nil, err
		}
		part("errors")
		body = append(body, text...)
	}
	if response.Data != nil {
		part("data")
		body = append(body, response.Data...)
	}
	if len(response.Extensions) > 0 {
		text, err := encodeValue(response.Extensions)
		if err != nil {
			return nil, err
		}
		part("extensions")
		body = append(body, text...)
	}
	return append(body, '}'), nil
}

func encodeValue(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := stdjson.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
