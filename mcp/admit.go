package mcp

import (
	"bytes"
	"cmp"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"taskql/auth"
	"taskql/jsonlimit"
	"taskql/models"
	"taskql/reqlog"
	"taskql/respond"
)

// The limits of a request. The SDK handles all messages of a request at once, and some cost it a hundred times their length.
const (
	maxBody     = 4 << 20 // bytes
	maxMessages = 20
)

// message is a message of JSON-RPC, as far as admit looks into it.
type message struct {
	Method string         `json:"method"`
	Params jsontext.Value `json:"params"`
}

// callMethod is the method that calls a tool.
const callMethod = "tools/call"

// callsOf reports whether the message calls one of the tools.
func (m message) callsOf(tools []tool) bool {
	var params struct {
		Name string `json:"name"`
	}
	return m.Method == callMethod && json.Unmarshal(m.Params, &params) == nil &&
		slices.ContainsFunc(tools, func(t tool) bool { return t.name == params.Name })
}

// refusal is a request that the SDK does not get.
type refusal struct {
	status, code int
	message      string
}

// requestKey is the key of the context of the HTTP request. The SDK calls tools of older clients in one that does not end with the request.
type requestKey struct{}

// admit passes on requests within the limits, and charges their users for everything but calls of tools, which charge their
// own costs. It answers all others itself, in JSON-RPC, and replaces the texts of the SDK's errors: they quote the request and the decoder.
func (o Options) admit(next http.Handler) http.Handler {
	tools := allTools()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := auth.ID(r.Context())
		messages, refused := read(w, r)
		units := 1
		if refused == nil {
			units = 0
			for _, m := range messages {
				if !m.callsOf(tools) {
					units++
				}
			}
		}
		for range units {
			if err := o.Budget.Charge(user, 1); err != nil {
				o.Budget.Describe(w.Header(), user, err.RetryAfter)
				w.Header().Set("Retry-After", strconv.Itoa(err.RetryAfter))
				refuse(w, r, refusal{http.StatusTooManyRequests, codeRefused, err.Message}, err.Code)
				return
			}
		}
		if refused != nil {
			refuse(w, r, *refused, models.CodeBadUserInput)
			return
		}
		answer := &captured{header: w.Header()}
		next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), requestKey{}, r.Context())))
		respond.NoStore(w.Header())
		o.Budget.Describe(w.Header(), user, 0)
		status := cmp.Or(answer.status, http.StatusOK)
		switch isJSON := isJSON(w.Header().Get("Content-Type")); {
		case status >= http.StatusBadRequest && !isJSON:
			refuse(w, r, refusal{status, jsonrpc.CodeInvalidRequest, "The request is not one of this protocol: see its method, the headers Accept and MCP-Protocol-Version, and its messages."}, models.CodeBadUserInput)
		case isJSON:
			respond.Encode(r, withoutTexts(answer.body.Bytes())).Send(w, status)
		default:
			w.WriteHeader(status)
		}
	})
}

