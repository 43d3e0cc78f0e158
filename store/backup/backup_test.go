package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"taskql/store/backup"
	"taskql/store/storetest"
)

// TestStoppedCopy stops a copy. Nothing is left, and the next copy works.
func TestStoppedCopy(t *testing.T) {
	source := filepath.Join(t.TempDir(), "tasks.db")
	storetest.Exec(t, "sqlite:"+source, "CREATE TABLE task_migration (name text)", "INSERT INTO task_migration VALUES ('0001')")
	folder := t.TempDir()
	target := filepath.Join(folder, "backup.db")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := backup.Copy(stopped, source, target, func(int64, int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped copy = %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("a stopped copy has left %v, %v", left, err)
	}
	var done, total int64
	if err := backup.Copy(t.Context(), source, target, func(d, of int64) { done, total = d, of }); err != nil {
		t.Fatal(err)
	}
	if done == 0 || done != total {
		t.Errorf("the progress ends at %d of %d", done, total)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("a copy has made %v, %v, want one file", left, err)
	}
}
