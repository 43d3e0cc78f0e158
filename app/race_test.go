//go:build race

package app_test

// forgotten is how many allocations of a request the race detector adds: it has sync.Pool forget values at random.
const forgotten = 15
