package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"taskql/cli"
	"taskql/store/storetest"
)

// command runs taskql to its end in the current directory.
func command(t *testing.T, environ []string, args ...string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, log bytes.Buffer
	err = cli.Run(ctx, append([]string{"taskql"}, args...), environ, strings.NewReader(""), &out, &log)
	return out.String(), err
}

// TestWrongConfiguration wants one sentence that names the setting, and nothing secret in it.
func TestWrongConfiguration(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	cases := []struct{ name, environ, want string }{
		{"short secret", "BETTER_AUTH_SECRET=short", "BETTER_AUTH_SECRET has 5 bytes"},
		{"algorithm", "BETTER_AUTH_SECRET=" + testSecret + "\nJWT_ALGORITHM=none", "JWT_ALGORITHM"},
		{"port no number", "PORT=http", "PORT must be a number"},
		{"port too large", "PORT=65536", "PORT must be a number"},
		{"port taken", "PORT=" + port, "PORT: another program listens on 127.0.0.1:" + port},
		{"host beyond loopback without sign-in", "HOST=0.0.0.0", "HOST is \"0.0.0.0\""},
		{"host of another machine", "HOST=192.0.2.1\nBETTER_AUTH_SECRET=" + testSecret, "HOST or PORT"},
		{"origins", "CORS_ORIGINS=*", "CORS_ORIGINS"},
		{"playground", "PLAYGROUND=maybe", "PLAYGROUND is \"maybe\""},
		{"timeout", "REQUEST_TIMEOUT=soon", "REQUEST_TIMEOUT must be a duration"},
		{"database of another kind", "DATABASE_URL=mysql://u:hidden@h/db", "DATABASE_URL: the address must begin with"},
		{"database without an address", "DATABASE_URL=hidden", "DATABASE_URL: the address must begin with"},
		{"database that is not there", "DATABASE_URL=postgres://u:hidden@127.0.0.1:1/db", "DATABASE_URL: the PostgreSQL database does not answer"},
		{"SQLite file in no directory", "DATABASE_URL=sqlite:nowhere/x.db", "DATABASE_URL: the SQLite file cannot be opened"},
		{"direct address of another kind", "DATABASE_URL=" + os.Getenv("TEST_DATABASE_URL") + "\nDATABASE_DIRECT_URL=sqlite:x", "DATABASE_DIRECT_URL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			environ := append([]string{"PORT=0"}, strings.Split(c.environ, "\n")...)
			_, err := command(t, environ)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("run = %v, want one sentence with %q", err, c.want)
			}
		})
	}
}

// TestDevelopmentMode is the first start of somebody who has configured nothing.
func TestDevelopmentMode(t *testing.T) {
	t.Chdir(t.TempDir())
	s := start(t, nil)
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("it listens on %s, want loopback", s.url)
	}
	line, ok := s.out.wait("eyJ")
	if !ok {
		t.Fatalf("no token was printed:\n%s", s.out)
	}
	printed := &client{s, "dev", strings.TrimSpace(line)}
	if a := printed.graphql(`mutation { createTask(input: {title: "first"}) { task { id } } }`); !strings.Contains(a.body, `"id":"1"`) {
		t.Errorf("createTask with the printed token = %d %s", a.status, a.body)
	}
	for _, line := range []string{"Playground  " + s.url + "/\n", "Reference   " + s.url + "/docs\n"} {
		if !strings.Contains(s.out.String(), line) {
			t.Errorf("%q was not printed:\n%s", line, s.out)
		}
	}
	if info, err := os.Stat("taskql.secret"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("taskql.secret: %v, %v, want mode 0600", info, err)
	}
	minted, err := command(t, nil, "token", "--user", "ada", "--ttl", "2m")
	if err != nil {
		t.Fatal(err)
	}
	ada := &client{s, "ada", strings.TrimSpace(minted)}
	if a := ada.graphql(`{ viewer { id } tasks { totalCount } }`); a.body != `{"data":{"viewer":{"id":"ada"},"tasks":{"totalCount":0}}}` {
		t.Errorf("viewer with a minted token = %d %s", a.status, a.body)
	}
	if err := s.stop(); err != nil {
		t.Errorf("run = %v after the signal to stop", err)
	}
	// The second start finds the first one's secret and tasks.
	again := &client{start(t, nil), "dev", printed.token}
	if a := again.send("GET", again.tasks(1), ""); a.status != 200 {
		t.Errorf("the task after a restart = %d %s", a.status, a.body)
	}
}

