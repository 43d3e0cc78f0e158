//go:build unix

package backup_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"taskql/store/backup"
)

// TestReplaceKeepsOwner replaces the file of a server that runs as another user.
func TestReplaceKeepsOwner(t *testing.T) {
	folder := t.TempDir()
	ready, target := filepath.Join(folder, "ready.db"), filepath.Join(folder, "tasks.db")
	for path, mode := range map[string]os.FileMode{ready: 0o600, target: 0o640} {
		if err := os.WriteFile(path, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	const other = 12345
	isRoot := os.Geteuid() == 0
	if isRoot {
		if err := os.Chown(target, other, other); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := backup.Replace(ready, target, time.Now()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(target)
	if err != nil || string(text) != ready {
		t.Errorf("the file has %q, %v", text, err)
	}
	file, err := os.Stat(target)
	if err != nil {
		t.Fatal(err)
	}
	if file.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, want that of before", file.Mode())
	}
	if owner := file.Sys().(*syscall.Stat_t); isRoot && (owner.Uid != other || owner.Gid != other) {
		t.Errorf("the owner is %d, group %d, want that of before", owner.Uid, owner.Gid)
	}
}
