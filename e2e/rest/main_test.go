package rest

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

func TestMain(m *testing.M) {
	// The number of random requests to each operation. The command line, which Main reads, has precedence.
	if err := flag.Set("rapid.checks", strconv.Itoa(storetest.Scale(30, 200))); err != nil {
		panic(err)
	}
	os.Exit(harness.Main(m))
}
