//go:build !linux && !darwin

package adopt

import "errors"

// FreeBytes fails: this operating system does not report it.
func FreeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
