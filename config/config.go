// Package config reads the settings from environment variables and validates them.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"taskql/auth"
)

// Config has all settings, validated. docs/configuration.md describes the variables.
type Config struct {
	// DatabaseURL is never empty. By default it names an SQLite file in the working directory.
	DatabaseURL                string
	DatabaseDirectURL          string
	DatabaseReplicaURL         string
	DatabasePreparedStatements bool
	// DatabaseMaxConnections is 0 if the address or the default decides.
	DatabaseMaxConnections int
	// TaskTable is the name of the table of tasks. If it is empty, the store chooses the table; see store.Options.
	TaskTable string
	// Auth has the settings for access tokens. Its Keys are nil; the caller creates them from KeysURL or KeysFile.
	Auth auth.Config
	// KeysURL or KeysFile is where the auth server's keys are read from. At most one is set, and none if tokens are signed
	// with the shared secret only.
	KeysURL, KeysFile string
	// AuthURL is the address of Better Auth's API, such as https://app.example.com/api/auth, or "" if it is not configured.
	AuthURL string
	// AuthorizationServers are the issuers that give agents their tokens, as URLs.
	AuthorizationServers []string
	// PublicURL is the origin at which clients reach the server, such as https://tasks.example.com, or "" if it is not configured.
	PublicURL string
	// Development is set if no sign-in is configured. Auth then has no secret, and Address is on a loopback interface.
	Development bool
	Host        string
	Port        int
	// CORSOrigins are origins such as https://app.example.com, without a trailing slash. CORSVariable is the variable that sets
	// them, or should.
	CORSOrigins  []string
	CORSVariable string
	// RESTDialect is "seed" or "web".
	RESTDialect string
	// RESTOpenStatus is one of fastapi.Statuses: how the dialect web writes the status of an open task.
	RESTOpenStatus string
	// MaxTasks is the quota of tasks per user.
	MaxTasks int
	// TrashFor is how long a deleted task can be restored.
	TrashFor time.Duration
	// MaxSubscriptions is the limit of concurrent subscriptions per user.
	MaxSubscriptions int
	// MaxStreams is the limit of WebSockets and event streams at once, MaxStreamsPerUser that of each user.
	MaxStreams, MaxStreamsPerUser int
	// NATSURL is empty if the server processes notify each other through the database.
	NATSURL string
	// Playground states whether GraphiQL is served at the path /.
	Playground bool
	// Introspection states whether GraphQL clients may ask for the schema, and are told which name they may have meant.
	Introspection bool
	// RateLimit is what the requests of a user may cost in RateWindow, which has full seconds. It is 0 without a limit.
	RateLimit  int
	RateWindow time.Duration
	// TrustedProxies are the networks of the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// RequestTimeout is positive.
	RequestTimeout time.Duration
	// Notices are sentences for the operator on variables that may not mean what they seem to. They contain no values.
	Notices []string
	// TrustedDocuments are the files of manifests. With TrustedOnly there is at least one, and all other documents are refused.
	TrustedDocuments []string
	TrustedOnly      bool
	// MetricsAddress is where Prometheus reads the metrics, in the form of net.Listen, or "".
	MetricsAddress string
	// OpenTelemetry are its standard variables, which begin with OTEL_, if traces are sent; else nil.
	OpenTelemetry map[string]string
}

// Address returns the TCP address to listen on, in the form host:port of net.Listen.
func (c Config) Address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// The names of the variables that error messages of other packages mention.
const (
	DatabaseURL       = "DATABASE_URL"
	DatabaseDirectURL = "DATABASE_DIRECT_URL"
	ReplicaURL        = "DATABASE_REPLICA_URL"
	TaskTable         = "TASK_TABLE"
	MaxConnections    = "DATABASE_MAX_CONNECTIONS"
	BetterAuthSecret  = "BETTER_AUTH_SECRET"
	BetterAuthSecrets = "BETTER_AUTH_SECRETS"
	NATSURL           = "NATS_URL"
	Port              = "PORT"
	MaxTasks          = "MAX_TASKS_PER_USER"
	MetricsAddress    = "METRICS_ADDRESS"
	TrustedDocuments  = "TRUSTED_DOCUMENTS"
	TrustedOnly       = "TRUSTED_DOCUMENTS_ONLY"
)

