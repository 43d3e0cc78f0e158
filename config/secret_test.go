package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"taskql/auth"
	"taskql/config"
)

const secretFile = "taskql.secret"

func TestDevelopmentSecret(t *testing.T) {
	dir := t.TempDir()
	if none, err := config.DevelopmentSecret(dir, false); err != nil || none != "" {
		t.Errorf("DevelopmentSecret before there is one = %q, %v, want none", none, err)
	}
	first, err := config.DevelopmentSecret(dir, true)
	if err != nil || len(first) < auth.MinSecret || strings.TrimSpace(first) != first {
		t.Fatalf("DevelopmentSecret = %d bytes, %v, want %d or more", len(first), err, auth.MinSecret)
	}
	info, err := os.Stat(filepath.Join(dir, secretFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %o, want 600", got)
	}
	for _, create := range []bool{true, false} {
		if again, err := config.DevelopmentSecret(dir, create); err != nil || again != first {
			t.Errorf("DevelopmentSecret again differs, %v, want the same", err)
		}
	}
	if other, err := config.DevelopmentSecret(t.TempDir(), true); err != nil || other == first {
		t.Errorf("DevelopmentSecret elsewhere is the same, %v, want another", err)
	}
	onlyTheSecret(t, dir)
}

// onlyTheSecret checks that the directory contains no other file.
func onlyTheSecret(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != secretFile {
		t.Errorf("directory = %v, %v, want %s alone", entries, err, secretFile)
	}
}

func TestDevelopmentSecretOfManyAtOnce(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var secrets [8]string
		var wg sync.WaitGroup
		for i := range secrets {
			wg.Go(func() {
				var err error
				if secrets[i], err = config.DevelopmentSecret(dir, true); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i, secret := range secrets {
			if secret != secrets[0] || len(secret) < auth.MinSecret {
				t.Fatalf("DevelopmentSecret of call %d differs from that of the first, want the same for all", i)
			}
		}
		onlyTheSecret(t, dir)
	}
}

func TestDevelopmentSecretIsReadAsItIs(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, secretFile, "  "+secret+"\n\n")
	if got, err := config.DevelopmentSecret(dir, true); err != nil || got != secret {
		t.Errorf("DevelopmentSecret = %q, %v, want the file's", got, err)
	}
}

func TestDevelopmentSecretRefuses(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "blank": strings.Repeat(" \n", 40), "cut": secret[:31] + "\n"} {
		dir := t.TempDir()
		mustWrite(t, dir, secretFile, text)
		got, err := config.DevelopmentSecret(dir, true)
		if err == nil || !strings.Contains(err.Error(), secretFile) || strings.Contains(err.Error(), secret[:8]) {
			t.Errorf("DevelopmentSecret of an %s file = %q, %v, want an error that names the file and not its content", name, got, err)
		}
		if after, _ := os.ReadFile(filepath.Join(dir, secretFile)); string(after) != text {
			t.Errorf("the %s file became %q, want it left alone", name, after)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, secretFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := config.DevelopmentSecret(dir, true); err == nil {
		t.Errorf("DevelopmentSecret where a directory has its name = %q, want an error", got)
	}
	if got, err := config.DevelopmentSecret(filepath.Join(dir, "missing"), true); err == nil || !strings.Contains(err.Error(), secretFile) {
		t.Errorf("DevelopmentSecret in a directory that is not there = %q, %v, want an error that names the file", got, err)
	}
}
