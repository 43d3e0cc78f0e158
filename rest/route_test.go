package rest

import "testing"

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
