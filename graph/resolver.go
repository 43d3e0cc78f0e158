// Package graph is the GraphQL transport: it reads requests, calls one operation of tasks for each field and writes answers.
package graph


// Resolver is what the resolvers work with.
type Resolver struct{}
