package app

import (
	"fmt"
	"io"
	"net"
	"time"

	"taskql/auth"
	"taskql/config"
)

// The user of development mode, and how long the printed token is valid.
const (
	developmentUser = "dev"
	developmentTTL  = 24 * time.Hour
)

// welcome prints what a developer needs after the first start: the addresses and a token.
func welcome(w io.Writer, c config.Config, signIn auth.Config, address net.Addr) error {
	token, err := auth.Sign(signIn, developmentUser, time.Now(), developmentTTL)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\ntaskql runs in development mode: no sign-in is configured, so it listens on this machine only.\n\n")
	fmt.Fprintf(w, "  GraphQL     http://%s/graphql\n", address)
	fmt.Fprintf(w, "  REST        http://%s/api/%s/tasks\n", address, developmentUser)
	fmt.Fprintf(w, "  Reference   http://%s/docs\n", address)
	if c.Playground {
		fmt.Fprintf(w, "  Playground  http://%s/\n", address)
	}
	_, err = fmt.Fprintf(w, "\nA token for the user %q, valid for a day (for another user: taskql token --user ID):\n\n%s\n\n", developmentUser, token)
	return err
}
