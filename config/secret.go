package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"taskql/auth"
)

const secretFile = "taskql.secret"

// DevelopmentSecret returns the secret that development mode signs its tokens with: the one in the
// file taskql.secret in dir, which it makes, for the owner's eyes only, when there is none.
func DevelopmentSecret(dir string) (string, error) {
	path := filepath.Join(dir, secretFile)
	read := func() (string, error) {
		text, err := os.ReadFile(path)
		secret := strings.TrimSpace(string(text))
		if err == nil && len(secret) < auth.MinSecret {
			err = fmt.Errorf("the file %s holds no secret of %d bytes or more: delete it, and a new one is made", secretFile, auth.MinSecret)
		}
		return secret, err
	}
	secret, err := read()
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	random := make([]byte, auth.MinSecret)
	_, _ = rand.Read(random) // it never fails
	// Written aside and linked into place, so that of two servers starting at once both use the
	// secret of the first, and neither ever sees half of one.
	temporary, err := os.CreateTemp(dir, secretFile+".*") // has mode 0600
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be made: %w", secretFile, err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(base64.RawURLEncoding.EncodeToString(random) + "\n")
	if err = errors.Join(err, temporary.Close()); err != nil {
		return "", fmt.Errorf("the file %s cannot be written: %w", secretFile, err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("the file %s cannot be made: %w", secretFile, err)
	}
	return read()
}
