package harness

import (
	"testing"
	"time"
)

// Eventually waits until a condition holds.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	if !WaitUntil(30*time.Second, condition) {
		t.Fatalf("it did not come about that %s", what)
	}
}

// WaitUntil waits until a condition holds, or false for as long as given.
func WaitUntil(most time.Duration, condition func() bool) bool {
	deadline := time.Now().Add(most)
	for !condition() {
		if time.Now().After(deadline) {
			return false
		}
		<-time.After(10 * time.Millisecond)
	}
	return true
}
