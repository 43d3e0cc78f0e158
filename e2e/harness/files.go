package harness

import (
	"path/filepath"
	"runtime"
)

// File returns the absolute path of a file or directory, whose path in the repository is given.
func File(path string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", filepath.FromSlash(path))
}
