package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Environ returns the variables of environ (in the form of os.Environ) and those of the file .env in dir, if it exists.
// environ takes precedence. The error never contains the file's content.
func Environ(dir string, environ []string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the file .env cannot be read: %w", errors.Unwrap(err))
	}
	merged, err := godotenv.Unmarshal(plainDollars(string(text)))
	if err != nil {
		// The library's error may quote the line, which may contain a secret.
		return nil, errors.New("the file .env cannot be read: each line must be NAME=value")
	}
	for name, value := range env.ToMap(environ) {
		merged[name] = value
	}
	return merged, nil
}

// plainDollars escapes dollar signs. Otherwise the library would expand $name as a variable, and so change a secret that
// contains a dollar sign.
func plainDollars(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		_, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(strings.TrimSpace(value), "'") { // the library does not expand values in single quotes
			line = strings.ReplaceAll(strings.ReplaceAll(line, `\$`, "$"), "$", `\$`)
		}
		all.WriteString(line)
	}
	return all.String()
}

// unquoted removes one pair of quotes around a value, and the blanks within them.
func unquoted(value string) string {
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return strings.TrimSpace(value[1 : n-1])
	}
	return value
}

// trimmed returns the values of a comma list without surrounding blanks. Empty values are dropped.
func trimmed(list []string) (values []string) {
	for _, value := range list {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// parseError returns an error that names the variable whose value could not be parsed.
func parseError(err error) error {
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, one := range all.Errors {
			var parse env.ParseError
			if errors.As(one, &parse) {
				switch parse.Name {
				case "Port":
					return errPort
				case "DatabaseMaxConns":
					return errMaxConnections
				case "MaxTasks":
					return errNotPositive(MaxTasks)
				case "MaxSubscriptions":
					return errNotPositive("MAX_SUBSCRIPTIONS_PER_USER")
				case "MaxStreams":
					return errNotPositive("MAX_STREAMS")
				case "MaxStreamsPerUser":
					return errNotPositive("MAX_STREAMS_PER_USER")
				case "TrashDays":
					return errTrashDays
				case "RequestTimeout":
					return errors.New("REQUEST_TIMEOUT must be a duration such as 30s")
				}
			}
		}
	}
	return fmt.Errorf("the configuration cannot be read: %w", err)
}
