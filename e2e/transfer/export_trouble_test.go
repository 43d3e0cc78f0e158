package transfer

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestLongStreams reads an export and a list slowly. A client that goes on reading has more time than the request timeout
// and the timeouts of the server; one that pauses for longer than the request timeout is cut off.
func TestLongStreams(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.SQLite(t)
	const rows = 2000
	withTasks(t, databaseURL, rows)
	synctest.Test(t, func(t *testing.T) {
		s, stop := harness.ServeInBubble(t, databaseURL, nil)
		for _, path := range []string{streamed[0], streamed[2]} {
			for _, pause := range []time.Duration{10 * time.Second, time.Minute} {
				began, response := time.Now(), openStream(s.As("u"), path)
				var text bytes.Buffer
				var err error
				for err == nil {
					time.Sleep(pause)
					_, err = io.CopyN(&text, response.Body, 256<<10)
				}
				_ = response.Body.Close()
				var list []struct{ ID int64 }
				whole := err == io.EOF && json.Unmarshal(text.Bytes(), &list) == nil && len(list) == rows
				if took := time.Since(began); whole != (pause < time.Minute) || whole && took < time.Minute+time.Second {
					t.Errorf("%s with pauses of %v: after %v and %d bytes: %v, %d tasks", path, pause, took, text.Len(), err, len(list))
				}
			}
		}
		stop()
	})
}

// TestStreamsThatFail cuts the connection to the database during an export and a list: the client must notice that the
// response is not complete.
func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	withTasks(t, databaseURL, 10_000)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p := harness.NewProxy(t, address.Host)
	address.Host = p.Address
	s := harness.Start(t, harness.Env(address.String()))
	u := s.As("u")
	for _, path := range streamed {
		response := openStream(u, path)
		if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
			t.Fatal(err)
		}
		p.Cut(true)
		rest, err := io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err == nil {
			t.Errorf("%s: the answer ends after %d bytes as if it were whole", path, rest)
		}
		if a := u.Send("GET", "/api/u/"+path, ""); a.Status != 503 || a.Body != `{"detail":"Service unavailable"}` || a.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s without a database = %d %v %s", path, a.Status, a.Header, a.Body)
		}
		p.Cut(false)
		harness.Eventually(t, "the database is back", func() bool { return u.Send("GET", "/health", "").Status == 200 })
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if log := s.Out.String(); strings.Count(log, `"msg":"a response was cut off"`) != len(streamed) || strings.Contains(log, "panic") {
		t.Errorf("the log is\n%s", log)
	}
}

// TestClientLeavesStream closes the connection during an export and a list: the server must stop reading.
func TestClientLeavesStream(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		withTasks(t, databaseURL, 10_000)
		s := harness.Start(t, harness.Env(databaseURL))
		for _, path := range []string{"tasks/export", "tasks"} {
			response := openStream(s.As("u"), path)
			if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			line, ok := s.Out.Wait(`"path":"/api/u/` + path + `"`)
			var entry struct{ Bytes int }
			if err := json.Unmarshal([]byte(line), &entry); !ok || err != nil || entry.Bytes > 10_000*1000 {
				t.Errorf("the request's line is %s, %v", line, err)
			}
		}
		if log := s.Out.String(); strings.Count(log, `"level":"INFO","msg":"a response was cut off"`) != 2 {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// openStream starts to read an export or a list.
func openStream(c *harness.Client, path string) *http.Response {
	c.T.Helper()
	r, err := http.NewRequest("GET", c.URL+"/api/u/"+path, nil)
	if err != nil {
		c.T.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.Token)
	response, err := c.Do(r)
	if err != nil || response.StatusCode != 200 {
		c.T.Fatalf("GET %s = %v, %v", path, response, err)
	}
	return response
}
