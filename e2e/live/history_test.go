package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestSubscriptionsOfALostHistory puts the database back under live subscriptions. On each transport they end with
// BAD_SYNC_TOKEN, and taskChanges begins anew.
func TestSubscriptionsOfALostHistory(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	s := harness.Start(t, harness.Env(url))
	u := s.As("u")
	id := u.Add("kept")
	rename := func(title string) {
		u.GraphQL(fmt.Sprintf(`mutation { updateTask(id: %s, input: {title: %q}) { userErrors { code } } }`, id, title)).Data(t, &struct{}{})
	}
	rename("before")
	putBack := storetest.Save(t, url)
	since := u.SyncToken()
	var followers []*harness.Follower
	for _, transport := range harness.Transports {
		followers = append(followers, u.Follow(transport, since))
	}
	rename("lost")
	token := ""
	for _, f := range followers {
		token = f.Next().Token
	}
	putBack()
	rename("again")
	for i, f := range followers {
		select {
		case how := <-f.Ended:
			if !strings.HasPrefix(how, "error") || !strings.Contains(how, `"BAD_SYNC_TOKEN"`) || !strings.Contains(how, "put back to an earlier state: begin anew") {
				t.Errorf("%s ends with %s", harness.Transports[i], how)
			}
		case <-time.After(harness.Patience):
			t.Errorf("%s does not end", harness.Transports[i])
		}
	}
	if page := u.Changes(token, 10); !page.Reset || len(page.Changes) != 1 || page.Changes[0].Task.Title != "again" {
		t.Errorf("taskChanges = %+v, want a reset", page)
	}
	if page := u.Changes(since, 10); page.Reset || len(page.Changes) != 1 {
		t.Errorf("taskChanges with an earlier token = %+v, want the change", page)
	}
}

// TestRestoredCommand puts the database back and runs the command instead of a restart. The lost version of a task is a
// conflict in both APIs.
func TestRestoredCommand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		t.Parallel()
		u := harness.Start(t, harness.Env(url)).As("u")
		id := u.Add("kept")
		task := u.Tasks(id)
		before := u.Send("GET", task, "").Header.Get("ETag")
		lost := u.Send("PUT", task, `{"title": "lost"}`).Header.Get("ETag")
		lostToken := u.SyncToken()
		// The state of before, which a restore would bring; the server is not told.
		storetest.Exec(t, url, "UPDATE task SET title = 'kept', version = 1", "UPDATE task_counter SET n = 1")
		out, err := harness.Command(t, []string{"DATABASE_URL=" + url, "BETTER_AUTH_SECRET=" + harness.Secret}, "restored")
		if err != nil || !strings.Contains(out, "refused from now on") {
			t.Fatalf("restored = %q, %v", out, err)
		}
		if got := u.Send("PUT", task, `{"title": "again"}`, "If-Match", before); got.Status != 200 || got.Header.Get("ETag") == lost {
			t.Errorf("a write with the tag of before = %d, with the tag %s", got.Status, got.Header.Get("ETag"))
		}
		if got := u.Send("PUT", task, `{"title": "over"}`, "If-Match", lost); got.Status != 412 {
			t.Errorf("a write with the lost tag = %d %s, want 412", got.Status, got.Body)
		}
		version := strings.Trim(lost, `"`)
		got := u.GraphQL(`mutation { updateTask(id: ` + id + `, input: {title: "over"}, expectedVersion: ` + version + `) { userErrors { code } } }`)
		if !strings.Contains(string(got.Body), "VERSION_CONFLICT") {
			t.Errorf("a mutation with the lost version = %s", got.Body)
		}
		if page := u.Changes(lostToken, 10); !page.Reset {
			t.Errorf("the lost token = %+v, want a reset", page)
		}
	})
}
