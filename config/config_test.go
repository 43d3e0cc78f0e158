package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/auth"
	"taskql/config"
)

const secret = "0123456789abcdef0123456789abcdef"

var localhost = []string{"http://localhost:3000", "http://127.0.0.1:3000"}

// environment returns the variables of pairs such as "PORT=80".
func environment(pairs ...string) map[string]string {
	m := map[string]string{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		m[name] = value
	}
	return m
}

func TestDefaults(t *testing.T) {
	// Load must not read the process's own environment.
	t.Setenv("PORT", "1234")
	t.Setenv("BETTER_AUTH_SECRET", secret)
	want := config.Config{
		DatabaseURL: "sqlite:taskql.db", Auth: auth.Config{Algorithm: "HS256"}, Development: true, Host: "127.0.0.1", Port: 8000,
		DatabasePreparedStatements: true, CORSOrigins: localhost, CORSVariable: "CORS_ORIGINS", RESTDialect: "seed", RESTOpenStatus: "pending", MaxTasks: 100_000, MaxSubscriptions: 20, MaxStreams: 10_000, MaxStreamsPerUser: 100, TrashFor: 30 * 24 * time.Hour, Playground: true, RequestTimeout: 30 * time.Second, RateLimit: 60_000, RateWindow: time.Minute, Introspection: true,
	}
	for _, environ := range []map[string]string{nil, {}, environment("PORT=", "HOST= ", "BETTER_AUTH_SECRET=\t", "CORS_ORIGINS=", "PLAYGROUND=", "DATABASE_URL=", "JWT_ALGORITHM=", "REST_DIALECT=", "DATABASE_MAX_CONNECTIONS=", "MAX_TASKS_PER_USER=", "TRASH_DAYS=", "REQUEST_TIMEOUT=", "RATE_LIMIT=", "TRUSTED_PROXIES=", "INTROSPECTION=")} {
		got, err := config.Load(environ)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Load(%v) = %+v, %v\nwant %+v", environ, got, err, want)
		}
		if got.Address() != "127.0.0.1:8000" {
			t.Errorf("Address() = %s, want loopback", got.Address())
		}
	}
}

