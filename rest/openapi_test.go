package rest

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// TestDocument wants the reference of each base to be valid, its examples as their schemas say,
// and its paths to be those that are served.
func TestDocument(t *testing.T) {
	for _, base := range bases {
		dialect := base.dialect(Seed)
		page := func(string) http.Handler { return nil }
		pages := []Page{{Path: "/docs", OperationID: "docs", Handler: page}, {Path: "/redoc", OperationID: "redoc", Handler: page}}
		routes := (&adapter{Options: Options{Pages: pages}}).routes()
		body := newDocument(base, writer{dialect, "pending"}, routes).body
		doc, err := openapi3.NewLoader().LoadFromData(body)
		if err != nil {
			t.Fatal(err)
		}
		checkExamples(t, string(base), body, doc)
		var served, documented []string
		for _, r := range routes {
			for _, path := range r.paths() {
				served = append(served, r.method+" "+path)
			}
		}
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				documented = append(documented, method+" "+path)
				checkComplete(t, method+" "+path, operation)
			}
		}
		slices.Sort(served)
		slices.Sort(documented)
		if !slices.Equal(served, documented) {
			t.Errorf("%s: the routes are %q, the reference has %q", dialect, served, documented)
		}
		for _, part := range slices.Concat(
			prefixed("schemas", maps.Keys(doc.Components.Schemas)), prefixed("parameters", maps.Keys(doc.Components.Parameters)),
			prefixed("headers", maps.Keys(doc.Components.Headers)), prefixed("responses", maps.Keys(doc.Components.Responses)),
		) {
			if !strings.Contains(string(body), `"#/components/`+part+`"`) {
				t.Errorf("%s: nothing refers to %s", dialect, part)
			}
		}
	}
}

func prefixed(kind string, names iter.Seq[string]) (all []string) {
	for name := range names {
		all = append(all, kind+"/"+name)
	}
	return all
}

// checkExamples wants the examples of all responses to be as their schemas say. (Those of requests
// are sent to the server, in the tests of the whole program.)
func checkExamples(t *testing.T, server string, body []byte, doc *openapi3.T) {
	t.Helper()
	document, err := libopenapi.NewDocument(body)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				media := response.Value.Content.Get("application/json")
				if media == nil {
					continue
				}
				for name, example := range media.Examples {
					text, err := json.Marshal(example.Value.Value)
					if err != nil {
						t.Fatal(err)
					}
					r := httptest.NewRequest(method, server+strings.NewReplacer("{", "", "}", "").Replace(path), nil)
					w := httptest.NewRecorder()
					w.Header().Set("Content-Type", "application/json")
					for name, header := range response.Value.Headers {
						w.Header().Set(name, fmt.Sprint(header.Value.Example))
					}
					code, _ := strconv.Atoi(status)
					w.WriteHeader(code)
					_, _ = w.Write(text)
					if ok, problems := v.GetResponseBodyValidator().ValidateResponseBody(r, w.Result()); !ok {
						t.Errorf("%s %s: the example %s of %s: %v", method, path, name, status, problems[0])
					}
				}
			}
		}
	}
}

// checkComplete wants what a reader needs: a description of each route, parameter and response, the
// parameters of the path, and an example of each JSON body.
func checkComplete(t *testing.T, name string, o *openapi3.Operation) {
	t.Helper()
	if o.Description == "" || o.Summary == "" || o.OperationID == "" || len(o.Tags) != 1 {
		t.Errorf("%s has no description, summary, operation ID or tag", name)
	}
	for _, p := range o.Parameters {
		if p.Value.Description == "" || p.Value.Example == nil && p.Value.Schema.Value.Examples == nil && p.Value.Schema.Value.Enum == nil {
			t.Errorf("%s: the parameter %s has no description or no example", name, p.Value.Name)
		}
	}
	for _, step := range strings.Split(name, "/") {
		if in, variable := strings.CutPrefix(step, "{"); variable && o.Parameters.GetByInAndName("path", strings.TrimSuffix(in, "}")) == nil {
			t.Errorf("%s does not describe %s", name, step)
		}
	}
	contents := map[string]openapi3.Content{}
	if o.RequestBody != nil {
		contents["the request"] = o.RequestBody.Value.Content
	}
	for status, response := range o.Responses.Map() {
		if *response.Value.Description == "" {
			t.Errorf("%s: %s has no description", name, status)
		}
		contents[status] = response.Value.Content
	}
	for what, content := range contents {
		if media := content.Get("application/json"); media != nil && len(media.Examples) == 0 && o.OperationID != "openAPI" {
			t.Errorf("%s: %s has no example", name, what)
		}
	}
	if slices.Contains([]string{"createTask", "replaceTask", "updateTask"}, o.OperationID) && contents["422"].Get("application/json").Examples["quota_descriptions"] == nil {
		t.Errorf("%s has no example of a description beyond the quota", name)
	}
}
