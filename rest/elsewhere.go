package rest

import (
	"net/http"
	"strings"
)

// Front ends of FastAPI backends send some requests that belong to another server here. The answers say where they belong.
const (
	noAccounts = "taskql has no accounts: sign-up, sign-in and sessions belong to the auth server or the old backend. " +
		"See docs/sign-in.md, \"Where does your front end get its token?\""
	noProfiles = "taskql stores no profiles: names, e-mail addresses, passwords and accounts belong to the auth server, so change them there. " +
		"With Better Auth: updateUser, changeEmail, changePassword and deleteUser of its client"
)

// profileRoutes are the writes of profile pages. The document leaves them out.
func (a *adapter) profileRoutes() (routes []route) {
	for _, path := range []string{"/api/users/me", "/api/auth/me", "/api/users/profile", "/api/{user_id}/profile", "/api/users/password", "/api/users/change-password"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			routes = append(routes, route{method: method, path: path, serve: a.profileWrite, cost: 1})
		}
	}
	return routes
}

func (a *adapter) profileWrite(http.ResponseWriter, *http.Request) error {
	return &statusError{http.StatusNotImplemented, noProfiles}
}

// noRoute answers a request for an unknown path.
func noRoute(w http.ResponseWriter, r *http.Request) {
	if path := withoutBase(r.URL.Path); strings.HasPrefix(path, "/api/auth/") || strings.HasPrefix(path, "/auth/") {
		writeDetail(w, http.StatusNotFound, noAccounts)
		return
	}
	NotFound(w, r)
}
