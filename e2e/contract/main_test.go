package contract

import (
	"os"
	"testing"

	"taskql/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
