package openapi

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

func (a API) taskStats() *operation {
	return &operation{
		OperationID: "taskStats", Tags: []string{tagTasks},
		Summary:     "Count tasks",
		Description: "How many tasks the user has, how many are open and how many done. Those in the trash do not count.",
		Parameters:  uses("user_id"),
		Responses: answers(
			http.StatusOK, "The numbers.",
			content(named("Stats"), Example{"stats", "Some tasks", jsontext.Value(`{"total":12,"pending":5,"completed":7}`)}),
			nil, nil, http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

func (a API) currentUser() *operation {
	return &operation{
		OperationID: "currentUser", Tags: []string{tagUsers},
		Summary:     "Who the token is for",
		Description: "The user as the token describes them. A field is null if the token does not have it.",
		Responses: answers(
			http.StatusOK, "The user.",
			content(named("User"),
				Example{"user", "A token with claims", jsontext.Value(`{"id":"ada","email":"ada@example.com","name":"Ada Lovelace","created_at":"2026-01-15T17:00:00.000Z"}`)},
				Example{"id", "A token that has only the id", jsontext.Value(`{"id":"ada","email":null,"name":null,"created_at":null}`)}),
			nil, nil, http.StatusUnauthorized,
		),
	}
}

func (a API) userProfile() *operation {
	return &operation{
		OperationID: "userProfile", Tags: []string{tagUsers},
		Summary:     "The user and their numbers",
		Description: "The user as the token describes them, and how many tasks they have.",
		Parameters:  uses("user_id"),
		Responses: answers(
			http.StatusOK, "The profile.",
			content(named("Profile"), Example{"profile", "A profile", jsontext.Value(
				`{"user":{"id":"ada","email":"ada@example.com","name":"Ada Lovelace"},"stats":{"total_tasks":12,"completed_tasks":7,"pending_tasks":5}}`)}),
			nil, nil, http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

func (a API) health() *operation {
	return a.state("health", "Whether the server works", "Asks the database, for at most two seconds.")
}

func (a API) ready() *operation {
	return a.state("ready", "Whether requests can be served",
		"As `/health`, and 503 as well until the auth server's keys were read once: before that, no token can be checked.")
}

func (a API) state(id, summary, description string) *operation {
	said := func(description, word string) *response {
		return &response{Description: description, Content: content(named("Health"), Example{word, word, map[string]string{
			"status": word, "service": "taskql",
		}})}
	}
	return &operation{
		OperationID: id, Tags: []string{tagService}, Summary: summary, Description: description,
		Responses: responses{
			"200": said("It does.", "healthy"),
			"503": said("The server does not work, or not yet.", "unhealthy"),
		},
	}
}

func (a API) openAPI() *operation {
	operation := page("openAPI", "This reference, for programs", "The OpenAPI 3.1 document that `/docs` and `/redoc` show.",
		contents{"application/json": {Schema: object()}})
	operation.Parameters = uses("If-None-Match")
	operation.Responses.get(http.StatusOK).Headers = usesHeaders("ETag")
	operation.Responses.set(http.StatusNotModified, &response{Description: "The document still matches `If-None-Match`. There is no body."})
	return operation
}

func (a API) swaggerUI() *operation {
	return page("docs", "This reference, to try out", "Swagger UI. *Authorize* keeps the token in this browser.", webPage())
}

func (a API) reDoc() *operation {
	return page("redoc", "This reference, to read", "ReDoc.", webPage())
}

func page(id, summary, description string, content contents) *operation {
	return &operation{
		OperationID: id, Tags: []string{tagService}, Summary: summary, Description: description,
		Responses: responses{"200": {Description: summary + ".", Content: content}},
	}
}

func webPage() contents {
	return contents{"text/html": {Schema: text()}}
}
