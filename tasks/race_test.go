//go:build race

package tasks_test

// perThousand is how many steps of a thousand a long random test makes: with the race detector, which makes SQLite ten times
// slower, fewer.
const perThousand = 150
