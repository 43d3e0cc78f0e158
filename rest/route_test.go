package rest

import (
	"net/http/httptest"
	"testing"
)

// TestRoutesAreUnique wants each method and path, and each operation ID, once.
func TestRoutesAreUnique(t *testing.T) {
	served, named := map[string]bool{}, map[string]bool{}
	for _, r := range (&adapter{}).routes() {
		for _, path := range r.paths() {
			if name := r.method + " " + path; served[name] {
				t.Errorf("%s is served twice", name)
			} else {
				served[name] = true
			}
		}
		if named[r.id] {
			t.Errorf("%s %s has the operation ID %q, as another route has", r.method, r.path, r.id)
		}
		named[r.id] = true
	}
}

func TestIsStream(t *testing.T) {
	for target, want := range map[string]bool{
		"/api/ada/tasks": true, "/api/ada/tasks/": true, "/api/ada/tasks/export": true, "/web/api/ada/tasks": true, "/seed/api/ada/tasks/export/": true,
		"/api/ada/tasks/1": false, "/api/ada/stats": false, "/web/api/ada/tasks/1": false, "/webapi/ada/tasks": false, "/other/api/ada/tasks": false,
		"/web/web/api/ada/tasks": false, "/web": false,
	} {
		if got := IsStream(httptest.NewRequest("GET", target, nil)); got != want {
			t.Errorf("IsStream(GET %s) = %v, want %v", target, got, want)
		}
	}
	if IsStream(httptest.NewRequest("POST", "/web/api/ada/tasks", nil)) {
		t.Error("IsStream(POST) = true, want false")
	}
}
