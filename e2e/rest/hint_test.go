package rest

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestHint checks that the log says once when requests look like those of a front end for the dialect web, with the base URL to
// use, and nothing where the dialect was chosen.
func TestHint(t *testing.T) {
	t.Parallel()
	const hint = "a front end seems to expect the REST dialect web"
	for sent, body := range map[string]string{
		"camel-case names":      `{"title":"x","dueDate":null}`,
		"tags as a list":        `{"title":"x","tags":[]}`,
		"lower-case priorities": `{"title":"x","priority":"none"}`,
	} {
		s := harness.Start(t, harness.Env(storetest.SQLite(t)))
		ada := s.As("ada")
		for _, quiet := range []string{`{"title":"x","priority":"HIGH","tags":"[]","due_date":null,"is_completed":false}`, `{"title":"x","priority":""}`, `{"title":"x","tags":null}`} {
			ada.Send("POST", ada.Tasks(), quiet)
			ada.Send("PUT", ada.Tasks(1), quiet)
		}
		for _, base := range []string{"/seed", "/web"} {
			ada.Send("POST", base+ada.Tasks(), body)
		}
		if strings.Contains(s.Out.String(), hint) {
			t.Errorf("the log has the hint without a reason:\n%s", s.Out)
		}
		for range 3 {
			ada.Send("PUT", ada.Tasks(1), body)
			ada.Send("POST", ada.Tasks(), body)
		}
		log := s.Out.String()
		if want := `"sent":"` + sent + `","base_url":"` + strings.TrimPrefix(s.URL, "http://") + `/web"`; strings.Count(log, hint) != 1 || !strings.Contains(log, want) {
			t.Errorf("the log does not have %q once with %s:\n%s", hint, want, log)
		}
	}
	env := harness.Env(storetest.SQLite(t))
	env["REST_DIALECT"] = "web"
	s := harness.Start(t, env)
	if s.As("ada").Send("POST", s.As("ada").Tasks(), `{"title":"x","tags":[]}`); strings.Contains(s.Out.String(), hint) {
		t.Errorf("the log has the hint, but the dialect is web:\n%s", s.Out)
	}

	for _, query := range []string{"?sort_by=createdAt", "?priority=high"} {
		s := harness.Start(t, harness.Env(storetest.SQLite(t)))
		ada := s.As("ada")
		ada.Send("GET", ada.Tasks()+"?sort_by=created_at&priority=HIGH&status=all", "")
		if strings.Contains(s.Out.String(), hint) {
			t.Errorf("the log has the hint without a reason:\n%s", s.Out)
		}
		if ada.Send("GET", ada.Tasks()+query, ""); !strings.Contains(s.Out.String(), hint) {
			t.Errorf("the log has no hint after a list with %s:\n%s", query, s.Out)
		}
	}
}
