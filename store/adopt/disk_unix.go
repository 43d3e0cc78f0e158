//go:build linux || darwin

package adopt

import "syscall"

// FreeBytes returns the free space of the file system of a file, in bytes.
func FreeBytes(path string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}
