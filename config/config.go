// Package config reads and checks the settings, in one place, at start.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"

	"taskql/auth"
)

// Config is every setting, checked. docs/configuration.md lists the variables.
type Config struct {
	// DatabaseURL is never empty: without one it names an SQLite file in the working directory.
	DatabaseURL       string
	DatabaseDirectURL string
	// TaskTable is the table of tasks, where the database has to be told; see store.Options.
	TaskTable string
	// Auth is the sign-in, its Keys still to be made from KeysURL or KeysFile.
	Auth auth.Config
	// KeysURL or KeysFile is where the auth server's keys are. Both are empty when tokens are signed
	// with the shared secret only.
	KeysURL, KeysFile string
	// Development is set when no sign-in is configured. Auth has no secret then, and Address is on loopback.
	Development bool
	Host        string
	Port        int
	CORSOrigins []string
	// RESTDialect is seed or web.
	RESTDialect string
	// MaxTasks is how many tasks a user may have, TrashFor how long deleted ones can be restored.
	MaxTasks int
	TrashFor time.Duration
	// MaxFollowed is how many subscriptions a user may have at once.
	MaxFollowed int
	// NATSURL is empty where processes are connected by the database.
	NATSURL string
	// Playground says whether GraphiQL is served at the root.
	Playground     bool
	RequestTimeout time.Duration
}

// Address is where to listen, as net.Listen takes it.
func (c Config) Address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// The names of the settings that other packages' errors mention.
const (
	DatabaseURL       = "DATABASE_URL"
	DatabaseDirectURL = "DATABASE_DIRECT_URL"
	TaskTable         = "TASK_TABLE"
	BetterAuthSecret  = "BETTER_AUTH_SECRET"
	NATSURL           = "NATS_URL"
	Port              = "PORT"
	MaxTasks          = "MAX_TASKS_PER_USER"
)

const defaultDatabase = "sqlite:taskql.db"

// variables are the settings as the environment has them.
type variables struct {
	DatabaseURL       string        `env:"DATABASE_URL"`
	DatabaseDirectURL string        `env:"DATABASE_DIRECT_URL"`
	TaskTable         string        `env:"TASK_TABLE"`
	BetterAuthSecret  string        `env:"BETTER_AUTH_SECRET"`
	BetterAuthURL     string        `env:"BETTER_AUTH_URL"`
	JWKSURL           string        `env:"JWKS_URL"`
	JWKSFile          string        `env:"JWKS_FILE"`
	JWTAlgorithm      []string      `env:"JWT_ALGORITHM"`
	JWTIssuer         []string      `env:"JWT_ISSUER"`
	JWTAudience       []string      `env:"JWT_AUDIENCE"`
	Host              string        `env:"HOST"`
	Port              int           `env:"PORT" envDefault:"8000"`
	CORSOrigins       []string      `env:"CORS_ORIGINS"`
	AllowedOrigins    []string      `env:"ALLOWED_ORIGINS"`
	FrontendURL       []string      `env:"FRONTEND_URL"`
	Playground        string        `env:"PLAYGROUND"`
	MaxTasks          int           `env:"MAX_TASKS_PER_USER" envDefault:"100000"`
	TrashDays         int           `env:"TRASH_DAYS" envDefault:"30"`
	MaxFollowed       int           `env:"MAX_SUBSCRIPTIONS_PER_USER" envDefault:"20"`
	NATSURL           string        `env:"NATS_URL"`
	RESTDialect       string        `env:"REST_DIALECT" envDefault:"seed"`
	RequestTimeout    time.Duration `env:"REQUEST_TIMEOUT" envDefault:"30s"`
}

// Environ returns the environment with the settings of the .env file in dir below it, if there is one.
func Environ(dir string, environ []string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the file .env cannot be read: %w", errors.Unwrap(err))
	}
	merged, err := godotenv.Unmarshal(plainDollars(string(text)))
	if err != nil {
		// The library's error may quote the line, which may be a secret.
		return nil, errors.New("the file .env cannot be read: each line must be NAME=value")
	}
	for name, value := range env.ToMap(environ) {
		merged[name] = value
	}
	return merged, nil
}

// plainDollars has dollar signs stand for themselves. The library would take what follows one for a
// variable to fill in, and so make another secret of one that has a dollar sign.
func plainDollars(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		_, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(strings.TrimSpace(value), "'") { // where it does so anyway
			line = strings.ReplaceAll(strings.ReplaceAll(line, `\$`, "$"), "$", `\$`)
		}
		all.WriteString(line)
	}
	return all.String()
}

