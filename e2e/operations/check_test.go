package operations

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
)

// keySet is a JWKS with the Ed25519 key of RFC 8037, appendix A.
const keySet = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`

func TestCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("keys.json", []byte(keySet), 0o600); err != nil {
		t.Fatal(err)
	}
	both := []string{"BETTER_AUTH_SECRET=" + harness.Secret, "BETTER_AUTH_URL=https://app.example.com", "JWKS_FILE=keys.json"}
	out, err := harness.Command(t, both, "check")
	want := regexp.MustCompile(`(?s)ok +secret +HS256.*iss any, aud any.*ok +keys +EdDSA, ES256, RS256, PS256 with the keys at keys.json\n +kid k1, alg EdDSA\n +iss https://app.example.com, aud https://app.example.com\nok +origins +[^\n]*\nok +database`)
	if err != nil || !want.MatchString(out) {
		t.Errorf("taskql check = %v\n%s\nwant %s", err, out, want)
	}
	if want := "ok    rate limit     60000 in 1m0s for each user\n"; !strings.Contains(out, want) {
		t.Errorf("taskql check = %s\nwant %s", out, want)
	}
	out, err = harness.Command(t, append(both, "RATE_LIMIT=off", "TRUSTED_PROXIES=10.0.0.0/8,192.0.2.1", "INTROSPECTION=off"), "check")
	if err != nil || !strings.Contains(out, "ok    rate limit     none") || !strings.Contains(out, "from [10.0.0.0/8 192.0.2.1/32]\nok    introspection  off\n") {
		t.Errorf("taskql check without a rate limit = %v\n%s", err, out)
	}
	out, err = harness.Command(t, []string{"BETTER_AUTH_URL=http://127.0.0.1:1"}, "check")
	if err == nil || !strings.Contains(out, "FAIL  keys") || !strings.Contains(out, "ok    database") {
		t.Errorf("taskql check without an auth server = %v\n%s", err, out)
	}
}

// TestCheckOrigins checks that whose pages may call the API is printed, and what the names of variables may hide.
func TestCheckOrigins(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		environ []string
		want    string
	}{
		{nil, `ok +origins +http://localhost:3000, http://127.0.0.1:3000 by CORS_ORIGINS\n +every origin on a loopback host, in development mode`},
		{[]string{"BETTER_AUTH_SECRET=" + harness.Secret, "FRONTEND_URL=https://a.example"}, `ok +origins +https://a.example by FRONTEND_URL\nok`},
		{[]string{"JWT_SECRET=" + harness.Secret}, `ok +configuration .*\n +JWT_SECRET is read as BETTER_AUTH_SECRET\nok +secret`},
		{[]string{"AUTH_SECRET=" + harness.Secret}, `ok +configuration .*\n +no sign-in is configured: taskql does not read AUTH_SECRET, but BETTER_AUTH_SECRET\nok +sign-in +none`},
	} {
		out, err := harness.Command(t, append(tt.environ, "DATABASE_URL="+storetest.SQLite(t)), "check")
		if err != nil || !regexp.MustCompile(tt.want).MatchString(out) || strings.Contains(out, harness.Secret) {
			t.Errorf("taskql check with %q = %v\n%s\nwant %s", tt.environ, err, out, tt.want)
		}
	}
}

// TestOldNames starts servers with the names that FastAPI backends have for settings, and with a name that is not read.
func TestOldNames(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, map[string]string{"JWT_SECRET": harness.Secret, "NEON_DATABASE_URL": storetest.SQLite(t), "HOST": "127.0.0.1"})
	if got := s.As("ada").Send("GET", s.As("ada").Tasks(), ""); got.Status != 200 {
		t.Errorf("GET = %d %s", got.Status, got.Body)
	}
	for _, want := range []string{`"msg":"NEON_DATABASE_URL is read as DATABASE_URL"`, `"msg":"JWT_SECRET is read as BETTER_AUTH_SECRET"`} {
		if strings.Count(s.Out.String(), want) != 1 {
			t.Errorf("the log does not have %s once:\n%s", want, s.Out)
		}
	}
	s, _ = harness.StartProcess(t, map[string]string{"SECRET_KEY": harness.Secret})
	if want := "taskql does not read SECRET_KEY, but BETTER_AUTH_SECRET"; !strings.Contains(s.Out.String(), want) || strings.Contains(s.Out.String(), harness.Secret) {
		t.Errorf("the log does not say %q, or has the secret:\n%s", want, s.Out)
	}
}