const defaultDatabase = "sqlite:taskql.db"

// variables has the settings as they are in the environment.
type variables struct {
	DatabaseURL       string        `env:"DATABASE_URL"`
	DatabaseDirectURL string        `env:"DATABASE_DIRECT_URL"`
	DatabaseReplica   string        `env:"DATABASE_REPLICA_URL"`
	DatabaseMaxConns  *int          `env:"DATABASE_MAX_CONNECTIONS"`
	DatabasePrepared  string        `env:"DATABASE_PREPARED_STATEMENTS"`
	TaskTable         string        `env:"TASK_TABLE"`
	BetterAuthSecret  string        `env:"BETTER_AUTH_SECRET"`
	BetterAuthSecrets string        `env:"BETTER_AUTH_SECRETS"`
	BetterAuthURL     string        `env:"BETTER_AUTH_URL"`
	JWKSURL           string        `env:"JWKS_URL"`
	JWKSFile          string        `env:"JWKS_FILE"`
	JWTAlgorithm      []string      `env:"JWT_ALGORITHM"`
	JWTIssuer         []string      `env:"JWT_ISSUER"`
	JWTAudience       []string      `env:"JWT_AUDIENCE"`
	PublicURL         string        `env:"PUBLIC_URL"`
	Host              string        `env:"HOST"`
	Port              int           `env:"PORT" envDefault:"8000"`
	CORSOrigins       string        `env:"CORS_ORIGINS"`
	AllowedOrigins    string        `env:"ALLOWED_ORIGINS"`
	FrontendURL       string        `env:"FRONTEND_URL"`
	Playground        string        `env:"PLAYGROUND"`
	Introspection     string        `env:"INTROSPECTION"`
	MaxTasks          int           `env:"MAX_TASKS_PER_USER" envDefault:"100000"`
	TrashDays         int           `env:"TRASH_DAYS" envDefault:"30"`
	MaxSubscriptions  int           `env:"MAX_SUBSCRIPTIONS_PER_USER" envDefault:"20"`
	MaxStreams        int           `env:"MAX_STREAMS" envDefault:"10000"`
	MaxStreamsPerUser int           `env:"MAX_STREAMS_PER_USER" envDefault:"100"`
	NATSURL           string        `env:"NATS_URL"`
	RateLimit         string        `env:"RATE_LIMIT" envDefault:"60000/1m"`
	TrustedProxies    []string      `env:"TRUSTED_PROXIES"`
	RESTDialect       string        `env:"REST_DIALECT" envDefault:"seed"`
	RESTOpenStatus    string        `env:"REST_OPEN_STATUS" envDefault:"pending"`
	RequestTimeout    time.Duration `env:"REQUEST_TIMEOUT" envDefault:"30s"`
	MetricsAddress    string        `env:"METRICS_ADDRESS"`
	TrustedDocuments  []string      `env:"TRUSTED_DOCUMENTS"`
	TrustedOnly       string        `env:"TRUSTED_DOCUMENTS_ONLY" envDefault:"false"`
}

// checks validate the settings one after the other, and set what is derived from them. checkPages needs what checkDocuments sets.
var checks = []func(*Config, variables) error{
	checkSignIn, checkPublicURL, checkTable, checkAddress, checkOrigins, checkDialect, checkLimits, checkTimeout, checkDocuments, checkPages, checkRate, checkProxies,
	checkMetrics,
}

