//go:build !race

package app_test

const forgotten = 0
