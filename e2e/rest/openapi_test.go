package rest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/errors"

	"taskql/e2e/harness"
)

// contract is the OpenAPI document of a server.
type contract struct {
	validator validator.Validator
	// operations are in the order of their names.
	operations []operation
}

// operation is an operation of the document.
type operation struct {
	id, method, path string
	parameters       []parameter
	// bodies are the examples of the request body by name; nil when the route takes none.
	bodies   map[string]string
	schema   map[string]any
	statuses []int
}

type parameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Schema   map[string]any
}

// has reports whether the operation documents a status.
func (o operation) has(status int) bool { return slices.Contains(o.statuses, status) }

// takes reports whether the operation has a parameter.
func (o operation) takes(name string) bool {
	return slices.ContainsFunc(o.parameters, func(p parameter) bool { return p.Name == name })
}

// readContract reads the document from the server and checks that it is valid OpenAPI 3.1.
func readContract(t *testing.T, s *harness.Server) *contract {
	t.Helper()
	got := s.Anonymous().Send("GET", "/openapi.json", "")
	if got.Status != http.StatusOK || got.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET /openapi.json = %d %v", got.Status, got.Header)
	}
	document, err := libopenapi.NewDocument([]byte(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if _, problems := v.ValidateDocument(); len(problems) > 0 {
		t.Fatalf("the document is not valid:\n%s", words(problems))
	}
	return &contract{v, readOperations(t, got)}
}

func readOperations(t *testing.T, document harness.Answer) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []parameter
			RequestBody *struct {
				Content map[string]struct {
					Schema   map[string]any
					Examples map[string]struct{ Value json.RawMessage }
				}
			}
			Responses map[string]json.RawMessage
		}
		Components struct {
			Parameters map[string]parameter
			Schemas    map[string]map[string]any
		}
	}
	document.JSON(t, &doc)
	var all []operation
	for path, methods := range doc.Paths {
		for method, it := range methods {
			o := operation{id: it.OperationID, method: strings.ToUpper(method), path: path}
			for _, p := range it.Parameters {
				if name, shared := strings.CutPrefix(p.Ref, "#/components/parameters/"); shared {
					p = doc.Components.Parameters[name]
				}
				p.Schema = inlined(p.Schema, doc.Components.Schemas)
				o.parameters = append(o.parameters, p)
			}
			if it.RequestBody != nil {
				media := it.RequestBody.Content["application/json"]
				o.schema = inlined(media.Schema, doc.Components.Schemas)
				o.bodies = map[string]string{}
				for name, example := range media.Examples {
					o.bodies[name] = string(example.Value)
				}
			}
			for status := range it.Responses {
				code, err := strconv.Atoi(status)
				if err != nil {
					t.Fatalf("%s has the status %q", o.id, status)
				}
				o.statuses = append(o.statuses, code)
			}
			slices.Sort(o.statuses)
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return all
}

// inlined returns a schema with the schemas that it refers to in place of the references.
func inlined(schema map[string]any, schemas map[string]map[string]any) map[string]any {
	all := map[string]any{}
	if name, refers := schema["$ref"].(string); refers {
		maps.Copy(all, inlined(schemas[strings.TrimPrefix(name, "#/components/schemas/")], schemas))
	}
	var each func(value any) any
	each = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			return inlined(value, schemas)
		case []any:
			list := make([]any, len(value))
			for i, one := range value {
				list[i] = each(one)
			}
			return list
		default:
			return value
		}
	}
	for keyword, value := range schema {
		if keyword != "$ref" {
			all[keyword] = each(value)
		}
	}
	return all
}

// check checks the status, headers and body of a response against the document.
func (c *contract) check(o operation, url string, got harness.Answer) error {
	request, err := http.NewRequest(o.method, url, nil)
	if err != nil {
		return err
	}
	response := &http.Response{
		StatusCode: got.Status, Header: got.Header, Body: io.NopCloser(bytes.NewReader([]byte(got.Body))), Request: request,
	}
	if !o.has(got.Status) {
		return fmt.Errorf("the document has no %d for %s", got.Status, o.id)
	}
	if got.Body == "" && got.Status == http.StatusNotModified {
		return nil // of which the library wants a body
	}
	if ok, problems := c.validator.ValidateHttpResponse(request, response); !ok {
		return fmt.Errorf("the answer is not as the document says:\n%s", words(problems))
	}
	return nil
}

// words returns the problems that the library reports, one on a line.
func words(problems []*errors.ValidationError) string {
	var all strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&all, "%s: %s\n", p.Message, p.Reason)
		for _, failure := range p.SchemaValidationErrors {
			fmt.Fprintf(&all, "  %s: %s\n", failure.FieldPath, failure.Reason)
		}
	}
	return all.String()
}

// ofUnknownKey returns a token whose key only the auth server may know.
func ofUnknownKey(t *testing.T, user string) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewBuilder().Subject(user).Expiration(time.Now().Add(time.Hour)).Build()
	if err != nil {
		t.Fatal(err)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, "unknown"); err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA, key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}
