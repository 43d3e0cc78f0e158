package rest

import (
	"net/http"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestBases checks that the base URL chooses the dialect, whatever the configuration says, and that all addresses in
// responses stay below it.
func TestBases(t *testing.T) {
	t.Parallel()
	for _, configured := range []string{"seed", "web"} {
		env := harness.Env(storetest.SQLite(t))
		env["REST_DIALECT"] = configured
		s := harness.Start(t, env)
		for base, dialect := range map[string]string{"": configured, "/seed": "seed", "/web": "web"} {
			t.Run(configured+base, func(t *testing.T) { checkBase(s.Within(t), base, dialect) })
		}
	}
}

func checkBase(s *harness.Server, base, dialect string) {
	t := s.T
	spelling := []string{`"priority":"HIGH"`, `"tags":"[\"home\"]"`}
	if dialect == "web" {
		spelling = []string{`"priority":"high"`, `"tags":["home"]`, `"is_completed":`, `"dueDate":null`, `"userId":"ada`}
	}
	ada := s.As("ada" + strings.ReplaceAll(base, "/", "-"))
	list := base + ada.Tasks()
	made := ada.Send("POST", list, `{"title":"one","priority":"high","tags":["home"]}`)
	address := made.Header.Get("Location")
	if made.Status != http.StatusCreated || !strings.HasPrefix(address, list+"/") {
		t.Fatalf("POST %s = %d, Location %q, want one below %s", list, made.Status, address, list)
	}
	ada.Send("POST", list+"/", `{"title":"two","priority":"high","tags":["home"]}`)
	page := ada.Send("GET", list+"?limit=1&sort=title", "")
	if want := "<" + list + "?limit=1&offset=1&sort=title>; rel=\"next\""; !strings.Contains(page.Header.Get("Link"), want) {
		t.Errorf("GET %s has the Link %q, want %s", list, page.Header.Get("Link"), want)
	}
	done := ada.Send("PATCH", address+"/toggle", "")
	for what, got := range map[string]harness.Answer{
		"POST": made, "a page": page, "the list": ada.Send("GET", list, ""), "GET": ada.Send("GET", address, ""), "PUT": ada.Send("PUT", address, `{"title":"one"}`),
		"with a slash": ada.Send("GET", address+"/", ""), "toggle": done,
	} {
		for _, want := range spelling {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s at %q: %s lacks %s", what, base, got.Body, want)
			}
		}
		if dialect == "seed" && strings.Contains(got.Body, "dueDate") {
			t.Errorf("%s at %q: %s has the names of web", what, base, got.Body)
		}
	}
	for _, path := range []string{ada.Tasks("export"), "/api/" + ada.User + "/stats", "/api/users/me", "/health", "/ready"} {
		if got := ada.Send("GET", base+path, ""); got.Status != http.StatusOK {
			t.Errorf("GET %s%s = %d %s", base, path, got.Status, got.Body)
		}
	}
	preflight := ada.Send("OPTIONS", address, "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization")
	if preflight.Status != http.StatusNoContent || preflight.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" {
		t.Errorf("the preflight for %s = %d %v", address, preflight.Status, preflight.Header)
	}
	for path, want := range map[string]string{"/docs": `"` + base + `/openapi.json"`, "/redoc/": `"` + base + `/openapi.json"`} {
		if got := ada.Send("GET", base+path, ""); !strings.Contains(got.Body, want) {
			t.Errorf("GET %s%s lacks %s:\n%s", base, path, want, got.Body)
		}
	}
	var document struct {
		Info    struct{ Description string }
		Servers []struct{ URL string }
	}
	ada.Send("GET", base+"/openapi.json", "").JSON(t, &document)
	if base == "" && document.Servers != nil || base != "" && (len(document.Servers) != 1 || document.Servers[0].URL != base) {
		t.Errorf("the servers of %s/openapi.json are %v", base, document.Servers)
	}
	if text := document.Info.Description; !strings.Contains(text, "the dialect `"+dialect+"`, ") || !strings.Contains(text, "Use a base URL that ends with `/web` for a front end that shows a white page") {
		t.Errorf("the document at %q does not say that it is about %s, and which front ends need web:\n%s", base, dialect, text)
	}
	if got := ada.Send("GET", base+"/web/api/users/me", ""); base != "" && got.Status != http.StatusNotFound {
		t.Errorf("a base below a base = %d", got.Status)
	}
}