func TestSettings(t *testing.T) {
	signedIn := "BETTER_AUTH_SECRET=" + secret
	for _, tt := range []struct {
		name  string
		pairs []string
		want  func(*config.Config) // sets the differences from the defaults
	}{
		{"sign-in", []string{signedIn}, func(c *config.Config) {}},
		{"blanks around", []string{signedIn, "PORT= 80 "}, func(c *config.Config) { c.Port = 80 }},
		{"a secret with blanks", []string{"BETTER_AUTH_SECRET= " + secret + "\n"}, func(c *config.Config) { c.Auth.Secrets = []string{" " + secret + "\n"} }},
		{"a secret in quotes", []string{"BETTER_AUTH_SECRET=\"" + secret + "\""}, func(c *config.Config) { c.Auth.Secrets = []string{"\"" + secret + "\""} }},
		{"quotes", []string{signedIn, `DATABASE_URL="postgres://u:p@h/d"`, `PORT='80'`, `TASK_TABLE="tasks"`, `CORS_ORIGINS="https://a.example,https://b.example"`, `HOST=""`}, func(c *config.Config) {
			c.DatabaseURL, c.Port, c.TaskTable, c.CORSOrigins = "postgres://u:p@h/d", 80, "tasks", []string{"https://a.example", "https://b.example"}
		}},
		{"algorithm", []string{signedIn, "JWT_ALGORITHM=HS512"}, func(c *config.Config) { c.Auth.Algorithm = "HS512" }},
		{"issuer and audience", []string{signedIn, "JWT_ISSUER=https://a.example, https://b.example,", "JWT_AUDIENCE=x"}, func(c *config.Config) {
			c.Auth.Issuers, c.Auth.Audiences = []string{"https://a.example", "https://b.example"}, []string{"x"}
		}},
		{"database", []string{signedIn, "DATABASE_URL=postgres://u:p@h/d", "DATABASE_DIRECT_URL=postgres://u:p@i/d", "DATABASE_REPLICA_URL=postgres://u:p@j/d"}, func(c *config.Config) {
			c.DatabaseURL, c.DatabaseDirectURL, c.DatabaseReplicaURL = "postgres://u:p@h/d", "postgres://u:p@i/d", "postgres://u:p@j/d"
		}},
		{"table", []string{signedIn, "TASK_TABLE=Tasks_2"}, func(c *config.Config) { c.TaskTable = "Tasks_2" }},
		{"address", []string{signedIn, "HOST=10.0.0.1", "PORT=0"}, func(c *config.Config) { c.Host, c.Port = "10.0.0.1", 0 }},
		{"last port", []string{signedIn, "PORT=65535"}, func(c *config.Config) { c.Port = 65535 }},
		{"loopback with sign-in", []string{signedIn, "HOST=localhost"}, func(c *config.Config) { c.Host = "localhost" }},
		{"playground on", []string{signedIn, "PLAYGROUND=on"}, func(c *config.Config) { c.Playground = true }},
		{"dialect", []string{signedIn, "REST_DIALECT=Web"}, func(c *config.Config) { c.RESTDialect = "web" }},
		{"the word of an open task", []string{signedIn, "REST_OPEN_STATUS=Todo"}, func(c *config.Config) { c.RESTOpenStatus = "todo" }},
		{"subscriptions", []string{signedIn, "MAX_SUBSCRIPTIONS_PER_USER=3"}, func(c *config.Config) { c.MaxSubscriptions = 3 }},
		{"streams", []string{signedIn, "MAX_STREAMS=30", "MAX_STREAMS_PER_USER=3"}, func(c *config.Config) { c.MaxStreams, c.MaxStreamsPerUser = 30, 3 }},
		{"NATS", []string{signedIn, "NATS_URL=nats://h:4222"}, func(c *config.Config) { c.NATSURL = "nats://h:4222" }},
		{"connections", []string{signedIn, "DATABASE_MAX_CONNECTIONS=5"}, func(c *config.Config) { c.DatabaseMaxConnections = 5 }},
		{"prepared statements", []string{signedIn, "DATABASE_PREPARED_STATEMENTS=off"}, func(c *config.Config) { c.DatabasePreparedStatements = false }},
		{"quota", []string{signedIn, "MAX_TASKS_PER_USER=5"}, func(c *config.Config) { c.MaxTasks = 5 }},
		{"no introspection", []string{signedIn, "INTROSPECTION=off"}, func(c *config.Config) { c.Introspection = false }},
		{"trusted documents only", []string{signedIn, "TRUSTED_DOCUMENTS=x", "TRUSTED_DOCUMENTS_ONLY=true"}, func(c *config.Config) {
			c.TrustedDocuments, c.TrustedOnly, c.Introspection = []string{"x"}, true, false
		}},
		{"trusted documents and introspection", []string{signedIn, "TRUSTED_DOCUMENTS=x", "TRUSTED_DOCUMENTS_ONLY=true", "INTROSPECTION=on"}, func(c *config.Config) {
			c.TrustedDocuments, c.TrustedOnly = []string{"x"}, true
		}},
		{"rate limit", []string{signedIn, "RATE_LIMIT=100 / 1h30m"}, func(c *config.Config) { c.RateLimit, c.RateWindow = 100, 90*time.Minute }},
		{"no rate limit", []string{signedIn, "RATE_LIMIT=off"}, func(c *config.Config) { c.RateLimit, c.RateWindow = 0, 0 }},
		{"proxies", []string{signedIn, "TRUSTED_PROXIES=10.0.0.0/8, fd00::/8,192.0.2.1,2001:db8::1"}, func(c *config.Config) {
			for _, network := range []string{"10.0.0.0/8", "fd00::/8", "192.0.2.1/32", "2001:db8::1/128"} {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(network))
			}
		}},
		{"trash", []string{signedIn, "TRASH_DAYS=7"}, func(c *config.Config) { c.TrashFor = 7 * 24 * time.Hour }},
		{"metrics", []string{signedIn, "METRICS_ADDRESS=:9464"}, func(c *config.Config) { c.MetricsAddress = ":9464" }},
		{"traces", []string{signedIn, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20x==, x-team=a", "OTEL_SERVICE_NAME=tasks"}, func(c *config.Config) {
			c.OpenTelemetry = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x==, x-team=a", "OTEL_SERVICE_NAME": "tasks"}
		}},
		{"traces of nothing", []string{signedIn, "OTEL_SERVICE_NAME=tasks"}, func(*config.Config) {}},
		{"traces turned off", []string{signedIn, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "OTEL_SDK_DISABLED=true"}, func(*config.Config) {}},
		{"timeout", []string{signedIn, "REQUEST_TIMEOUT=1m30s"}, func(c *config.Config) { c.RequestTimeout = 90 * time.Second }},
		{"one origin", []string{signedIn, "CORS_ORIGINS=https://app.example.com"}, func(c *config.Config) { c.CORSOrigins = []string{"https://app.example.com"} }},
		{"origins", []string{signedIn, "CORS_ORIGINS= https://a.example/ ,http://b.example:8080,,http://[::1]:3000"}, func(c *config.Config) {
			c.CORSOrigins = []string{"https://a.example", "http://b.example:8080", "http://[::1]:3000"}
		}},
		{"ALLOWED_ORIGINS", []string{signedIn, "ALLOWED_ORIGINS=https://a.example"}, func(c *config.Config) {
			c.CORSOrigins, c.CORSVariable = []string{"https://a.example"}, "ALLOWED_ORIGINS"
		}},
		{"FRONTEND_URL", []string{signedIn, "FRONTEND_URL=https://a.example/"}, func(c *config.Config) {
			c.CORSOrigins, c.CORSVariable = []string{"https://a.example"}, "FRONTEND_URL"
		}},
		{"CORS_ORIGINS before ALLOWED_ORIGINS before FRONTEND_URL", []string{signedIn, "FRONTEND_URL=https://c.example", "ALLOWED_ORIGINS=https://b.example", "CORS_ORIGINS=https://a.example"},
			func(c *config.Config) { c.CORSOrigins = []string{"https://a.example"} }},
		{"ALLOWED_ORIGINS where CORS_ORIGINS is empty", []string{signedIn, "ALLOWED_ORIGINS=https://b.example", "CORS_ORIGINS= , "}, func(c *config.Config) {
			c.CORSOrigins, c.CORSVariable = []string{"https://b.example"}, "ALLOWED_ORIGINS"
		}},
		{"origins in JSON", []string{signedIn, `CORS_ORIGINS=["https://a.example", "http://b.example/" ]`}, func(c *config.Config) {
			c.CORSOrigins = []string{"https://a.example", "http://b.example"}
		}},
		{"quoted origins in JSON", []string{signedIn, `FRONTEND_URL='["https://a.example"]'`}, func(c *config.Config) {
			c.CORSOrigins, c.CORSVariable = []string{"https://a.example"}, "FRONTEND_URL"
		}},
		{"no origins in JSON", []string{signedIn, `CORS_ORIGINS=[]`}, func(c *config.Config) {}},
		{"an old name of the secret", []string{"JWT_SECRET= " + secret + "\n"}, func(c *config.Config) {
			c.Auth.Secrets, c.Notices = []string{" " + secret + "\n"}, []string{"JWT_SECRET is read as BETTER_AUTH_SECRET"}
		}},
		{"both names of the secret", []string{signedIn, "JWT_SECRET=" + secret}, func(c *config.Config) {}},
		{"two secrets", []string{signedIn, "JWT_SECRET=another " + secret}, func(c *config.Config) {
			c.Notices = []string{"JWT_SECRET is ignored, because BETTER_AUTH_SECRET has another value"}
		}},
		{"an old name of the database", []string{signedIn, "NEON_DB_URL=postgres://u:p@h/d"}, func(c *config.Config) {
			c.DatabaseURL, c.Notices = "postgres://u:p@h/d", []string{"NEON_DB_URL is read as DATABASE_URL"}
		}},
		{"three databases", []string{signedIn, "NEON_DB_URL=postgres://u:p@h/d", `NEON_DATABASE_URL="postgres://u:p@i/d"`, "DATABASE_URL="}, func(c *config.Config) {
			c.DatabaseURL = "postgres://u:p@i/d"
			c.Notices = []string{"NEON_DATABASE_URL is read as DATABASE_URL", "NEON_DB_URL is ignored, because NEON_DATABASE_URL has another value"}
		}},
		{"a secret of others beside sign-in", []string{signedIn, "AUTH_SECRET=" + secret}, func(c *config.Config) {}},
		{"names of others", []string{signedIn, "PATH=/bin", "port=5"}, func(c *config.Config) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := config.Config{
				DatabaseURL: "sqlite:taskql.db", Auth: auth.Config{Secrets: []string{secret}, Algorithm: "HS256"}, Host: "0.0.0.0", Port: 8000,
				DatabasePreparedStatements: true, CORSOrigins: localhost, CORSVariable: "CORS_ORIGINS", RESTDialect: "seed", RESTOpenStatus: "pending", MaxTasks: 100_000, MaxSubscriptions: 20, MaxStreams: 10_000, MaxStreamsPerUser: 100, TrashFor: 30 * 24 * time.Hour, RequestTimeout: 30 * time.Second, RateLimit: 60_000, RateWindow: time.Minute, Introspection: true,
			}
			tt.want(&want)
			got, err := config.Load(environment(tt.pairs...))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("Load(%q) = %+v, %v\nwant %+v", tt.pairs, got, err, want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	for _, tt := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"HOST=::1"}, "[::1]:8000"},
		{[]string{"HOST=localhost", "PORT=0"}, "localhost:0"},
		{[]string{"HOST=127.0.0.2"}, "127.0.0.2:8000"},
		{[]string{"BETTER_AUTH_SECRET=" + secret, "HOST=::"}, "[::]:8000"},
		{[]string{"BETTER_AUTH_SECRET=" + secret}, "0.0.0.0:8000"},
	} {
		if c, err := config.Load(environment(tt.pairs...)); err != nil || c.Address() != tt.want {
			t.Errorf("Load(%q).Address() = %s, %v, want %s", tt.pairs, c.Address(), err, tt.want)
		}
	}
}

