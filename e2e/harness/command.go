package harness

import (
	"context"
	"strings"
	"testing"

	"taskql/cli"
)

// Command runs a command of taskql to its end in the test's process, and returns what it writes to standard output.
func Command(t *testing.T, environ []string, args ...string) (stdout string, err error) {
	t.Helper()
	stdout, _, err = CommandWithInput(t, environ, "", args...)
	return stdout, err
}

// CommandWithInput is Command with a text as standard input. It also returns what is written to standard error.
func CommandWithInput(t *testing.T, environ []string, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	out, log := NewOutput(), NewOutput()
	err = cli.Run(ctx, append([]string{"taskql"}, args...), environ, strings.NewReader(stdin), out, log)
	return out.String(), log.String(), err
}
