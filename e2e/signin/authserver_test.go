package signin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// authServers runs Better Auth servers.
type authServers struct{ *harness.AuthServers }

func startAuthServers(t *testing.T) *authServers {
	t.Helper()
	return &authServers{harness.StartAuthServers(t)}
}

// options are the parameters of a command.
type options map[string]any

// authServer is one Better Auth server.
type authServer struct {
	t   testing.TB
	url string
	do  func(command string, o options) json.RawMessage
}

// start starts a server. The options are those of AuthServer in clients/auth-server.mjs.
func (s *authServers) start(t testing.TB, o options) *authServer {
	t.Helper()
	var started struct {
		Server int
		URL    string
	}
	settings := options{"secret": harness.Secret}
	for name, value := range o {
		settings[name] = value
	}
	if err := json.Unmarshal(s.Execute(t, "start", settings), &started); err != nil {
		t.Fatal(err)
	}
	a := &authServer{t: t, url: started.URL}
	a.do = func(command string, o options) json.RawMessage {
		t.Helper()
		with := options{"server": started.Server}
		for name, value := range o {
			with[name] = value
		}
		return s.Execute(t, command, with)
	}
	// What still hangs must not keep the process from ending.
	t.Cleanup(func() { a.do("close", nil) })
	return a
}

// requests returns the number of requests for a path.
func (a *authServer) requests(path string) int {
	a.t.Helper()
	var requests map[string]int
	if err := json.Unmarshal(a.do("requests", nil), &requests); err != nil {
		a.t.Fatal(err)
	}
	return requests[path]
}

// fetches returns how often the key set was requested.
func (a *authServer) fetches() int {
	a.t.Helper()
	return a.requests("/api/auth/jwks")
}

// answer selects the answer to requests for the key set; see clients/auth-server.mjs.
func (a *authServer) answer(how string) { a.t.Helper(); a.do("answer", options{"how": how}) }

// signed returns claims signed with the current key of the server. It adds iss, aud and exp if they are missing.
func (a *authServer) signed(claims map[string]any) string {
	a.t.Helper()
	return a.tokenIn(a.do("sign", options{"payload": claims}))
}

func (a *authServer) tokenIn(body []byte) string {
	a.t.Helper()
	var answer struct{ Token string }
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		a.t.Fatalf("a token in %s: %v", body, err)
	}
	return answer.Token
}

// person is a user who has signed up.
type person struct {
	*authServer
	id, email, name string
	// session is the opaque token in the answer to sign-up.
	session string
	cookies map[string]string
}

// signUp creates a user over HTTP, as the form of a front end does.
func (a *authServer) signUp(name string) *person {
	a.t.Helper()
	p := &person{authServer: a, name: name, email: strings.ToLower(name) + "@example.com", cookies: map[string]string{}}
	form, err := json.Marshal(map[string]string{"email": p.email, "name": name, "password": "a good password"})
	if err != nil {
		a.t.Fatal(err)
	}
	response := a.request("POST", "/api/auth/sign-up/email", string(form), "")
	var answer struct {
		Token string
		User  struct{ ID string }
	}
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil || answer.User.ID == "" {
		a.t.Fatalf("sign-up = %d %s", response.Status, response.Body)
	}
	p.id, p.session = answer.User.ID, answer.Token
	for _, cookie := range (&http.Response{Header: response.Header}).Cookies() {
		p.cookies[cookie.Name] = cookie.Value
	}
	return p
}

// token fetches a new access token, as a front end does.
func (p *person) token() string {
	p.t.Helper()
	response := p.request("GET", "/api/auth/token", "", p.cookie())
	if response.Status != http.StatusOK {
		p.t.Fatalf("GET /api/auth/token = %d %s", response.Status, response.Body)
	}
	return p.tokenIn([]byte(response.Body))
}

// cookie returns the Cookie header of the user's browser.
func (p *person) cookie() string {
	var pairs []string
	for name, value := range p.cookies {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

// mailed returns the token in the e-mail that confirms the user's address.
func (p *person) mailed() string {
	p.t.Helper()
	return p.tokenIn(p.do("mail", options{"email": p.email}))
}

func (a *authServer) request(method, path, body, cookie string) harness.Answer {
	a.t.Helper()
	headers := []string{"Origin", a.url}
	if cookie != "" {
		headers = append(headers, "Cookie", cookie)
	}
	return harness.At(a.t, a.url).Anonymous().Send(method, path, body, headers...)
}