func TestDevelopmentMode(t *testing.T) {
	if c, err := config.Load(environment("TRUSTED_DOCUMENTS=x", "TRUSTED_DOCUMENTS_ONLY=true")); err != nil || !c.Introspection {
		t.Errorf("Load in development with trusted documents only = %+v, %v, want introspection", c, err)
	}
	c, err := config.Load(environment("PLAYGROUND=off", "DATABASE_URL=postgres://h/d"))
	if err != nil || !c.Development || c.Playground || c.Auth.Secrets != nil || c.Host != "127.0.0.1" {
		t.Errorf("Load = %+v, %v, want development on loopback without a playground", c, err)
	}
	for _, host := range []string{"0.0.0.0", "::", "10.0.0.1", "192.168.1.2", "example.com", "localhost.example.com", "127.0.0.1.example.com"} {
		if c, err := config.Load(environment("HOST=" + host)); err == nil {
			t.Errorf("Load(HOST=%s) = %s, want an error without sign-in", host, c.Address())
		}
	}
}

// TestUnusedSecrets checks that development mode names variables that look as if they configured sign-in, without their values.
func TestUnusedSecrets(t *testing.T) {
	for name, want := range map[string]bool{
		"AUTH_SECRET": true, "SECRET_KEY": true, "NEXTAUTH_SECRET": true, "SECRET": true, "JWT_SECRET_KEY": true, "BETTER_AUTH_SECRET_KEY": true, "jwt_secret_key": true,
		"AWS_SECRET_ACCESS_KEY": false, "GITHUB_CLIENT_SECRET": false, "SECRETS_FILE": false, "AUTH_URL": false,
	} {
		c, err := config.Load(environment(name + "=" + secret))
		text := strings.Join(c.Notices, "\n")
		if err != nil || !c.Development || strings.Contains(text, name) != want || strings.Contains(text, secret) || (len(c.Notices) == 1) != want {
			t.Errorf("Load(%s) = %q, %v, want a notice that names it: %t", name, c.Notices, err, want)
		}
	}
	c, err := config.Load(environment("SECRET_KEY=a", "AUTH_SECRET=b", "NEXTAUTH_SECRET="))
	if want := "no sign-in is configured: taskql does not read AUTH_SECRET, SECRET_KEY, but BETTER_AUTH_SECRET"; err != nil || len(c.Notices) != 1 || c.Notices[0] != want {
		t.Errorf("Load = %q, %v, want %q", c.Notices, err, want)
	}
}