func TestSettingsFromDotEnv(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "# sign-in\nBETTER_AUTH_SECRET=\"" + testSecret + "\"\nHOST=127.0.0.1\nPLAYGROUND=maybe\nDATABASE_URL=file:tasks.db\n"
	if err := os.WriteFile(".env", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, map[string]string{"PLAYGROUND": "off"}) // the environment wins
	if a := s.as("u").graphql(`{ viewer { id } }`); a.status != 200 {
		t.Errorf("viewer = %d %s", a.status, a.body)
	}
	if _, err := os.Stat("tasks.db"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("taskql.secret"); !os.IsNotExist(err) {
		t.Errorf("taskql.secret: %v, want none where sign-in is configured", err)
	}
	if a := (&client{server: s}).send("GET", "/", ""); a.status != 404 || a.body != `{"detail":"Not Found"}` {
		t.Errorf("GET / = %d %s, want no playground", a.status, a.body)
	}
	if err := os.WriteFile(".env", []byte("BETTER_AUTH_SECRET 'hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, nil); err == nil || !strings.Contains(err.Error(), ".env") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("run with a broken .env = %v", err)
	}
}

// TestStopLetsRequestsFinish stops the server while a request's body is still on its way.
func TestStopLetsRequestsFinish(t *testing.T) {
	s := start(t, signedIn(storetest.SQLite(t)))
	u := s.as("u")
	conn, err := net.Dial("tcp", strings.TrimPrefix(u.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"title":"in time"}`
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", u.tasks(), u.token, len(body))
	reader := bufio.NewReader(conn)
	// The server asks for the body: the request is under way.
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("the server said %q, %v", line, err)
	}
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	if _, ok := s.out.wait(`"msg":"stopping"`); !ok {
		t.Fatal("the server did not stop")
	}
	fmt.Fprint(conn, body)
	if response, err := http.ReadResponse(reader, nil); err != nil || response.StatusCode != 201 {
		t.Errorf("POST under way at the signal = %v, %v, want 201", response, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("run = %v", err)
	}
	if _, err := u.try("GET", "/health", ""); err == nil {
		t.Error("the server still answers after the stop")
	}
}

func TestCommands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		t.Chdir(t.TempDir())
		environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + testSecret}
		steps := []struct {
			args  string
			want  string // a regular expression for what is printed
			error string
		}{
			{"migrate status", `^0001_tasks +missing\n`, ""},
			{"migrate plan", `^Tasks are in the table "task". Missing migrations: 0001_tasks, `, ""},
			{"check", `ok +configuration.*\nok +secret +HS256.*\n +iss any, aud any\nok +database.*(\nok +tables +\d+ migrations are missing|does not exist yet: the next start creates it)`, ""},
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
			out, err := command(t, environ, strings.Fields(step.args)...)
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
			out, err := command(t, environ, "migrate", "down", "--yes")
			if err == nil && out == "No migration to roll back.\n" {
				break
			}
			if err != nil || tries > 20 || !strings.HasPrefix(out, "rolled back ") {
				t.Fatalf("taskql migrate down --yes = %v\n%s", err, out)
			}
		}
		out, err := command(t, []string{"DATABASE_URL=postgres://u:hidden@127.0.0.1:1/db"}, "check")
		if err == nil || !strings.Contains(out, "FAIL  database") || strings.Contains(out, "hidden") {
			t.Errorf("taskql check without a database = %v\n%s", err, out)
		}
	})
}

// TestOrigins has a browser's preflight and answers, errors among them, of allowed and of other origins.
func TestOrigins(t *testing.T) {
	env := signedIn(storetest.SQLite(t))
	env["FRONTEND_URL"] = "https://app.example.com/, http://localhost:5173"
	u := start(t, env).as("u")
	for origin, allowed := range map[string]string{
		"https://app.example.com": "https://app.example.com",
		"http://localhost:5173":   "http://localhost:5173",
		"http://localhost:3000":   "",
		"https://evil.example":    "",
		"null":                    "",
	} {
		for _, path := range []string{"/graphql", u.tasks(), u.tasks() + "/", u.tasks(1, "complete")} {
			preflight := (&client{server: u.server}).send("OPTIONS", path, "", "Origin", origin,
				"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type,x-time-zone")
			if got := preflight.header.Get("Access-Control-Allow-Origin"); got != allowed || preflight.status != 204 {
				t.Errorf("preflight of %s for %s = %d, origin %q, want %q", path, origin, preflight.status, got, allowed)
			}
			if got := preflight.header.Get("Access-Control-Allow-Headers"); allowed != "" && got != "authorization,content-type,x-time-zone" {
				t.Errorf("preflight of %s allows the headers %q", path, got)
			}
			failed := (&client{server: u.server}).send("GET", path, "", "Origin", origin)
			if got := failed.header.Get("Access-Control-Allow-Origin"); got != allowed {
				t.Errorf("%d answer of %s to %s has origin %q, want %q", failed.status, path, origin, got, allowed)
			}
			if !strings.Contains(strings.Join(failed.header.Values("Vary"), ","), "Origin") {
				t.Errorf("%d answer of %s does not vary by Origin", failed.status, path)
			}
		}
	}
}

// TestRequestTimeout has the time of a request run out before it begins.
func TestRequestTimeout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		env := signedIn(databaseURL)
		env["REQUEST_TIMEOUT"] = "1ns"
		u := start(t, env).as("u")
		if a := u.send("GET", u.tasks(), ""); a.status != 500 || a.body != `{"detail":"Internal server error"}` {
			t.Errorf("GET = %d %s, want 500", a.status, a.body)
		}
	})
}

// TestRequestLog wants one line for each request, and no token or text of a task in any.
func TestRequestLog(t *testing.T) {
	s := start(t, signedIn(storetest.SQLite(t)))
	u := s.as("ada")
	u.graphql(`mutation MakeOne { createTask(input: {title: "a private matter"}) { task { id } } }`)
	u.graphql(`{ viewer { id } tasks { totalCount } }`)
	u.send("PATCH", u.tasks(1, "complete"), "")
	u.send("POST", u.tasks(), `{"title":""}`)
	(&client{server: s, token: u.token + "x"}).send("GET", u.tasks()+"?token="+u.token, "")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	log := s.out.String()
	for _, want := range []string{
		`"method":"POST","path":"/graphql","status":200,.*"user":"ada","operation":"MakeOne"`,
		`"path":"/graphql","status":200,.*"operation":"query viewer tasks"`,
		`"method":"PATCH","path":"/api/ada/tasks/1/complete","status":200,.*"route":"/api/{user_id}/tasks/{id}/complete","user":"ada"`,
		`"method":"POST","path":"/api/ada/tasks","status":422,`,
		`"method":"GET","path":"/api/ada/tasks","status":401,.*"refused":"the signature`,
	} {
		if n := len(regexp.MustCompile(want).FindAllString(log, -1)); n != 1 {
			t.Errorf("%d lines match %s, want 1\n%s", n, want, log)
		}
	}
	for _, secret := range []string{"private", strings.Split(u.token, ".")[2], testSecret} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	if lines := strings.Count(log, `"msg":"request"`); lines != 5 {
		t.Errorf("%d lines for 5 requests", lines)
	}
}

// TestEmbedded makes sure that the program needs no file beside it.
func TestEmbedded(t *testing.T) {
	t.Chdir(t.TempDir())
	s := start(t, nil)
	if a := (&client{server: s}).send("GET", "/", ""); a.status != 200 || !strings.Contains(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("GET / = %d %s", a.status, a.body)
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
