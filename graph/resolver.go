// Package graph is the GraphQL transport: it reads requests, calls one operation of tasks for each
// field and writes the answers.
package graph

import (
	"log/slog"

	"taskql/tasks"
)

// Resolver is the root of the resolvers. Its fields must not have the names of fields in the schema, which they would
// shadow.
type Resolver struct {
	Service *tasks.Service
	Log     *slog.Logger

	documents *documents
}
