package harness

import (
	"testing"
	"time"
)

// Patience is how long a test waits for what must happen. It is long, because a busy machine is no failure.
const Patience = 2 * time.Minute

// Eventually waits until a condition holds, and ends the test if it does not.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	if !WaitUntil(Patience, condition) {
		t.Fatalf("not within %v: %s", Patience, what)
	}
}

// WaitUntil waits until a condition holds. It reports false if it does not within a time.
func WaitUntil(most time.Duration, condition func() bool) bool {
	for deadline := time.Now().Add(most); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
