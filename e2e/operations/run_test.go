package operations

import (
	"bufio"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestWrongConfiguration checks that a wrong setting ends the program with one sentence that names the setting and
// contains no secret.
func TestWrongConfiguration(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	cases := []struct{ name, environ, want string }{
		{"short secret", "BETTER_AUTH_SECRET=short", "BETTER_AUTH_SECRET has 5 bytes"},
		{"algorithm", "BETTER_AUTH_SECRET=" + harness.Secret + "\nJWT_ALGORITHM=none", "JWT_ALGORITHM"},
		{"port no number", "PORT=http", "PORT must be a number"},
		{"port too large", "PORT=65536", "PORT must be a number"},
		{"port taken", "PORT=" + port, "PORT: another program listens on 127.0.0.1:" + port},
		{"host beyond loopback without sign-in", "HOST=0.0.0.0", "HOST is \"0.0.0.0\""},
		{"host of another machine", "HOST=192.0.2.1\nBETTER_AUTH_SECRET=" + harness.Secret, "HOST or PORT"},
		{"origins", "CORS_ORIGINS=*", "CORS_ORIGINS"},
		{"playground", "PLAYGROUND=maybe", "PLAYGROUND is \"maybe\""},
		{"timeout", "REQUEST_TIMEOUT=soon", "REQUEST_TIMEOUT must be a duration"},
		{"database of another kind", "DATABASE_URL=mysql://u:hidden@h/db", "DATABASE_URL: the address must begin with"},
		{"database without an address", "DATABASE_URL=hidden", "DATABASE_URL: the address must begin with"},
		{"database that is not there", "DATABASE_URL=postgres://u:hidden@127.0.0.1:1/db", "DATABASE_URL: the PostgreSQL database does not answer"},
		{"SQLite file in no directory", "DATABASE_URL=sqlite:nowhere/x.db", "DATABASE_URL: the SQLite file cannot be opened"},
		{"replica of another kind", "DATABASE_URL=" + os.Getenv("TEST_DATABASE_URL") + "\nDATABASE_REPLICA_URL=sqlite:x", "DATABASE_REPLICA_URL"},
		{"replica of SQLite", "DATABASE_REPLICA_URL=postgres://host/x", "DATABASE_REPLICA_URL"},
		{"direct address of another kind", "DATABASE_URL=" + os.Getenv("TEST_DATABASE_URL") + "\nDATABASE_DIRECT_URL=sqlite:x", "DATABASE_DIRECT_URL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			environ := append([]string{"PORT=0"}, strings.Split(c.environ, "\n")...)
			_, err := harness.Command(t, environ)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("run = %v, want one sentence with %q", err, c.want)
			}
		})
	}
}

// TestDevelopmentMode starts the program without any configuration, twice.
func TestDevelopmentMode(t *testing.T) {
	t.Chdir(t.TempDir())
	s := harness.Start(t, nil)
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("it listens on %s, want loopback", s.URL)
	}
	line, ok := s.Out.Wait("eyJ")
	if !ok {
		t.Fatalf("no token was printed:\n%s", s.Out)
	}
	printed := s.With("dev", strings.TrimSpace(line))
	if a := printed.GraphQL(`mutation { createTask(input: {title: "first"}) { task { id } } }`); !strings.Contains(a.Body, `"id":"1"`) {
		t.Errorf("createTask with the printed token = %d %s", a.Status, a.Body)
	}
	for _, line := range []string{"Playground  " + s.URL + "/\n", "Reference   " + s.URL + "/docs\n"} {
		if !strings.Contains(s.Out.String(), line) {
			t.Errorf("%q was not printed:\n%s", line, s.Out)
		}
	}
	if info, err := os.Stat("taskql.secret"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("taskql.secret: %v, %v, want mode 0600", info, err)
	}
	minted, err := harness.Command(t, nil, "token", "--user", "ada", "--ttl", "2m")
	if err != nil {
		t.Fatal(err)
	}
	ada := s.With("ada", strings.TrimSpace(minted))
	if a := ada.GraphQL(`{ viewer { id } tasks { totalCount } }`); a.Body != `{"data":{"viewer":{"id":"ada"},"tasks":{"totalCount":0}}}` {
		t.Errorf("viewer with a minted token = %d %s", a.Status, a.Body)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("run = %v after the signal to stop", err)
	}
	// The second start finds the first one's secret and tasks.
	again := harness.Start(t, nil).With("dev", printed.Token)
	if a := again.Send("GET", again.Tasks(1), ""); a.Status != 200 {
		t.Errorf("the task after a restart = %d %s", a.Status, a.Body)
	}
}

