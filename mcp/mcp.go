// Package mcp is the transport for agents: the Model Context Protocol, with a tool for each operation on tasks.
package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/reqlog"
	"taskql/share"
	"taskql/tasks"
)

// Options configure the server. Service and Log are required.
type Options struct {
	Service *tasks.Service
	// Budget limits what each user's calls cost. nil is no limit.
	Budget *budget.Budgets
	// Turns are taken by calls; nil is no limit.
	Turns   *share.Turns
	Log     *slog.Logger
	Version string
}

// instructions tell an agent what the tools are for.
const instructions = "These tools read and change the task list of one user. Use list_tasks to find the id of a task before you change it. " +
	"delete_task moves a task to the trash, from where restore_task brings it back."

// maxArguments is the size of the arguments of a call in bytes.
const maxArguments = 256 << 10

// newServer returns a server with all tools. The user of a call is that of its context.
func newServer(o Options) *sdk.Server {
	server := sdk.NewServer(&sdk.Implementation{Name: "taskql", Title: "Tasks", Version: o.Version}, &sdk.ServerOptions{
		Instructions: instructions, Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}},
	})
	tools := allTools()
	for _, t := range tools {
		server.AddTool(t.described(), o.handler(t))
	}
	server.AddReceivingMiddleware(onlyTools(tools))
	return server
}

// onlyTools refuses calls of other tools.
func onlyTools(tools []tool) sdk.Middleware {
	return func(next sdk.MethodHandler) sdk.MethodHandler {
		return func(ctx context.Context, method string, request sdk.Request) (sdk.Result, error) {
			if called, ok := request.GetParams().(*sdk.CallToolParamsRaw); ok && !slices.ContainsFunc(tools, func(t tool) bool { return t.name == called.Name }) {
				return nil, &jsonrpc.Error{
					Code: jsonrpc.CodeInvalidParams, Message: fmt.Sprintf("There is no tool %.100q.", called.Name), Data: json.RawMessage(`{"code":"` + models.CodeBadUserInput + `"}`),
				}
			}
			return next(ctx, method, request)
		}
	}
}

// NewHandler serves the protocol over streamable HTTP, without sessions and with answers in JSON. The caller authenticates the requests
// and checks the origins of pages.
func NewHandler(o Options) http.Handler {
	server := newServer(o)
	return o.admit(sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody, PropagateRequestCancellation: true,
		// Behind a proxy on the same machine, all requests come from it and are for the name of the proxy. Pages whose names lead here are
		// refused by their Origin, which is the caller's part.
		DisableLocalhostProtection: true,
	}))
}

// Serve serves the protocol on standard input and output for one user, until the client closes it or ctx ends.
func Serve(ctx context.Context, o Options, user *auth.User) error {
	return newServer(o).Run(auth.NewContext(ctx, user), &sdk.StdioTransport{})
}

// handler returns the SDK's handler of a tool: it checks the arguments, charges the call to its user, and turns errors into results that
// a model can read.
func (o Options) handler(t tool) sdk.ToolHandler {
	return func(ctx context.Context, request *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		reqlog.Add(ctx, slog.String("tool", t.name))
		result, err := o.call(ctx, t, request.Params.Arguments)
		if err != nil {
			return o.failed(ctx, err), nil
		}
		text, err := json.Marshal(result)
		if err != nil {
			return nil, err
		}
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: string(text)}}, StructuredContent: json.RawMessage(text)}, nil
	}
}

func (o Options) call(ctx context.Context, t tool, raw json.RawMessage) (any, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if request, ok := ctx.Value(requestKey{}).(context.Context); ok {
		ctx = request
	}
	call, err := t.asked(user, raw)
	if err != nil {
		if refused := o.Budget.Charge(user.ID, 1); refused != nil {
			return nil, refused
		}
		return nil, err
	}
	reqlog.Add(ctx, slog.Int("cost", call.cost))
	if refused := o.Budget.Charge(user.ID, call.cost); refused != nil {
		return nil, refused
	}
	done, err := o.Turns.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return call.run(ctx, o.Service)
}

// asked returns the call of the tool with arguments.
func (t tool) asked(user *auth.User, raw json.RawMessage) (asked call, err error) {
	args, err := t.read(raw)
	if err != nil {
		return call{}, err
	}
	// The assignment that agents of this family were written for gives each tool the id of the user.
	if id := args.text("user_id"); id != nil && *id != user.ID {
		return call{}, &models.Error{Code: models.CodeForbidden, Message: "user_id must be the user of the access token, or left out.", Path: []string{"user_id"}}
	}
	if err := args.err; err != nil {
		return call{}, err
	}
	asked = t.prepare(args)
	return asked, args.err
}

// fault is an error in a result.
type fault struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Path    []string `json:"path,omitempty"`
	// RetryAfter is in seconds.
	RetryAfter int `json:"retry_after,omitempty"`
}

// failed returns the result of a call that failed. It never contains a text of the database or the runtime.
func (o Options) failed(ctx context.Context, err error) *sdk.CallToolResult {
	var faults []fault
	if refused, ok := err.(models.UserErrors); ok {
		for _, one := range refused {
			d := models.Detail(one)
			faults = append(faults, fault{Code: string(d.Code), Message: d.Message, Path: argumentPath(d.Field)})
		}
	} else {
		public, internal := models.Public(err)
		if internal {
			o.Log.ErrorContext(ctx, "internal error", "id", reqlog.ID(ctx), "error", err)
		}
		faults = []fault{{string(public.Code), public.Message, public.Path, public.RetryAfter}}
	}
	reqlog.SetCode(ctx, faults[0].Code)
	text, _ := json.Marshal(struct { // it has texts and numbers only
		Errors []fault `json:"errors"`
	}{faults})
	// There is no structured content: clients check it with the schema of the tool's results.
	return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: string(text)}}}
}

// argumentPath returns the path of an argument for that of a field of an input: the rules call the input "input" and the id "id".
func argumentPath(field []string) []string {
	switch {
	case len(field) == 0:
		return nil
	case field[0] == "input":
		return field[1:]
	case field[0] == "id":
		return append([]string{"task_id"}, field[1:]...)
	}
	return field
}
