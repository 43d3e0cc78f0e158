package rest

import "strings"

// base is the beginning of all paths of a base URL. It chooses the dialect, because it is the only thing that a front end can
// change without a change of its code. Each base has all routes, and an OpenAPI document of its own.
type base string

// The bases. At root the configuration chooses the dialect.
const (
	root     base = ""
	seedBase base = "/seed"
	webBase  base = "/web"
)

var bases = []base{root, seedBase, webBase}

// dialect returns the dialect of the base's paths. configured is that of root.
func (b base) dialect(configured Dialect) Dialect {
	switch b {
	case seedBase:
		return Seed
	case webBase:
		return Web
	}
	return configured
}

// withoutBase returns a path without the base before it.
func withoutBase(path string) string {
	for _, b := range bases {
		if rest, found := strings.CutPrefix(path, string(b)); found && b != root && strings.HasPrefix(rest, "/") {
			return rest
		}
	}
	return path
}
