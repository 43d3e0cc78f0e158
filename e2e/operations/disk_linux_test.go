package operations

import (
	"math"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestFullDisk has a server that can write no file any more, as with a full disk: a limit for its files does that without a
// file system of the test's own. Writes fail with a code, the health checks fail, and reads go on. All is well again when there
// is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s, process := harness.StartProcess(t, harness.Env(storetest.SQLite(t)))
	room := func(bytes uint64) {
		t.Helper()
		var limit unix.Rlimit
		if err := unix.Prlimit(process.Pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
			t.Fatal(err)
		}
		limit.Cur = min(bytes, limit.Max)
		if err := unix.Prlimit(process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
			t.Fatal(err)
		}
	}
	healthy := func(want int) {
		t.Helper()
		for _, path := range []string{"/health", "/ready"} {
			harness.Eventually(t, path+" changes", func() bool { return s.Anonymous().Send("GET", path, "").Status == want })
		}
	}
	u := s.As("u")
	u.Add("before")
	if storetest.Scale(0, 1) > 0 {
		healthy(200) // proves for some seconds that the next write works
	}

	room(0)
	const mutation = `mutation { createTask(input: {title: "no room"}) { task { id } } }`
	if a := u.GraphQL(mutation); !strings.Contains(a.Body, `"message":"An internal error occurred on the server."`) || !strings.Contains(a.Body, `"code":"INTERNAL"`) {
		t.Errorf("a mutation without room = %d %s", a.Status, a.Body)
	}
	for method, path := range map[string]string{"POST": u.Tasks(), "PUT": u.Tasks(1)} {
		if a := u.Send(method, path, `{"title":"no room"}`); a.Status != 500 || a.Body != `{"detail":"Internal server error"}` {
			t.Errorf("%s without room = %d %s", method, a.Status, a.Body)
		}
	}
	if _, logged := s.Out.Wait("disk I/O error"); !logged {
		t.Errorf("the log does not tell the cause:\n%s", s.Out)
	}
	healthy(503)
	for _, a := range []harness.Answer{u.Send("GET", u.Tasks(), ""), u.GraphQL(`{ tasks { nodes { title } } }`)} {
		if a.Status != 200 || !strings.Contains(a.Body, `"title":"before"`) || strings.Contains(a.Body, "no room") {
			t.Errorf("a read without room = %d %s", a.Status, a.Body)
		}
	}

	room(math.MaxUint64)
	if a := u.Send("PUT", u.Tasks(1), `{"title":"after"}`); a.Status != 200 {
		t.Errorf("a write with room again = %d %s", a.Status, a.Body)
	}
	healthy(200)
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}
