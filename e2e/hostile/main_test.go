// Package hostile sends the dearest requests that the limits allow, and checks that other users do not wait for them.
package hostile

import (
	"os"
	"testing"

	"taskql/e2e/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
