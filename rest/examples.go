package rest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"taskql/models"
	"taskql/rest/openapi"
	"taskql/transfer"
)

// sample is the task of the examples. The reference shows it as the encoder writes it.
func sample() *models.Task {
	description, kind := "The ones on the balcony, too", models.DueDay
	due := time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC)
	created := time.Date(2026, 1, 15, 17, 0, 0, 123456000, time.UTC)
	return &models.Task{
		ID: 1, UserID: "ada", Title: "Water the plants", Description: &description, Priority: models.PriorityMedium,
		Tags: []string{"home", "garden"}, Due: &due, DueKind: &kind, CreatedAt: created, UpdatedAt: created,
	}
}

func changedSample() *models.Task {
	t := sample()
	t.Title, t.UpdatedAt = "Water all plants", t.CreatedAt.Add(time.Hour)
	return t
}

func doneSample() *models.Task {
	t := sample()
	t.Completed, t.UpdatedAt = true, t.CreatedAt.Add(2*time.Hour)
	return t
}

// exported is the file that an export of the sample sends.
func exported(format transfer.Format) string {
	var b strings.Builder
	file := transfer.NewWriter(&b, format)
	if err := file.Write(sample()); err != nil {
		panic(err) // to memory
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// invalidRequests returns examples of invalid requests with the real responses, by the operation ID of their route.
func (d Dialect) invalidRequests() map[string][]openapi.Example {
	updates := append(invalidBodies(func(body string) error {
		_, err := d.readUpdate(nil, requestWith(body))
		return err
	}), longDescriptions())
	updates = append(updates, invalidID()...)
	return map[string][]openapi.Example{
		"listTasks":      d.invalidLists(),
		"createTask":     d.invalidCreates(),
		"exportTasks":    invalidFormats(),
		"getTask":        invalidID(),
		"replaceTask":    updates,
		"updateTask":     updates,
		"deleteTask":     invalidID(),
		"completeTask":   invalidCompletions(),
		"uncompleteTask": invalidID(),
	}
}

// invalid makes an example of the error of a reader, so that the document cannot differ from the server.
func invalid(name, summary string, err error) openapi.Example {
	list, ok := err.(validationErrors)
	if !ok {
		panic("rest: the example " + name + " is valid")
	}
	return openapi.Example{Name: name, Summary: summary, Value: struct {
		Detail validationErrors `json:"detail"`
	}{list}}
}

// invalidBodies returns examples of invalid task bodies with the errors that read reports.
func invalidBodies(read func(body string) error) []openapi.Example {
	var all []openapi.Example
	for _, c := range []struct{ name, summary, body string }{
		{"no_body", "No body", ``},
		{"json_invalid", "Malformed JSON", `{"title": "Water the plants`},
		{"repeated_key", "A key twice", `{"title": "Water the plants", "title": "Water them"}`},
		{"not_an_object", "No object", `["Water the plants"]`},
		{"title_no_string", "A title that is no string", `{"title": 5}`},
		{"title_empty", "An empty title", `{"title": ""}`},
		{"title_too_long", "A title of more than 200 characters", `{"title": "` + strings.Repeat("Water the plants ", 12) + `"}`},
		{"priority", "A word that is no priority", `{"title": "Water the plants", "priority": "x"}`},
		{"tags", "Tags that are no list", `{"title": "Water the plants", "tags": 5}`},
		{"due_date", "A text that is no date", `{"title": "Water the plants", "due_date": "tomorrow"}`},
		{"completed", "A word that is no boolean", `{"title": "Water the plants", "completed": "maybe"}`},
		{"several", "Several errors", `{"title": "", "priority": "x"}`},
	} {
		all = append(all, invalid(c.name, c.summary, read(c.body)))
	}
	return all
}

func invalidID() []openapi.Example {
	_, err := integer("abc", "path", "id")
	return []openapi.Example{invalid("id", "A path whose id is no integer", err)}
}

func invalidKeys() []openapi.Example {
	r := requestWith("")
	r.Header = http.Header{http.CanonicalHeaderKey(keyHeader): {"8e03978e"}}
	_, short := readKey(r)
	r.Header.Set(keyHeader, "8e03978e-40d5-43dd-bc93-6894a57f9324")
	return []openapi.Example{
		invalid("key_too_short", "An idempotency key of fewer than 16 characters", short),
		invalid("key_reused", "An idempotency key of another request", ruleErrors(models.IdempotencyKeyReused(), sentHeader(r))),
	}
}

func (d Dialect) invalidCreates() []openapi.Example {
	all := invalidBodies(func(body string) error {
		_, err := d.readCreate(nil, requestWith(body))
		return err
	})
	_, err := d.readCreate(nil, requestWith(`{"priority": "LOW"}`))
	quota := ruleErrors(models.QuotaExceeded(100_000), sentHeader(requestWith("")))
	all = append(all, invalid("title_missing", "No title", err), invalid("quota", "The limit of tasks is reached", quota), longDescriptions())
	return append(all, invalidKeys()...)
}

func longDescriptions() openapi.Example {
	quota := ruleErrors(models.DescriptionsExceeded(1_000, 100_000_000), sentHeader(requestWith("")))
	return invalid("quota_descriptions", "The limit of long descriptions is reached", quota)
}

func invalidFormats() []openapi.Example {
	_, err := readFormat(&http.Request{URL: &url.URL{RawQuery: "format=xml"}})
	return []openapi.Example{invalid("format", "An unknown format", err)}
}

func invalidCompletions() []openapi.Example {
	all := append(invalidID(), invalidKeys()...)
	for _, c := range []struct{ name, summary, body string }{
		{"json_invalid", "Malformed JSON", `{"completed": `},
		{"not_an_object", "No object", `[true]`},
		{"completed", "A word that is no boolean", `{"completed": "maybe"}`},
	} {
		_, err := readCompleted(nil, requestWith(c.body))
		all = append(all, invalid(c.name, c.summary, err))
	}
	return all
}

func (d Dialect) invalidLists() []openapi.Example {
	var all []openapi.Example
	for _, c := range []struct{ name, summary, query string }{
		{"due_date", "A text that is no date", "due_before=tomorrow"},
		{"limit", "A limit below 1", "limit=0"},
		{"limit_no_integer", "A limit that is no number", "limit=many"},
	} {
		_, err := d.readList(&http.Request{URL: &url.URL{RawQuery: c.query}})
		all = append(all, invalid(c.name, c.summary, err))
	}
	return all
}

func requestWith(body string) *http.Request {
	return &http.Request{URL: &url.URL{}, Body: io.NopCloser(strings.NewReader(body))}
}