// Load returns the settings of an environment. The error is one sentence that names the invalid setting and states the
// reason; it never contains a secret. A blank value means that the setting is not set. Blanks around a value are removed,
// and so is one pair of quotes, which env files of containers pass on. BETTER_AUTH_SECRET is the exception: its value is
// used unchanged, as Better Auth does. Some settings have an old name as well; see oldNames.
func Load(environ map[string]string) (Config, error) {
	values, used, notices := normalised(environ)
	var v variables
	if err := env.ParseWithOptions(&v, env.Options{Environment: values}); err != nil {
		return Config{}, parseError(err)
	}
	c := Config{
		DatabaseURL:        v.DatabaseURL,
		DatabaseDirectURL:  v.DatabaseDirectURL,
		DatabaseReplicaURL: v.DatabaseReplica,
		TaskTable:          v.TaskTable,

		Development:       v.BetterAuthSecret+v.BetterAuthSecrets == "" && v.BetterAuthURL == "" && v.JWKSURL == "" && v.JWKSFile == "",
		Host:              v.Host,
		Port:              v.Port,
		RESTDialect:       strings.ToLower(v.RESTDialect),
		RESTOpenStatus:    strings.ToLower(v.RESTOpenStatus),
		MaxTasks:          v.MaxTasks,
		MaxSubscriptions:  v.MaxSubscriptions,
		MaxStreams:        v.MaxStreams,
		MaxStreamsPerUser: v.MaxStreamsPerUser,
		NATSURL:           v.NATSURL,
		TrashFor:          time.Duration(v.TrashDays) * 24 * time.Hour,
		RequestTimeout:    v.RequestTimeout,
		MetricsAddress:    v.MetricsAddress,
		Notices:           notices,
	}
	if err := checkTraces(&c, values); err != nil {
		return Config{}, err
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = defaultDatabase
	}
	for _, check := range checks {
		if err := check(&c, v); err != nil {
			return Config{}, withOldNames(err, used)
		}
	}
	if notice := unusedSecrets(values); notice != "" && c.Development {
		c.Notices = append(c.Notices, notice)
	}
	return c, nil
}

// normalised returns the values that are set, as Load describes them, by the present names of the settings. See renamed.
func normalised(environ map[string]string) (values, used map[string]string, notices []string) {
	values = make(map[string]string, len(environ))
	for name, value := range environ {
		plain := unquoted(strings.TrimSpace(value))
		if isSecret(name) && plain != "" {
			plain = value
		}
		if plain != "" {
			values[name] = plain
		}
	}
	used, notices = renamed(values)
	return values, used, notices
}

// Changed returns the names of the settings that have different values in two environments, sorted.
func Changed(before, after map[string]string) (names []string) {
	old, _, _ := normalised(before)
	present, _, _ := normalised(after)
	for field := range reflect.TypeFor[variables]().Fields() {
		if name := field.Tag.Get("env"); old[name] != present[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// checkTable accepts names that both databases allow, without a schema. SQLite reserves the names that begin with
// sqlite_.
func checkTable(c *Config, _ variables) error {
	if name := c.TaskTable; name != "" && (!tableName.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "sqlite_")) {
		return fmt.Errorf("TASK_TABLE is %q, but must be the name of a table: letters, digits and underscores, 63 at most", name)
	}
	return nil
}

var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

var errPort = errors.New("PORT must be a number from 0 to 65535; 0 means any free port")

// checkAddress sets the default host. Without sign-in it accepts loopback hosts only.
func checkAddress(c *Config, _ variables) error {
	if c.Port < 0 || c.Port > 65535 {
		return errPort
	}
	switch {
	case c.Host == "" && c.Development:
		c.Host = "127.0.0.1"
	case c.Host == "":
		c.Host = "0.0.0.0"
	case c.Development && !loopback(c.Host):
		return fmt.Errorf("HOST is %q, but without sign-in the server listens on loopback only: set BETTER_AUTH_SECRET, or do not set HOST", c.Host)
	}
	return nil
}

// loopback reports whether host is localhost or a loopback IP address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
