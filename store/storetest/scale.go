package storetest

import "os"

// Scale returns how much of something a test does: full under `make test-long`, which sets TEST_LONG, and else small.
// Both must reach every branch that the test is about.
func Scale(small, full int) int {
	if os.Getenv("TEST_LONG") != "" {
		return full
	}
	return small
}
