// Package openapi builds the OpenAPI 3.1 document of the REST API.
package openapi

import (
	"encoding/json"
	"strconv"
	"strings"
)

// API is what the document describes, as the server knows it. The texts and examples are the server's own, so that the
// document cannot promise others.
type API struct {
	// Base is what the paths of the described routes begin with, before those of Routes: "", /seed or /web.
	Base string
	// Web is set when tasks are written in the dialect web.
	Web bool
	// PriorityWords are the words for priorities beside the three, as they are written.
	PriorityWords []string
	// OpenStatus is the word of the dialect web for an open task.
	OpenStatus string
	// MaxLimit is the largest limit of a list.
	MaxLimit float64
	// Details are the texts of errors by their status.
	Details map[int]string
	// Task, ChangedTask and DoneTask are the task of the examples as the server encodes it.
	Task, ChangedTask, DoneTask any
	// ExportJSON and ExportCSV are files with that task.
	ExportJSON, ExportCSV string
	// Invalid are the answers to invalid requests by operation ID.
	Invalid map[string][]Example
	Routes  []Route
}

// Route is one route of the API. The document describes it by its operation ID.
type Route struct {
	Method, Path, OperationID string
	// Aliases are other paths of the same operation.
	Aliases []string
	// Open routes need no token.
	Open bool
}

// Example is a named example of a body.
type Example struct {
	Name, Summary string
	Value         any
}

// The tags, which group the routes.
const (
	tagTasks   = "tasks"
	tagUsers   = "users"
	tagService = "service"
)

// version is that of the API. Answers do not tell the version of the program.
const version = "1"

const introduction = `Tasks over REST, in the shapes of the FastAPI backends that taskql replaces: a front end that was
written for one of them works here with another base URL.

**Sign-in.** Every route under ` + "`/api`" + ` needs an access token: ` + "`Authorization: Bearer TOKEN`" + `. On ` + "`/docs`" + `, press
*Authorize* and paste the token, without the word Bearer. ` + "`{user_id}`" + ` in a path is the token's user, exactly as the
token has it, percent-encoded; another user's is answered with 403.

**Bodies** are JSON in UTF-8, read as such whatever the Content-Type says, up to 1 MiB. Fields and query parameters that
are not known are ignored. A repeated key is an error.

**Paths** also work with one trailing slash, without a redirect. Where GET works, HEAD does.

**Errors** are ` + "`{\"detail\": …}`" + `: a sentence, or with 422 a list with one item for each validation error, as FastAPI and pydantic
write them. Checks go in this order: the token (401), the request's form (422), the path's user (403), the task (404).
Beyond what stands at each route, an unknown path is 404 ` + "`{\"detail\":\"Not Found\"}`" + `, a method that a path does not
have is 405 ` + "`{\"detail\":\"Method Not Allowed\"}`" + ` with ` + "`Allow`" + `, and headers of more than 64 KiB are 431.

**Other origins** may call the API when the server's configuration lists them, credentials included. Their scripts can read
the headers ` + "`ETag`, `Link` and `X-Total-Count`" + `.`

// Document returns the OpenAPI 3.1 document as JSON. It panics if a route has an unknown operation ID.
func Document(a API) []byte {
	body, err := json.Marshal(a.document())
	if err != nil {
		panic(err) // the document is made of constants
	}
	return body
}

func (a API) document() *spec {
	doc := &spec{
		OpenAPI: "3.1.0",
		Info: info{
			Title: "taskql", Version: version, Summary: "A task backend: REST reference", Description: introduction + "\n\n" + a.dialects(),
		},
		Paths: map[string]map[string]*operation{},
		Tags: []tag{
			{Name: tagTasks, Description: "The user's tasks. A task that is deleted goes to the trash, which REST does not show."},
			{Name: tagUsers, Description: "Who the token is for."},
			{Name: tagService, Description: "Whether the server works, and this reference. No token is needed."},
		},
		Components: components{
			Schemas:    a.schemas(),
			Parameters: parameters(),
			Headers:    headers(),
			Responses:  a.problems(),
			SecuritySchemes: map[string]securityScheme{"HTTPBearer": {
				Type: "http", Scheme: "bearer", BearerFormat: "JWT",
				Description: "An access token: a JWT, from Better Auth's `/api/auth/token` or, in development, from `taskql token --user ID`.",
			}},
		},
	}
	if a.Base != "" {
		doc.Servers = []server{{URL: a.Base}}
	}
	operations := a.operations()
	for _, r := range a.Routes {
		operation := operations[r.OperationID]
		if operation == nil {
			panic("openapi: the operation " + r.OperationID + " is not described")
		}
		if !r.Open {
			operation.Security = []map[string][]string{{"HTTPBearer": {}}}
		}
		doc.add(r.Path, r.Method, operation)
		for i, path := range r.Aliases {
			doc.add(path, r.Method, aliased(operation, r.Path, i+1))
		}
	}
	return doc
}

// dialects says which dialect the document describes, and where the other one is.
func (a API) dialects() string {
	name := "seed"
	if a.Web {
		name = "web"
	}
	here := "**Dialects.** The base URL chooses how tasks are written. This page is about the dialect `" + name + "`, "
	if a.Base == "" {
		here += "which this server speaks at paths that begin with `/api`. "
	} else {
		here += "which paths that begin with `" + a.Base + "/api` always have. "
	}
	return here + "Paths below `/seed` always have the dialect `seed`, with priorities in capitals and tags as a string, and those below " +
		"`/web` always `web`: priorities in lower case, tags as a list, camel-case names beside the others. Each has a page of its own: " +
		"[/seed/docs](/seed/docs), [/web/docs](/web/docs). Use a base URL that ends with `/web` for a front end that shows a white page " +
		"after its first task (`tags.map is not a function`), has empty priority badges or filters, or loses its dates."
}

// add describes an operation of a path.
func (s *spec) add(path, method string, o *operation) {
	if s.Paths[path] == nil {
		s.Paths[path] = map[string]*operation{}
	}
	s.Paths[path][strings.ToLower(method)] = o
}

// operations returns the descriptions of all operations by their IDs.
func (a API) operations() map[string]*operation {
	all := map[string]*operation{}
	for _, operation := range []*operation{
		a.listTasks(), a.createTask(), a.exportTasks(), a.getTask(), a.replaceTask(), a.updateTask(), a.deleteTask(),
		a.completeTask(), a.uncompleteTask(), a.taskStats(), a.userProfile(), a.currentUser(),
		a.health(), a.ready(), a.swaggerUI(), a.reDoc(), a.openAPI(),
	} {
		all[operation.OperationID] = operation
	}
	return all
}

// aliased is the description of an operation under its alias n, from 1.
func aliased(operation *operation, path string, n int) *operation {
	alias := *operation
	alias.OperationID += "Alias"
	if n > 1 {
		alias.OperationID += strconv.Itoa(n)
	}
	alias.Summary += " (alias)"
	alias.Description = "The same as `" + path + "`.\n\n" + alias.Description
	return &alias
}

// content is a JSON body with its schema and examples.
func content(schema *schema, examples ...Example) contents {
	media := &mediaType{Schema: schema, Examples: map[string]example{}}
	for _, e := range examples {
		media.Examples[e.Name] = example{Summary: e.Summary, Value: e.Value}
	}
	return contents{"application/json": media}
}

// body is a request body. It is required if the route refuses requests without one.
func body(schema string, required bool, examples ...Example) *requestBody {
	return &requestBody{Required: required, Content: content(named(schema), examples...)}
}
