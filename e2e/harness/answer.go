package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Answer is a whole response.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// ReadAnswer reads a response to its end and closes it.
func ReadAnswer(response *http.Response) (Answer, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, string(text)}, err
}

// JSON reads the body into dest.
func (a Answer) JSON(t testing.TB, dest any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), dest); err != nil {
		t.Fatalf("answer = %d %s: %v", a.Status, a.Body, err)
	}
}

// Data reads the data of a GraphQL response into dest. The test fails if there are errors beside it.
func (a Answer) Data(t testing.TB, dest any) {
	t.Helper()
	var response struct{ Data, Errors json.RawMessage }
	if err := json.Unmarshal([]byte(a.Body), &response); err != nil || response.Errors != nil {
		t.Fatalf("answer = %d %s, want data", a.Status, a.Body)
	}
	if err := json.Unmarshal(response.Data, dest); err != nil {
		t.Fatal(err)
	}
}

// Problem returns the first error of a GraphQL response, or three empty strings. The path has dots between its steps.
func (a Answer) Problem(t testing.TB) (code, message, path string) {
	t.Helper()
	var response struct {
		Errors []struct {
			Message    string
			Path       []any
			Extensions struct{ Code string }
		}
	}
	a.JSON(t, &response)
	if len(response.Errors) == 0 {
		return "", "", ""
	}
	first := response.Errors[0]
	var steps []string
	for _, step := range first.Path {
		steps = append(steps, fmt.Sprint(step))
	}
	return first.Extensions.Code, first.Message, strings.Join(steps, ".")
}
