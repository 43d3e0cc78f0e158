package models

// Query is the GraphQL query root, to which every mutation payload leads back. It holds nothing.
type Query struct{}
