package openapi

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
)

func (a API) taskStats() *openapi3.Operation {
	return &openapi3.Operation{
		OperationID: "taskStats", Tags: []string{tagTasks},
		Summary:     "Count tasks",
		Description: "How many tasks the user has, how many are open and how many done. Those in the trash do not count.",
		Parameters:  uses("user_id"),
		Responses: answers(
			http.StatusOK, "The numbers.",
			content(schemaRef("Stats"), Example{"stats", "Some tasks", jsontext.Value(`{"total":12,"pending":5,"completed":7}`)}),
			nil, nil, http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

func (a API) currentUser() *openapi3.Operation {
	return &openapi3.Operation{
		OperationID: "currentUser", Tags: []string{tagUsers},
		Summary:     "Who the token is for",
		Description: "The user as the token describes them. A field is null if the token does not have it.",
		Responses: answers(
			http.StatusOK, "The user.",
			content(schemaRef("User"),
				Example{"user", "A token with claims", jsontext.Value(`{"id":"ada","email":"ada@example.com","name":"Ada Lovelace","created_at":"2026-01-15T17:00:00.000Z"}`)},
				Example{"id", "A token that has only the id", jsontext.Value(`{"id":"ada","email":null,"name":null,"created_at":null}`)}),
			nil, nil, http.StatusUnauthorized,
		),
	}
}

func (a API) userProfile() *openapi3.Operation {
	return &openapi3.Operation{
		OperationID: "userProfile", Tags: []string{tagUsers},
		Summary:     "The user and their numbers",
		Description: "The user as the token describes them, and how many tasks they have.",
		Parameters:  uses("user_id"),
		Responses: answers(
			http.StatusOK, "The profile.",
			content(schemaRef("Profile"), Example{"profile", "A profile", jsontext.Value(
				`{"user":{"id":"ada","email":"ada@example.com","name":"Ada Lovelace"},"stats":{"total_tasks":12,"completed_tasks":7,"pending_tasks":5}}`)}),
			nil, nil, http.StatusUnauthorized, http.StatusForbidden,
		),
	}
}

func (a API) health() *openapi3.Operation {
	return a.state("health", "Whether the server works", "Asks the database, for at most two seconds.")
}

func (a API) ready() *openapi3.Operation {
	return a.state("ready", "Whether requests can be served",
		"As `/health`, and 503 as well until the auth server's keys were read once: before that, no token can be checked.")
}

func (a API) state(id, summary, description string) *openapi3.Operation {
	said := func(word string) openapi3.Content {
		return content(schemaRef("Health"), Example{word, word, map[string]string{
			"status": word, "service": "taskql",
		}})
	}
	response := func(description, word string) *openapi3.ResponseRef {
		return &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription(description).WithContent(said(word))}
	}
	return &openapi3.Operation{
		OperationID: id, Tags: []string{tagService}, Summary: summary, Description: description,
		Responses: openapi3.NewResponses(
			openapi3.WithStatus(http.StatusOK, response("It does.", "healthy")),
			openapi3.WithStatus(http.StatusServiceUnavailable, response("The server does not work, or not yet.", "unhealthy")),
		),
	}
}

func (a API) openAPI() *openapi3.Operation {
	operation := page("openAPI", "This reference, for programs", "The OpenAPI 3.1 document that `/docs` and `/redoc` show.",
		openapi3.Content{"application/json": openapi3.NewMediaType().WithSchema(openapi3.NewObjectSchema())})
	operation.Parameters = uses("If-None-Match")
	operation.Responses.Value("200").Value.Headers = usesHeaders("ETag")
	operation.Responses.Set("304", &openapi3.ResponseRef{Value: openapi3.NewResponse().
		WithDescription("The document still matches `If-None-Match`. There is no body.")})
	return operation
}

func (a API) swaggerUI() *openapi3.Operation {
	return page("docs", "This reference, to try out", "Swagger UI. *Authorize* keeps the token in this browser.", webPage())
}

func (a API) reDoc() *openapi3.Operation {
	return page("redoc", "This reference, to read", "ReDoc.", webPage())
}

func page(id, summary, description string, content openapi3.Content) *openapi3.Operation {
	return &openapi3.Operation{
		OperationID: id, Tags: []string{tagService}, Summary: summary, Description: description,
		Responses: openapi3.NewResponses(openapi3.WithStatus(http.StatusOK, &openapi3.ResponseRef{
			Value: openapi3.NewResponse().WithDescription(summary + ".").WithContent(content),
		})),
	}
}

func webPage() openapi3.Content {
	return openapi3.Content{"text/html": openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())}
}