func TestWrongValues(t *testing.T) {
	const short = "hunter2-hunter2-hunter2-hunter2" // 31 bytes
	signedIn := "BETTER_AUTH_SECRET=" + secret
	for _, tt := range []struct {
		name, setting string
		pairs         []string
	}{
		{"a short secret", "BETTER_AUTH_SECRET", []string{"BETTER_AUTH_SECRET=" + short}},
		{"an unknown algorithm", "JWT_ALGORITHM", []string{signedIn, "JWT_ALGORITHM=none"}},
		{"an algorithm in small letters", "JWT_ALGORITHM", []string{signedIn, "JWT_ALGORITHM=hs256"}},
		{"a list of algorithms", "JWT_ALGORITHM", []string{signedIn, "JWT_ALGORITHM=HS256,HS512"}},
		{"a wrong algorithm in development", "JWT_ALGORITHM", []string{"JWT_ALGORITHM=RS256"}},
		{"a table with a schema", "TASK_TABLE", []string{signedIn, "TASK_TABLE=public.tasks"}},
		{"a table with one quote", "TASK_TABLE", []string{signedIn, `TASK_TABLE="tasks`}},
		{"a table of SQLite's own", "TASK_TABLE", []string{signedIn, "TASK_TABLE=SQLite_tasks"}},
		{"a table of too long a name", "TASK_TABLE", []string{signedIn, "TASK_TABLE=" + strings.Repeat("t", 64)}},
		{"a port of letters", "PORT", []string{signedIn, "PORT=http"}},
		{"a port with a colon", "PORT", []string{signedIn, "PORT=:8000"}},
		{"a negative port", "PORT", []string{signedIn, "PORT=-1"}},
		{"a large port", "PORT", []string{signedIn, "PORT=65536"}},
		{"an enormous port", "PORT", []string{signedIn, "PORT=99999999999999999999"}},
		{"a timeout without a unit", "REQUEST_TIMEOUT", []string{signedIn, "REQUEST_TIMEOUT=30"}},
		{"an unknown dialect", "REST_DIALECT", []string{signedIn, "REST_DIALECT=fastapi"}},
		{"an unknown status", "REST_OPEN_STATUS", []string{signedIn, "REST_OPEN_STATUS=new"}},
		{"the status of completed tasks", "REST_OPEN_STATUS", []string{signedIn, "REST_OPEN_STATUS=done"}},
		{"no subscriptions", "MAX_SUBSCRIPTIONS_PER_USER", []string{signedIn, "MAX_SUBSCRIPTIONS_PER_USER=0"}},
		{"no streams", "MAX_STREAMS", []string{signedIn, "MAX_STREAMS=0"}},
		{"some streams", "MAX_STREAMS", []string{signedIn, "MAX_STREAMS=some"}},
		{"no streams of a user", "MAX_STREAMS_PER_USER", []string{signedIn, "MAX_STREAMS_PER_USER=0"}},
		{"some streams of a user", "MAX_STREAMS_PER_USER", []string{signedIn, "MAX_STREAMS_PER_USER=some"}},
		{"some subscriptions", "MAX_SUBSCRIPTIONS_PER_USER", []string{signedIn, "MAX_SUBSCRIPTIONS_PER_USER=some"}},
		{"no connections", "DATABASE_MAX_CONNECTIONS", []string{signedIn, "DATABASE_MAX_CONNECTIONS=0"}},
		{"negative connections", "DATABASE_MAX_CONNECTIONS", []string{signedIn, "DATABASE_MAX_CONNECTIONS=-1"}},
		{"some connections", "DATABASE_MAX_CONNECTIONS", []string{signedIn, "DATABASE_MAX_CONNECTIONS=some"}},
		{"a quota of none", "MAX_TASKS_PER_USER", []string{signedIn, "MAX_TASKS_PER_USER=0"}},
		{"a quota of many", "MAX_TASKS_PER_USER", []string{signedIn, "MAX_TASKS_PER_USER=many"}},
		{"a rate without a time", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=60000"}},
		{"a rate without a unit of time", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=60000/60"}},
		{"a rate without a cost", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=/1m"}},
		{"a rate of none", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=0/1m"}},
		{"a negative rate", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=-1/1m"}},
		{"a broken rate", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=0.5/1m"}},
		{"an enormous rate", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=99999999999999999999/1m"}},
		{"a large rate", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=1000000001/1m"}},
		{"a rate in a short time", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=10/100ms"}},
		{"a rate in broken seconds", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=10/1500ms"}},
		{"a rate in a long time", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=10/25h"}},
		{"a rate that is on", "RATE_LIMIT", []string{signedIn, "RATE_LIMIT=on"}},
		{"a proxy by name", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=10.0.0.0/8,proxy.internal"}},
		{"a proxy that is no network", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=10.0.0.1/8"}},
		{"proxies of too many bits", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=10.0.0.0/33"}},
		{"all proxies", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=*"}},
		{"a mapped network", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=::ffff:10.0.0.0/104"}},
		{"all addresses as proxies", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=10.0.0.0/8,0.0.0.0/0"}},
		{"all addresses of IPv6 as proxies", "TRUSTED_PROXIES", []string{signedIn, "TRUSTED_PROXIES=::/0"}},
		{"traces with a header without a name", "OTEL_EXPORTER_OTLP_HEADERS", []string{signedIn, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS=a=b,Bearer " + short}},
		{"traces with a broken header", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", []string{signedIn, "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=a=" + short + "%zz"}},
		{"no trash", "TRASH_DAYS", []string{signedIn, "TRASH_DAYS=0"}},
		{"half a day of trash", "TRASH_DAYS", []string{signedIn, "TRASH_DAYS=0.5"}},
		{"prepared statements", "DATABASE_PREPARED_STATEMENTS", []string{signedIn, "DATABASE_PREPARED_STATEMENTS=yes"}},
		{"a timeout of none", "REQUEST_TIMEOUT", []string{signedIn, "REQUEST_TIMEOUT=0s"}},
		{"a negative timeout", "REQUEST_TIMEOUT", []string{signedIn, "REQUEST_TIMEOUT=-1s"}},
		{"a playground", "PLAYGROUND", []string{signedIn, "PLAYGROUND=true"}},
		{"an introspection", "INTROSPECTION", []string{signedIn, "INTROSPECTION=true"}},
		{"a host without sign-in", "HOST", []string{"HOST=0.0.0.0"}},
		{"any origin", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=*"}},
		{"any host", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://*"}},
		{"any subdomain", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://a.example,https://*.b.example"}},
		{"null as an origin", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=null"}},
		{"an origin without a scheme", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=app.example.com"}},
		{"an origin with a path", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://app.example.com/app"}},
		{"an origin with a query", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://app.example.com?x"}},
		{"an origin of another scheme", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=ftp://app.example.com"}},
		{"an origin without a host", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://"}},
		{"origins with blanks between", "CORS_ORIGINS", []string{signedIn, "CORS_ORIGINS=https://a.example https://b.example"}},
		{"half a list in JSON", "CORS_ORIGINS", []string{signedIn, `CORS_ORIGINS=["https://a.example"`}},
		{"a list of numbers in JSON", "ALLOWED_ORIGINS", []string{signedIn, `ALLOWED_ORIGINS=[1]`}},
		{"any origin in JSON", "CORS_ORIGINS", []string{signedIn, `CORS_ORIGINS=["*"]`}},
		{"a short secret by its old name", "JWT_SECRET", []string{"JWT_SECRET=" + short}},
		{"an alias", "ALLOWED_ORIGINS", []string{signedIn, "ALLOWED_ORIGINS=*"}},
		{"another alias", "FRONTEND_URL", []string{signedIn, "FRONTEND_URL=localhost:3000"}},
		{"two wrong", "PORT", []string{signedIn, "PORT=x", "REQUEST_TIMEOUT=x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pairs := append(tt.pairs, "DATABASE_URL=postgres://user:pa55word@host/db")
			c, err := config.Load(environment(pairs...))
			if err == nil || !reflect.DeepEqual(c, config.Config{}) {
				t.Fatalf("Load(%q) = %+v, %v, want an error and nothing else", tt.pairs, c, err)
			}
			text := err.Error()
			if !strings.Contains(text, tt.setting) || strings.Contains(text, "\n") || len(text) > 250 {
				t.Errorf("Load(%q) = %q, want one sentence that names %s", tt.pairs, text, tt.setting)
			}
			for _, hidden := range []string{secret, short, "hunter2", "pa55word", "strconv", "env:"} {
				if strings.Contains(text, hidden) {
					t.Errorf("Load(%q) = %q, want no %q in it", tt.pairs, text, hidden)
				}
			}
		})
	}
}

func TestEnviron(t *testing.T) {
	dir := t.TempDir()
	got, err := config.Environ(dir, []string{"A=1", "B=x=y", "C="})
	if want := environment("A=1", "B=x=y", "C="); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Environ without a file = %v, %v, want %v", got, err, want)
	}
	mustWrite(t, dir, ".env", "# a comment\nA=from the file\r\nexport D=\"quoted # text\"\nE='single $A'\n\nBETTER_AUTH_SECRET="+secret+"\nPORT=9000 # why\n")
	got, err = config.Environ(dir, []string{"A=1", "PATH=/bin"})
	want := environment("A=1", "PATH=/bin", "D=quoted # text", "E=single $A", "BETTER_AUTH_SECRET="+secret, "PORT=9000")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Environ = %v, %v, want %v", got, err, want)
	}
	if _, found := os.LookupEnv("D"); found {
		t.Error("Environ set a variable of the process, want it to set none")
	}
	c, err := config.Load(got)
	if err != nil || c.Port != 9000 || !slices.Equal(c.Auth.Secrets, []string{secret}) {
		t.Errorf("Load(Environ) = %+v, %v, want the file's settings", c, err)
	}
	if got, err = config.Environ(dir, []string{"PORT=7000"}); err != nil || got["PORT"] != "7000" {
		t.Errorf("Environ: PORT = %q, %v, want the environment's", got["PORT"], err)
	}
}

// The auth server reads the secret from the same file. Both must read the same value, with any characters.
func TestEnvironKeepsSecretsAsTheyAre(t *testing.T) {
	for line, want := range map[string]string{
		`S='a$b${c}#d\n'`: `a$b${c}#d\n`,
		`S=ab+c/d==`:      `ab+c/d==`,
		`S="ab+c/d=="`:    `ab+c/d==`,
		`S=a#b`:           `a#b`,
	} {
		dir := t.TempDir()
		mustWrite(t, dir, ".env", line+"\n")
		if got, err := config.Environ(dir, nil); err != nil || got["S"] != want {
			t.Errorf("Environ(%s) = %q, %v, want %q", line, got["S"], err, want)
		}
	}
}

func TestEnvironOfADamagedFile(t *testing.T) {
	for _, text := range []string{"BETTER_AUTH_SECRET " + secret + "\n", "A='" + secret, "\x00" + secret} {
		dir := t.TempDir()
		mustWrite(t, dir, ".env", text)
		got, err := config.Environ(dir, nil)
		if err == nil || got != nil || !strings.Contains(err.Error(), ".env") || strings.Contains(err.Error(), secret[:8]) {
			t.Errorf("Environ(%q) = %v, %v, want an error that names the file and not its content", text, got, err)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".env"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := config.Environ(dir, nil); err == nil {
		t.Errorf("Environ where .env is a directory = %v, want an error", got)
	}
}

func mustWrite(tb testing.TB, dir, name, text string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}