func TestSettingsFromDotEnv(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "# sign-in\nBETTER_AUTH_SECRET=\"" + harness.Secret + "\"\nHOST=127.0.0.1\nPLAYGROUND=maybe\nDATABASE_URL=file:tasks.db\n"
	if err := os.WriteFile(".env", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := harness.Start(t, map[string]string{"PLAYGROUND": "off"}) // the environment wins
	if a := s.As("u").GraphQL(`{ viewer { id } }`); a.Status != 200 {
		t.Errorf("viewer = %d %s", a.Status, a.Body)
	}
	if _, err := os.Stat("tasks.db"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("taskql.secret"); !os.IsNotExist(err) {
		t.Errorf("taskql.secret: %v, want none where sign-in is configured", err)
	}
	if a := s.Anonymous().Send("GET", "/", ""); a.Status != 404 || a.Body != `{"detail":"Not Found"}` {
		t.Errorf("GET / = %d %s, want no playground", a.Status, a.Body)
	}
	if err := os.WriteFile(".env", []byte("BETTER_AUTH_SECRET 'hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := harness.Command(t, nil); err == nil || !strings.Contains(err.Error(), ".env") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("run with a broken .env = %v", err)
	}
}

// TestStopLetsRequestsFinish stops the server while the body of a request arrives.
func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("u")
	conn, err := net.Dial("tcp", strings.TrimPrefix(u.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"title":"in time"}`
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", u.Tasks(), u.Token, len(body))
	reader := bufio.NewReader(conn)
	// The server asks for the body: the request is under way.
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("the server said %q, %v", line, err)
	}
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	if _, ok := s.Out.Wait(`"msg":"stopping"`); !ok {
		t.Fatal("the server did not stop")
	}
	fmt.Fprint(conn, body)
	if response, err := http.ReadResponse(reader, nil); err != nil || response.StatusCode != 201 {
		t.Errorf("POST under way at the signal = %v, %v, want 201", response, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("run = %v", err)
	}
	if _, err := u.Try("GET", "/health", ""); err == nil {
		t.Error("the server still answers after the stop")
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + harness.Secret}
		steps := []struct {
			args  string
			want  string // a regular expression for what is printed
			error string
		}{
			{"migrate status", `^0001_tasks +missing\n`, ""},
			{"migrate plan", `^The database has no table of tasks: an empty one, "task", would be created. Missing migrations: 0001_tasks, `, ""},
			{"check", `ok +configuration.*\nok +secret +HS256.*\n +iss any, aud any\nok +origins.*\nok +database.*(\nok +connections.*)?(\nok +tables +\d+ migrations are missing|does not exist yet: the next start creates it)`, ""},
			{"migrate up", `^applied 0001_tasks\n`, ""},
			{"migrate up", `^The tables are up to date.\n$`, ""},
			{"migrate status", `^0001_tasks +applied 20\d\d-`, ""},
			{"check", `ok +tables +up to date`, ""},
			{"migrate down", ``, "--yes"},
			{"migrate down --yes", `^rolled back \d{4}_\w+\n$`, ""},
			{"migrate up", `^applied \d{4}_\w+\n$`, ""},
			{"migrate", ``, "plan, up, down, status or copy"},
			{"migrate sideways", ``, "sideways"},
			{"token", ``, "user"},
			{"token --user u --ttl=-1s", ``, "time to live"},
			{"token --user u", `^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$`, ""},
			{"schema", `(?s)type Task implements Node.*enum UserErrorCode`, ""},
			{"version", `^\S+\n$`, ""},
			{"help", `(?s)serve.*migrate.*token.*schema.*check.*version`, ""},
			{"sreve", ``, "sreve"},
		}
		for _, step := range steps {
			out, err := harness.Command(t, environ, strings.Fields(step.args)...)
			if step.error != "" {
				if err == nil || !strings.Contains(err.Error(), step.error) {
					t.Errorf("taskql %s = %v, want an error with %q", step.args, err, step.error)
				}
			} else if err != nil || !regexp.MustCompile(step.want).MatchString(out) {
				t.Errorf("taskql %s = %v\n%s\nwant %s", step.args, err, out, step.want)
			}
		}
		// All the way back, until nothing is left.
		for tries := 0; ; tries++ {
			out, err := harness.Command(t, environ, "migrate", "down", "--yes")
			if err == nil && out == "No migration to roll back.\n" {
				break
			}
			if err != nil || tries > 20 || !strings.HasPrefix(out, "rolled back ") {
				t.Fatalf("taskql migrate down --yes = %v\n%s", err, out)
			}
		}
		out, err := harness.Command(t, []string{"DATABASE_URL=postgres://u:hidden@127.0.0.1:1/db"}, "check")
		if err == nil || !strings.Contains(out, "FAIL  database") || strings.Contains(out, "hidden") {
			t.Errorf("taskql check without a database = %v\n%s", err, out)
		}
	})
}

// TestOrigins sends preflights and requests, also failing ones, from allowed and other origins.
func TestOrigins(t *testing.T) {
	t.Parallel()
	env := harness.Env(storetest.SQLite(t))
	env["FRONTEND_URL"] = "https://app.example.com/, http://localhost:5173"
	u := harness.Start(t, env).As("u")
	for origin, allowed := range map[string]string{
		"https://app.example.com": "https://app.example.com",
		"http://localhost:5173":   "http://localhost:5173",
		"http://localhost:3000":   "",
		"https://evil.example":    "",
		"null":                    "",
	} {
		for _, path := range []string{"/graphql", u.Tasks(), u.Tasks() + "/", u.Tasks(1, "complete")} {
			preflight := u.Anonymous().Send("OPTIONS", path, "", "Origin", origin,
				"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type,x-time-zone")
			if got := preflight.Header.Get("Access-Control-Allow-Origin"); got != allowed || preflight.Status != 204 {
				t.Errorf("preflight of %s for %s = %d, origin %q, want %q", path, origin, preflight.Status, got, allowed)
			}
			if got := preflight.Header.Get("Access-Control-Allow-Headers"); allowed != "" && got != "authorization,content-type,x-time-zone" {
				t.Errorf("preflight of %s allows the headers %q", path, got)
			}
			failed := u.Anonymous().Send("GET", path, "", "Origin", origin)
			if got := failed.Header.Get("Access-Control-Allow-Origin"); got != allowed {
				t.Errorf("%d answer of %s to %s has origin %q, want %q", failed.Status, path, origin, got, allowed)
			}
			if !strings.Contains(strings.Join(failed.Header.Values("Vary"), ","), "Origin") {
				t.Errorf("%d answer of %s does not vary by Origin", failed.Status, path)
			}
		}
	}
}

// TestRequestTimeout sends requests whose time is over before they begin.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		env := harness.Env(databaseURL)
		env["REQUEST_TIMEOUT"] = "1ns"
		u := harness.Start(t, env).As("u")
		if a := u.Send("GET", u.Tasks(), ""); a.Status != 504 || a.Body != `{"detail":"Request timed out"}` {
			t.Errorf("GET = %d %s, want 504", a.Status, a.Body)
		}
	})
}

// TestRequestLog wants one line for each request, without tokens and without the texts of tasks.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := harness.Start(t, harness.Env(storetest.SQLite(t)))
	u := s.As("ada")
	u.GraphQL(`mutation MakeOne { createTask(input: {title: "a private matter"}) { task { id } } }`)
	u.GraphQL(`{ viewer { id } tasks { totalCount } }`)
	u.Send("PATCH", u.Tasks(1, "complete"), "")
	u.Send("POST", u.Tasks(), `{"title":""}`)
	s.With("", u.Token+"x").Send("GET", u.Tasks()+"?token="+u.Token, "")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	log := s.Out.String()
	for _, want := range []string{
		`"method":"POST","path":"/graphql","status":200,.*"user":"ada","operation":"MakeOne","cost":\d+`,
		`"path":"/graphql","status":200,.*"operation":"query viewer tasks","cost":\d+`,
		`"method":"PATCH","path":"/api/ada/tasks/1/complete","status":200,.*"route":"/api/{user_id}/tasks/{id}/complete","user":"ada"`,
		`"method":"POST","path":"/api/ada/tasks","status":422,`,
		`"method":"GET","path":"/api/ada/tasks","status":401,.*"refused":"the signature`,
	} {
		if n := len(regexp.MustCompile(want).FindAllString(log, -1)); n != 1 {
			t.Errorf("%d lines match %s, want 1\n%s", n, want, log)
		}
	}
	for _, secret := range []string{"private", strings.Split(u.Token, ".")[2], harness.Secret} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	if lines := strings.Count(log, `"msg":"request"`); lines != 5 {
		t.Errorf("%d lines for 5 requests", lines)
	}
}

// TestEmbedded checks that the program needs no other files and leaves none but its database and secret.
func TestEmbedded(t *testing.T) {
	t.Chdir(t.TempDir())
	s := harness.Start(t, nil)
	if a := s.Anonymous().Send("GET", "/", ""); a.Status != 200 || !strings.Contains(a.Header.Get("Content-Type"), "text/html") {
		t.Errorf("GET / = %d %s", a.Status, a.Body)
	}
	var files []string
	_ = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, _ error) error {
		files = append(files, path)
		return nil
	})
	for _, file := range files {
		if file != "." && !strings.HasPrefix(file, "taskql.db") && file != "taskql.secret" {
			t.Errorf("it left the file %s", file)
		}
	}
}
