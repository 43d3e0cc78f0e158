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

// DevelopmentSecret returns the secret that signs tokens in development mode. It is read from the file taskql.secret in
// dir. If the file does not exist, DevelopmentSecret creates it with mode 0600 and a random secret, or, where create is
// false, returns "". The error never contains the secret.
func DevelopmentSecret(dir string, create bool) (string, error) {
	path := filepath.Join(dir, secretFile)
	read := func() (string, error) {
		text, err := os.ReadFile(path)
		secret := strings.TrimSpace(string(text))
		if err == nil && len(secret) < auth.MinSecret {
			err = fmt.Errorf("the file %s does not contain a secret of %d bytes or more: delete it, and the next start creates a new one", secretFile, auth.MinSecret)
		}
		return secret, err
	}
	secret, err := read()
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return secret, err
	case !create:
		return "", nil
	}
	random := make([]byte, auth.MinSecret)
	_, _ = rand.Read(random) // never fails, by its documentation
	// The secret is written to a temporary file, which is then linked to its name. So two servers that start at the same
	// time use the same secret, and neither reads a partly written file.
	temporary, err := os.CreateTemp(dir, secretFile+".*") // has mode 0600
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be created: %w", secretFile, err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(base64.RawURLEncoding.EncodeToString(random) + "\n")
	if err = errors.Join(err, temporary.Close()); err != nil {
		return "", fmt.Errorf("the file %s cannot be written: %w", secretFile, err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("the file %s cannot be created: %w", secretFile, err)
	}
	return read()
}
