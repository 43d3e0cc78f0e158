//go:build unix

package backup

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// takeOwner gives the file at path the permissions of another one, and its owner if the program may do that. An administrator restores the file of
// a server that runs as another user.
func takeOwner(path string, of fs.FileInfo) error {
	err := os.Chmod(path, of.Mode().Perm())
	if stat, ok := of.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		err = errors.Join(err, os.Chown(path, int(stat.Uid), int(stat.Gid)))
	}
	return err
}
