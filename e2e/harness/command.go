package harness

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"taskql/cli"
)

// Command runs taskql to its end in the current directory.
func Command(t *testing.T, environ []string, args ...string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, log bytes.Buffer
	err = cli.Run(ctx, append([]string{"taskql"}, args...), environ, strings.NewReader(""), &out, &log)
	return out.String(), err
}
