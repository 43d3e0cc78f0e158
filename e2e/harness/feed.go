package harness

// Page is a TaskChangePage.
type Page struct {
	Changes        []Change
	NextToken      string
	HasMore, Reset bool
}

// Changes reads a page of taskChanges; since "" is none.
func (c *Client) Changes(since string, first int) Page {
	c.T.Helper()
	variables := []any{"first", first}
	if since != "" {
		variables = append(variables, "since", since)
	}
	var data struct{ TaskChanges Page }
	c.GraphQL(`query($since: SyncToken, $first: Int!) { taskChanges(since: $since, first: $first) {
		changes { `+changeFields+` } nextToken hasMore reset } }`, variables...).Data(c.T, &data)
	return data.TaskChanges
}

// SyncToken returns the sync token after all changes. The user must have at most 500 tasks.
func (c *Client) SyncToken() string {
	c.T.Helper()
	return c.Changes("", 500).NextToken
}
