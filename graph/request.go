package graph

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/jsonlimit"
	"taskql/models"
	"taskql/persisted"
)

// requestError is the error of a request that is not a well-formed GraphQL request, with the HTTP status.
type requestError struct {
	models.Error
	status int
}

func (e *requestError) printed() *gqlerror.Error {
	shown := printed(&e.Error)
	shown.Path = argumentPath(nil, e.Path)
	return shown
}

func badRequest(status int, message string) *requestError {
	return &requestError{models.Error{Code: models.CodeBadUserInput, Message: message}, status}
}

// HeadTooLarge answers a request whose headers are too large.
func HeadTooLarge(w http.ResponseWriter, r *http.Request) {
	err := badRequest(http.StatusRequestHeaderFieldsTooLarge, "The address and the headers of the request are too large.")
	replyTo(w, r).fail(err.status, printed(&err.Error))
}

// beyondLimit returns the error for JSON beyond a limit, at path. Like the validator's errors, its path calls a variable so.
func beyondLimit(what string, excess *jsonlimit.Error, path []string) *requestError {
	err := badRequest(http.StatusBadRequest, what+" has "+excess.Error()+".")
	if err.Path = path; len(path) > 0 && path[0] == "variables" {
		path[0] = "variable"
	}
	return err
}

// numbers decodes numbers as encoding/json's Number, which gqlgen expects. A Number keeps the digits of the request.
var numbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	number, err := d.ReadValue()
	*v = stdjson.Number(number)
	return err
}))

// isJSON reports whether a Content-Type is JSON in UTF-8.
func isJSON(contentType string) bool {
	if contentType == typeJSON { // the usual one, without the work of parsing it
		return true
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == typeJSON && (parameters["charset"] == "" || strings.EqualFold(parameters["charset"], "utf-8"))
}

// readBody reads a request by POST into params.
func readBody(w http.ResponseWriter, r *http.Request, params *graphql.RawParams) *requestError {
	if !isJSON(r.Header.Get("Content-Type")) {
		return badRequest(http.StatusUnsupportedMediaType, "Send the request as application/json in UTF-8.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return badRequest(http.StatusRequestEntityTooLarge, "The body has more than "+strconv.Itoa(maxBody)+" bytes.")
	}
	if err != nil {
		return badRequest(http.StatusBadRequest, "The body did not arrive whole.")
	}
	var request struct {
		Query         *string        `json:"query"`
		OperationName *string        `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
		persisted.IDs
	}
	if excess := jsonlimit.Check(body); excess != nil {
		return beyondLimit("The body", excess, excess.Path)
	}
	// This decoder rejects invalid UTF-8, lone surrogates and repeated names. encoding/json would accept and change them.
	if err := json.Unmarshal(body, &request, numbers); err != nil {
		return badRequest(http.StatusBadRequest, "The body is not a GraphQL request: "+where(err))
	}
	if request.Query != nil {
		params.Query = *request.Query
	}
	var named bool
	params.Variables = request.Variables
	params.Extensions, named = request.Put(request.Extensions, params.Query != "")
	if request.Query == nil && !named && request.Extensions["persistedQuery"] == nil {
		return badRequest(http.StatusBadRequest, "The body has no query, and names no document.")
	}
	if request.OperationName != nil {
		params.OperationName = *request.OperationName
	}
	return nil
}

// where describes the position and kind of an error in JSON. It does not quote the JSON.
func where(err error) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return "it is not well-formed JSON in UTF-8 at byte " + strconv.FormatInt(syntax.ByteOffset, 10) + "."
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		return "the value at " + string(semantic.JSONPointer) + " has the wrong type."
	}
	return "it must be a JSON object with query, operationName, variables and extensions."
}

// readQuery reads a request by GET into params.
func readQuery(r *http.Request, params *graphql.RawParams) *requestError {
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badRequest(http.StatusBadRequest, "The query string is not well-formed.")
	}
	for _, name := range append(persisted.IDNames(), "query", "operationName", "variables", "extensions") {
		if len(form[name]) > 1 || !utf8.ValidString(form.Get(name)) {
			return badRequest(http.StatusBadRequest, "The parameter "+name+" is given twice, or is not UTF-8.")
		}
	}
	params.Query, params.OperationName = form.Get("query"), form.Get("operationName")
	for name, target := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := form.Get(name); text != "" {
			if excess := jsonlimit.Check([]byte(text)); excess != nil {
				return beyondLimit("The parameter "+name, excess, append([]string{name}, excess.Path...))
			}
			if err := json.Unmarshal([]byte(text), target, numbers); err != nil {
				return badRequest(http.StatusBadRequest, "The parameter "+name+" is not a JSON object.")
			}
		}
	}
	var named bool
	ids := persisted.IDs{DocumentID: form.Get("documentId"), DocID: form.Get("doc_id"), ID: form.Get("id")}
	params.Extensions, named = ids.Put(params.Extensions, params.Query != "")
	if !form.Has("query") && !named && params.Extensions["persistedQuery"] == nil {
		return badRequest(http.StatusBadRequest, "The query string has no query, and names no document.")
	}
	return nil
}

// headerZone is the name of the request header with the default time zone of the operation.
const headerZone = "X-Time-Zone"

type zoneKey struct{}

// withZone returns a context with the time zone of the request's header. It fails with CodeBadUserInput if the name is
// not a time zone, because a result for the wrong day would be worse than an error.
func withZone(ctx context.Context, header http.Header) (context.Context, error) {
	name := header.Get(headerZone)
	if name == "" {
		return ctx, nil
	}
	zone, ok := models.ParseTimeZone(name)
	if !ok {
		return ctx, &models.Error{
			Code: models.CodeBadUserInput, Message: headerZone + " must be an IANA time zone name such as Europe/Berlin.",
		}
	}
	return context.WithValue(ctx, zoneKey{}, zone.Location), nil
}

// zone returns the time zone for a field: its argument, else that of the request's header, else UTC.
func zone(ctx context.Context, argument *models.TimeZone) *time.Location {
	if argument != nil {
		return argument.Location
	}
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return zone
	}
	return time.UTC
}
