package graph

// SchemaText returns the GraphQL schema as SDL: the text of schema.graphqls.
func SchemaText() string { return sources[0].Input }
