package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The limits of a sign-in: of its request and of each answer of the auth server in bytes, and of its time.
const (
	maxSignIn     = 8 << 10
	maxAuthAnswer = 1 << 20
	signInTimeout = 10 * time.Second
)

// credentials are what the playground's form sends.
type credentials struct {
	Address  string `json:"address"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// signIn fetches an access token from a Better Auth server for the playground, because browsers do not let a page read the answers of an
// auth server that does not list its origin. Nothing is kept, also no session. Only in development mode, and only a browser on this
// machine, may name another server than the configured one: others could look around in the server's network.
func (o PlaygroundOptions) signIn(w http.ResponseWriter, r *http.Request) {
	token, err := o.fetchToken(r)
	answer, status := map[string]string{"token": token}, http.StatusOK
	if err != nil {
		answer, status = map[string]string{"error": err.Error()}, http.StatusUnprocessableEntity
	}
	if wait, refused := err.(tooMany); refused {
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(wait)))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // an error means that the client has gone
}

// tooMany is the error of an attempt that is refused for so many seconds.
type tooMany int

func (t tooMany) Error() string {
	return "Too many sign-ins from your address. Try again in " + strconv.Itoa(int(t)) + " s."
}

// problem is an error for the person at the form, as a sentence.
type problem string

func (p problem) Error() string { return string(p) }

// isOwnPage reports whether a page of this server has sent a request, by what browsers do not let pages write.
func isOwnPage(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	return r.Header.Get("Sec-Fetch-Site") == "same-origin" || err == nil && origin.Host != "" && origin.Host == r.Host
}

// fetchToken returns a token, or an error for the person at the form.
func (o PlaygroundOptions) fetchToken(r *http.Request) (token string, err error) {
	// Otherwise other sites could try passwords here, by the browsers of their visitors.
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "application/json" || !isOwnPage(r) {
		return "", problem("Sign in on the page of the playground.")
	}
	var c credentials
	if err := json.NewDecoder(io.LimitReader(r.Body, maxSignIn)).Decode(&c); err != nil {
		return "", problem("The form cannot be read.")
	}
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(c.Address), "/"))
	switch {
	case err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return "", problem("The address must begin with http:// or https://.")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return "", problem("The address must have no user, query or fragment.")
	case c.Email == "" || c.Password == "":
		return "", problem("E-mail and password are required.")
	}
	if base.Path == "" {
		base = base.JoinPath("api/auth")
	}
	if (o.Token == nil || !isLocal(r)) && base.String() != o.AuthURL {
		// Such a request goes to where this machine can reach, and its answer is shown.
		return "", problem("Outside of development mode or from another machine, you can sign in at this server's own BETTER_AUTH_URL only.")
	}
	if o.Admit != nil {
		if wait := o.Admit(r); wait > 0 {
			return "", tooMany(wait)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), signInTimeout)
	defer cancel()
	return authServer{ctx, base}.token(c)
}

// authServer is a Better Auth server at the address of its API.
type authServer struct {
	ctx  context.Context
	base *url.URL
}

// token signs in, asks for an access token with the cookies of the new session, and ends the session, of which nobody would have the cookies.
func (s authServer) token(c credentials) (string, error) {
	body, err := json.Marshal(map[string]string{"email": c.Email, "password": c.Password})
	if err != nil {
		return "", err
	}
	signedIn, _, err := s.send(http.MethodPost, "sign-in/email", body, nil)
	if err != nil {
		return "", err
	}
	_, answer, err := s.send(http.MethodGet, "token", nil, signedIn.Cookies())
	_, _, _ = s.send(http.MethodPost, "sign-out", []byte("{}"), signedIn.Cookies()) // a session that is left ends by itself
	if err != nil {
		return "", err
	}
	if answer.Token == "" {
		return "", problem(s.base.String() + "/token has no token: add the jwt plugin to Better Auth.")
	}
	return answer.Token, nil
}

// authAnswer is what we read of Better Auth's answers.
type authAnswer struct{ Token, Message string }

// send sends a request. An answer that is not 200 is an error.
func (s authServer) send(method, path string, body []byte, cookies []*http.Cookie) (*http.Response, authAnswer, error) {
	var answer authAnswer
	address := s.base.JoinPath(path).String()
	r, err := http.NewRequestWithContext(s.ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, answer, problem("The address cannot be used.")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", s.base.Scheme+"://"+s.base.Host) // Better Auth trusts its own origin
	for _, cookie := range cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		return nil, answer, problem("Better Auth cannot be reached at " + s.base.String() + ".")
	}
	defer response.Body.Close()
	readErr := json.NewDecoder(io.LimitReader(response.Body, maxAuthAnswer)).Decode(&answer)
	switch {
	case response.StatusCode == http.StatusOK && readErr == nil:
		return response, answer, nil
	case response.StatusCode == http.StatusNotFound && path == "token":
		return nil, answer, problem("There is no " + address + ": add the jwt plugin to Better Auth.")
	case answer.Message != "":
		return nil, answer, problem("Better Auth says: " + answer.Message)
	default:
		return nil, answer, problem(address + " answers with " + strconv.Itoa(response.StatusCode) + ", not as Better Auth does.")
	}
}
