package agents

import (
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestOfficialClients runs the Node tests in clients/agents: the client of the TypeScript SDK, and the inspector.
func TestOfficialClients(t *testing.T) {
	t.Parallel()
	harness.InstallClients(t, "clients/agents")
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	harness.RunNode(t, s, "clients/agents", "TASKQL_PROGRAM="+harness.Build(t), "TASKQL_FOLDER="+t.TempDir())
}
