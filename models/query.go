package models

// Query is the GraphQL query root, which every mutation payload also has as a field. It has no data of its own.
type Query struct{}
