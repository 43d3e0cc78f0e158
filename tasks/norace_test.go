//go:build !race

package tasks_test

// perThousand is how many steps of a thousand a long random test makes.
const perThousand = 1000
