package app

import (
	"log/slog"

	"taskql/auth"
	"taskql/config"
)

// NewSignIn returns the configured sign-in. Its keys are not read yet: call Keys.Run or Keys.Load. In development mode
// the secret is that of the file taskql.secret in the working directory. If the file is missing, it is created, or, where
// readOnly is true, there is no secret.
func NewSignIn(c config.Config, log *slog.Logger, readOnly bool) (auth.Config, error) {
	signIn := c.Auth
	switch {
	case c.Development:
		secret, err := config.DevelopmentSecret(".", !readOnly)
		if err != nil {
			return signIn, err
		}
		if secret != "" {
			signIn.Secrets = []string{secret}
		}
	case c.KeysFile != "":
		signIn.Keys = auth.KeysIn(c.KeysFile, log)
	case c.KeysURL != "":
		signIn.Keys = auth.KeysAt(c.KeysURL, log)
	}
	return signIn, nil
}