// read reads the messages of a request, and puts its body back.
func read(w http.ResponseWriter, r *http.Request) ([]message, *refusal) {
	invalid := func(status int, format string, args ...any) ([]message, *refusal) {
		return nil, &refusal{status, jsonrpc.CodeInvalidRequest, fmt.Sprintf(format, args...)}
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return invalid(http.StatusMethodNotAllowed, "Use POST: the server has no sessions and no streams.")
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return invalid(http.StatusUnsupportedMediaType, "Send the request as application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return invalid(http.StatusRequestEntityTooLarge, "The body has more than %d bytes.", maxBody)
	}
	if err != nil {
		return invalid(http.StatusBadRequest, "The body did not arrive whole.")
	}
	messages := make([]message, 1)
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] == '[' {
		err = json.Unmarshal(body, &messages)
	} else {
		err = json.Unmarshal(body, &messages[0])
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return nil, &refusal{http.StatusBadRequest, jsonrpc.CodeParseError, fmt.Sprintf("The body is not well-formed JSON in UTF-8 at byte %d.", syntax.ByteOffset)}
	case err != nil || len(messages) == 0:
		return invalid(http.StatusBadRequest, "The body is no message of JSON-RPC.")
	case len(messages) > maxMessages:
		return invalid(http.StatusBadRequest, "The body has more than %d messages.", maxMessages)
	case slices.ContainsFunc(messages, func(m message) bool { return m.Method == "subscriptions/listen" }): // it would wait for changes of the tools
		return invalid(http.StatusBadRequest, "The server has no subscriptions for agents.")
	}
	for _, m := range messages {
		if err := jsonlimit.Check(m.Params); err != nil && m.Method != callMethod { // which reports the path of the argument
			return invalid(http.StatusBadRequest, "The params have %v.", err)
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return messages, nil
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}

// codeRefused is the code of JSON-RPC for what the server does not do now.
const codeRefused = -32000

// failure is an error of JSON-RPC. Data is a fault, or what the SDK has written.
type failure struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    jsontext.Value `json:"data,omitzero"`
}

// refuse writes an error of JSON-RPC without an id.
func refuse(w http.ResponseWriter, r *http.Request, refused refusal, code models.Code) {
	reqlog.SetCode(r.Context(), string(code))
	text, _ := stdjson.Marshal(struct { // it has texts and numbers only
		Version string             `json:"jsonrpc"`
		ID      stdjson.RawMessage `json:"id"`
		Error   failure            `json:"error"`
	}{"2.0", stdjson.RawMessage("null"), failure{refused.code, refused.message, jsontext.Value(`{"code":"` + code + `"}`)}})
	w.Header().Set("Content-Type", "application/json")
	respond.Encode(r, text).Send(w, refused.status)
}

// The texts of errors by their codes. The SDK's own codes have texts about the protocol only.
var texts = map[int]string{
	jsonrpc.CodeParseError:     "The message is not valid JSON.",
	jsonrpc.CodeInvalidRequest: "The message is not valid for this version of the protocol.",
	jsonrpc.CodeMethodNotFound: "There is no such method.",
	jsonrpc.CodeInvalidParams:  "The params are not valid for the method and the version of the protocol.",
	jsonrpc.CodeInternalError:  "The server has failed.",
}

// withoutTexts returns an answer with other texts for the SDK's errors, which have no data.
func withoutTexts(body []byte) []byte {
	if !bytes.Contains(body, []byte(`"error":`)) { // texts in JSON have their quotes escaped
		return body
	}
	type answer struct {
		Version string         `json:"jsonrpc"`
		ID      jsontext.Value `json:"id,omitzero"`
		Result  jsontext.Value `json:"result,omitzero"`
		Error   *failure       `json:"error,omitzero"`
	}
	answers := make([]answer, 1)
	isList := body[0] == '['
	err := error(nil)
	if isList {
		err = json.Unmarshal(body, &answers)
	} else {
		err = json.Unmarshal(body, &answers[0])
	}
	if err != nil {
		panic(err) // a bug: the SDK has written it
	}
	for _, a := range answers {
		if a.Error == nil || a.Error.Data != nil {
			continue
		}
		if a.Error.Code == 0 { // the SDK has none for params that it cannot decode
			a.Error.Code = jsonrpc.CodeInvalidParams
		}
		if text, known := texts[a.Error.Code]; known {
			a.Error.Message, a.Error.Data = text, jsontext.Value(`{"code":"`+models.CodeBadUserInput+`"}`)
		}
	}
	var text []byte
	if isList {
		text, err = json.Marshal(answers)
	} else {
		text, err = json.Marshal(answers[0])
	}
	if err != nil {
		panic(err)
	}
	return text
}

// captured is the SDK's answer.
type captured struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *captured) Header() http.Header                  { return c.header }
func (c *captured) WriteHeader(status int)               { c.status = cmp.Or(c.status, status) }
func (c *captured) Write(part []byte) (n int, err error) { return c.body.Write(part) }
