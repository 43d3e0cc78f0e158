package harness

import (
	"path/filepath"
	"runtime"
)

// File returns the path of a file or directory of the repository, named by its path in it.
func File(path string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", filepath.FromSlash(path))
}
