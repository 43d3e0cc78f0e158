package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
)

// reference is what the REST reference says of each route, in the dialect that the server speaks.
type reference struct {
	dialect Dialect
	version string
}

// The tags, which group the routes.
const (
	tagTasks   = "tasks"
	tagUsers   = "users"
	tagService = "service"
)

const introduction = `Tasks over REST, in the shapes of the FastAPI backends that taskql stands in for: a front end that was
written for one of them works here with another base URL.

**Sign-in.** Every route under ` + "`/api`" + ` needs an access token: ` + "`Authorization: Bearer TOKEN`" + `. On ` + "`/docs`" + `, press
*Authorize* and paste the token, without the word Bearer. ` + "`{user_id}`" + ` in a path is the token's user, exactly as the
token has it, percent-encoded; another user's is answered with 403.

**Bodies** are JSON in UTF-8, read as such whatever the Content-Type says, up to 1 MiB. Fields and query parameters that
are not known are ignored. A repeated key is an error.

**Paths** answer with one trailing slash as well, without a redirect, and to HEAD where they answer to GET.

**Errors** are ` + "`{\"detail\": …}`" + `: a sentence, or with 422 a list with one item for each fault, as FastAPI and pydantic
write them. Checks go in this order: the token (401), the request's form (422), the path's user (403), the task (404).
Beyond what stands at each route, an unknown path is 404 ` + "`{\"detail\":\"Not Found\"}`" + `, and a method that a path does not
have is 405 ` + "`{\"detail\":\"Method Not Allowed\"}`" + ` with ` + "`Allow`" + `.

**Other origins** may call the API when the server's configuration lists them, credentials included. Their scripts can read
the headers ` + "`ETag`, `Link` and `X-Total-Count`" + `.`

// describe is the whole reference, made from the routes.
func (ref reference) describe(routes []route) *openapi3.T {
	doc := &openapi3.T{
		OpenAPI: "3.1.0",
		Info: &openapi3.Info{
			Title: "taskql", Version: ref.version, Summary: "A task backend: REST reference", Description: introduction,
		},
		Paths: openapi3.NewPaths(),
		Tags: openapi3.Tags{
			{Name: tagTasks, Description: "The user's tasks. A task that is deleted goes to the trash, which REST does not show."},
			{Name: tagUsers, Description: "Who the token is for."},
			{Name: tagService, Description: "Whether the server works, and this reference. No token is needed."},
		},
		Components: &openapi3.Components{
			Schemas:    ref.schemas(),
			Parameters: parameters(),
			Headers:    headers(),
			Responses:  problems(),
			SecuritySchemes: openapi3.SecuritySchemes{"HTTPBearer": {Value: openapi3.NewJWTSecurityScheme().WithDescription(
				"An access token: a JWT, from Better Auth's `/api/auth/token` or, in development, from `taskql token --user ID`.")}},
		},
	}
	for _, r := range routes {
		doc.AddOperation(r.path, r.method, r.documented())
		if r.alias != "" {
			doc.AddOperation(r.alias, r.method, r.documentedAlias())
		}
	}
	return doc
}

// documented is the route's documentation with what follows from the route itself.
func (r route) documented() *openapi3.Operation {
	operation := *r.doc
	if !r.open {
		operation.Security = openapi3.NewSecurityRequirements().With(openapi3.NewSecurityRequirement().Authenticate("HTTPBearer"))
	}
	return &operation
}

func (r route) documentedAlias() *openapi3.Operation {
	operation := r.documented()
	operation.OperationID += "Alias"
	operation.Summary += " (alias)"
	operation.Description = "The same as `" + r.path + "`.\n\n" + operation.Description
	return operation
}

// document is the reference as it is sent.
type document struct {
	body jsontext.Value
	etag string
}

func newDocument(doc *openapi3.T) document {
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err) // it is made of constants
	}
	sum := sha256.Sum256(body)
	return document{body, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func (a *adapter) openAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("ETag", a.reference.etag)
	w.Header().Set("Cache-Control", "no-cache") // it may be kept, and is asked for whether it is still the same
	if notModified(r, a.reference.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, a.reference.body)
}

func pageOf(page http.HandlerFunc) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		page(w, r)
		return nil
	}
}

// example is a named example of a body.
type example struct {
	name, summary string
	value         any
}

// content is a JSON body with its schema and examples.
func content(schema *openapi3.SchemaRef, examples ...example) openapi3.Content {
	media := openapi3.NewMediaType().WithSchemaRef(schema)
	media.Examples = openapi3.Examples{}
	for _, e := range examples {
		media.Examples[e.name] = &openapi3.ExampleRef{Value: &openapi3.Example{Summary: e.summary, Value: e.value}}
	}
	return openapi3.Content{"application/json": media}
}

// body is a request body. It is as good as required where the route refuses to do without.
func body(schema string, required bool, examples ...example) *openapi3.RequestBodyRef {
	return &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithRequired(required).WithContent(content(schemaRef(schema), examples...))}
}

func schemaRef(name string) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("#/components/schemas/"+name, nil)
}