// TestMissingSchema checks that a schema that does not exist is reported before a table is to be created in it.
func TestMissingSchema(t *testing.T) {
	t.Parallel()
	wrong := strings.Replace(storetest.Postgres(t), "search_path=test_", "schema=typo_", 1)
	environ := []string{"DATABASE_URL=" + wrong, "BETTER_AUTH_SECRET=" + harness.Secret}
	const want = "DATABASE_URL: the search path is typo_"
	out, err := harness.Command(t, environ, "check")
	if err == nil || !strings.Contains(out, "FAIL  database       "+want) {
		t.Errorf("taskql check = %v\n%s\nwant %q", err, out, want)
	}
	if _, err := harness.Command(t, environ, "migrate", "up"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("taskql migrate up = %v, want %q", err, want)
	}
}

// TestCheckReplica checks that the replica's address is tried, and that a wrong one is named. Without it, the server starts all the same.
func TestCheckReplica(t *testing.T) {
	t.Parallel()
	url, other := storetest.Postgres(t), storetest.Postgres(t)
	opened.Migrated(t, url)
	opened.Migrated(t, other)
	for replica, want := range map[string]string{
		"":                         "\nok    live updates",
		url:                        "\nok    replica        answers",
		other:                      "\nFAIL  replica        DATABASE_REPLICA_URL: it is a copy of another database",
		"postgres://127.0.0.1:1/x": "\nFAIL  replica        DATABASE_REPLICA_URL: the replica does not answer: ",
		"mysql://x":                "\nFAIL  database       DATABASE_REPLICA_URL: the address must begin with",
	} {
		environ := []string{"DATABASE_URL=" + url, "DATABASE_REPLICA_URL=" + replica, "BETTER_AUTH_SECRET=" + harness.Secret}
		if out, err := harness.Command(t, environ, "check"); !strings.Contains(out, want) || (err != nil) != strings.Contains(want, "FAIL") {
			t.Errorf("with the replica %q: %v\n%s\nwant %s", replica, err, out, want)
		}
	}
	env := harness.Env(url)
	env["DATABASE_REPLICA_URL"] = "postgres://127.0.0.1:1/x"
	u := harness.Start(t, env).As("u")
	if u.Send("GET", u.Tasks(), "").Status != 200 || u.Send("GET", "/ready", "").Status != 200 {
		t.Error("the server does not work without its replica")
	}
}

func TestCheckToken(t *testing.T) {
	t.Parallel()
	good := harness.Token(t, "ada")
	judge := func(args []string, stdin string) (string, error) {
		out, log, err := harness.CommandWithInput(t, []string{"BETTER_AUTH_SECRET=" + harness.Secret}, stdin, append([]string{"check"}, args...)...)
		return out + log, err
	}
	for _, stdin := range []string{good, good + "\n", "Bearer " + good, "bearer  " + good + "\r\n"} {
		if out, err := judge([]string{"--token", "-"}, stdin); err != nil || !strings.HasPrefix(out, `The token is valid for the user "ada" until 20`) {
			t.Errorf("check of a valid token = %v\n%s", err, out)
		}
	}
	for token, want := range map[string]string{
		good[:len(good)-4] + "AAAA":          "the token is refused: the signature is not made with a configured secret",
		"":                                   "the token is refused: not a JWT: it has 0 dots",
		"dGhpcyBpcyBhIHNlc3Npb24gdG9rZW4.ab": "is it a session token?",
	} {
		out, err := judge([]string{"--token=" + token}, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || out != "" {
			t.Errorf("check of an invalid token = %v\n%s\nwant %q", err, out, want)
		}
	}
}

// TestReadOnlyCommands runs the commands that change nothing before the first start: they create no file.
func TestReadOnlyCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"migrate", "plan"}, {"migrate", "status"}, {"check"}} {
		if out, err := harness.Command(t, nil, args...); err != nil {
			t.Errorf("taskql %s = %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if _, err := harness.Command(t, nil, "check", "--token", harness.Token(t, "ada")); err == nil || !strings.Contains(err.Error(), "there is no secret yet") {
		t.Errorf("taskql check --token = %v", err)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("they created %v, %v", files, err)
	}
}

// TestCheckConnections compares the setting with what PostgreSQL accepts.
func TestCheckConnections(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	for _, tt := range []struct{ setting, address, want string }{
		{"", "", "ok    connections    up to 16 for each server"},
		{"", "&connection_limit=7", "ok    connections    up to 7 for each server"},
		{"5", "&connection_limit=7", "ok    connections    up to 5 for each server"},
		{"10000", "", "FAIL  connections    DATABASE_MAX_CONNECTIONS: a server uses up to 10000, but PostgreSQL accepts "},
	} {
		environ := []string{"DATABASE_URL=" + databaseURL + tt.address, "DATABASE_MAX_CONNECTIONS=" + tt.setting, "BETTER_AUTH_SECRET=" + harness.Secret}
		if out, _ := harness.Command(t, environ, "check"); !strings.Contains(out, tt.want) {
			t.Errorf("with %q and %q: %s\nwant %s", tt.setting, tt.address, out, tt.want)
		}
	}
}
