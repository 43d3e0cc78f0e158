package app

import (
	"log/slog"

	"taskql/auth"
	"taskql/config"
)

// NewSignIn returns the configured sign-in. Its keys are not read yet: call Keys.Run or Keys.Load. In development mode
// the secret is that of the file taskql.secret in the working directory, which is created if it is missing.
func NewSignIn(c config.Config, log *slog.Logger) (auth.Config, error) {
	signIn := c.Auth
	switch {
	case c.Development:
		secret, err := config.DevelopmentSecret(".")
		if err != nil {
			return signIn, err
		}
		signIn.Secret = secret
	case c.KeysFile != "":
		signIn.Keys = auth.KeysIn(c.KeysFile, log)
	case c.KeysURL != "":
		signIn.Keys = auth.KeysAt(c.KeysURL, log)
	}
	return signIn, nil
}
