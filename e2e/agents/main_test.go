// Package agents tests the Model Context Protocol with its official clients.
package agents

import (
	"os"
	"testing"

	"taskql/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
