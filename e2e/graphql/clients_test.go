package graphql

import (
	"testing"

	"taskql/e2e/harness"
)

// TestClients runs the Node tests in clients/ on a server of each kind of database: the GraphQL clients of front ends,
// and fetch for REST.
func TestClients(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients")
	harness.EachServer(t, func(t *testing.T, s *harness.Server) {
		harness.RunNode(t, s, "clients")
	})
}
