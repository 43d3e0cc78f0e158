// Package delivery tests what is built and configured to run taskql elsewhere.
package delivery

import (
	"os"
	"testing"

	"taskql/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
