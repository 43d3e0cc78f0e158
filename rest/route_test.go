package rest

import "testing"

// TestRoutesAreDocumented has every route say what it is, under a name of its own.
func TestRoutesAreDocumented(t *testing.T) {
	served, named := map[string]bool{}, map[string]bool{}
	for _, r := range (&adapter{}).routes(reference{Seed, "1"}) {
		for _, path := range r.paths() {
			if name := r.method + " " + path; served[name] {
				t.Errorf("%s stands in the table twice", name)
			} else {
				served[name] = true
			}
		}
		if r.doc == nil || r.doc.OperationID == "" || r.doc.Summary == "" || len(r.doc.Tags) != 1 {
			t.Errorf("%s %s has no documentation", r.method, r.path)
			continue
		}
		if named[r.doc.OperationID] {
			t.Errorf("%s %s is called %q, as another route is", r.method, r.path, r.doc.OperationID)
		}
		named[r.doc.OperationID] = true
	}
}
