package cli

import (
	"errors"
	"fmt"
	"strings"

	urfave "github.com/urfave/cli/v3"
)

// userFlag is the flag for the user whose tasks a command works on.
func userFlag() urfave.Flag {
	return &urfave.StringFlag{Name: "user", Usage: "the `ID` of the user, as in the tokens", Required: true}
}

// userID returns the value of userFlag. It accepts whatever may be a token's subject.
func userID(cmd *urfave.Command) (string, error) {
	user := cmd.String("user")
	if strings.TrimSpace(user) == "" || strings.ToValidUTF8(user, "") != user || strings.ContainsRune(user, 0) {
		return "", errors.New("--user must be the ID of a user")
	}
	return user, nil
}

func unexpectedArgument(cmd *urfave.Command, help string) error {
	return fmt.Errorf("unexpected argument %q: %s", cmd.Args().First(), help)
}

// count returns a number with its noun in the singular or the plural.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}