// Load reads the settings from an environment. The error says which setting is wrong, why, and what
// to do about it, without the value where that may be secret. A blank value counts as not set. Blanks around a value
// are dropped, and so is one pair of quotes, which container env files pass on. BETTER_AUTH_SECRET is the
// exception: it is used exactly as it is, as Better Auth does.
func Load(environ map[string]string) (Config, error) {
	given := make(map[string]string, len(environ))
	for name, value := range environ {
		plain := unquoted(strings.TrimSpace(value))
		if name == BetterAuthSecret && plain != "" {
			plain = value
		}
		if plain != "" {
			given[name] = plain
		}
	}
	var v variables
	if err := env.ParseWithOptions(&v, env.Options{Environment: given}); err != nil {
		return Config{}, parseError(err)
	}
	c := Config{
		DatabaseURL:       v.DatabaseURL,
		DatabaseDirectURL: v.DatabaseDirectURL,
		TaskTable:         v.TaskTable,
		Development:       v.BetterAuthSecret == "" && v.BetterAuthURL == "" && v.JWKSURL == "" && v.JWKSFile == "",
		Host:              v.Host,
		Port:              v.Port,
		RESTDialect:       strings.ToLower(v.RESTDialect),
		MaxTasks:          v.MaxTasks,
		MaxFollowed:       v.MaxFollowed,
		NATSURL:           v.NATSURL,
		TrashFor:          time.Duration(v.TrashDays) * 24 * time.Hour,
		RequestTimeout:    v.RequestTimeout,
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = defaultDatabase
	}
	for _, check := range []func(*Config, variables) error{checkSignIn, checkTable, checkAddress, checkOrigins, checkPlayground, checkDialect, checkLimits, checkTimeout} {
		if err := check(&c, v); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// unquoted drops one pair of quotes around a value, and the blanks within them.
func unquoted(value string) string {
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return strings.TrimSpace(value[1 : n-1])
	}
	return value
}

// parseError names the variable whose value has the wrong form.
func parseError(err error) error {
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, one := range all.Errors {
			var parse env.ParseError
			if errors.As(one, &parse) {
				switch parse.Name {
				case "Port":
					return errors.New("PORT must be a number from 0 to 65535; 0 takes any free port")
				case "MaxTasks":
					return errors.New("MAX_TASKS_PER_USER must be a whole number from 1 on")
				case "MaxFollowed":
					return errors.New("MAX_SUBSCRIPTIONS_PER_USER must be a whole number from 1 on")
				case "TrashDays":
					return errors.New("TRASH_DAYS must be a whole number from 1 to 36500")
				case "RequestTimeout":
					return errors.New("REQUEST_TIMEOUT must be a duration such as 30s")
				}
			}
		}
	}
	return fmt.Errorf("the configuration cannot be read: %w", err)
}

// checkTable takes names that both databases know without their schema. SQLite keeps some for itself.
func checkTable(c *Config, _ variables) error {
	if name := c.TaskTable; name != "" && (!tableName.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "sqlite_")) {
		return fmt.Errorf("TASK_TABLE is %q, but must be the name of a table: letters, digits and underscores, 63 at most", name)
	}
	return nil
}

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

func checkAddress(c *Config, _ variables) error {
	if c.Port < 0 || c.Port > 65535 {
		return errors.New("PORT must be a number from 0 to 65535; 0 takes any free port")
	}
	switch {
	case c.Host == "" && c.Development:
		c.Host = "127.0.0.1"
	case c.Host == "":
		c.Host = "0.0.0.0"
	case c.Development && !loopback(c.Host):
		return fmt.Errorf("HOST is %q, but without sign-in the server listens on loopback only: set BETTER_AUTH_SECRET, or leave HOST out", c.Host)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkOrigins takes the first list that is set.
func checkOrigins(c *Config, v variables) error {
	c.CORSOrigins = []string{"http://localhost:3000", "http://127.0.0.1:3000"}
	for _, list := range []struct {
		name    string
		origins []string
	}{{"CORS_ORIGINS", v.CORSOrigins}, {"ALLOWED_ORIGINS", v.AllowedOrigins}, {"FRONTEND_URL", v.FrontendURL}} {
		origins := trimmed(list.origins)
		if len(origins) == 0 {
			continue
		}
		for i, origin := range origins {
			origin = strings.TrimSuffix(origin, "/")
			scheme, host, _ := strings.Cut(origin, "://")
			if scheme != "http" && scheme != "https" || host == "" || strings.ContainsAny(host, "/*?# ") {
				return fmt.Errorf("%s has %q, but must be a comma list of origins such as https://app.example.com", list.name, origin)
			}
			origins[i] = origin
		}
		c.CORSOrigins = origins
		return nil
	}
	return nil
}

// AllowsOrigin reports whether pages of an origin may call the API: those of CORSOrigins and, in development mode,
// any http or https origin on a loopback host, whatever its port.
func (c Config) AllowsOrigin(origin string) bool {
	if slices.ContainsFunc(c.CORSOrigins, func(allowed string) bool { return strings.EqualFold(allowed, origin) }) {
		return true
	}
	address, err := url.Parse(origin)
	return c.Development && err == nil && (address.Scheme == "http" || address.Scheme == "https") && loopback(address.Hostname()) &&
		address.Scheme+"://"+address.Host == origin
}

func checkPlayground(c *Config, v variables) error {
	switch v.Playground {
	case "":
		c.Playground = c.Development
	case "on":
		c.Playground = true
	case "off":
	default:
		return fmt.Errorf("PLAYGROUND is %q, but must be on or off", v.Playground)
	}
	return nil
}

func checkDialect(c *Config, v variables) error {
	if c.RESTDialect != "seed" && c.RESTDialect != "web" {
		return fmt.Errorf("REST_DIALECT is %q, but must be seed or web", v.RESTDialect)
	}
	return nil
}

func checkLimits(c *Config, v variables) error {
	if c.MaxTasks < 1 {
		return errors.New("MAX_TASKS_PER_USER must be a whole number from 1 on")
	}
	if c.MaxFollowed < 1 {
		return errors.New("MAX_SUBSCRIPTIONS_PER_USER must be a whole number from 1 on")
	}
	if v.TrashDays < 1 || v.TrashDays > 36500 {
		return errors.New("TRASH_DAYS must be a whole number from 1 to 36500")
	}
	return nil
}

func checkTimeout(c *Config, _ variables) error {
	if c.RequestTimeout <= 0 {
		return errors.New("REQUEST_TIMEOUT must be a positive duration such as 30s")
	}
	return nil
}

// trimmed drops the blanks around and between the values of a comma list.
func trimmed(list []string) (values []string) {
	for _, value := range list {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}
