// Package graph is the GraphQL transport: it reads requests, calls one operation of tasks for each
// field and writes the answers.
package graph

import (
	"log/slog"

	"taskql/tasks"
)

// Resolver is what the resolvers work with. (A field named like one of the schema's would hide it.)
type Resolver struct {
	Service *tasks.Service
	Log     *slog.Logger
}
