package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskql/store/storetest"
)

// TestLongExport has a client that reads slowly for longer than a request may work, and than the server waits
// for one to arrive.
func TestLongExport(t *testing.T) {
	databaseURL := storetest.SQLite(t)
	const rows = 20_000
	withTasks(t, databaseURL, rows)
	const timeout = time.Second
	handler, log := handlerOn(t, databaseURL, timeout)
	web := httptest.NewUnstartedServer(handler)
	web.Config.ReadTimeout, web.Config.WriteTimeout = timeout, timeout
	web.Start()
	defer web.Close()
	r, err := http.NewRequest("GET", web.URL+"/api/u/tasks/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token(t, "u"))
	began := time.Now()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	for err == nil {
		_, err = io.CopyN(&text, response.Body, 4<<20)
		if time.Since(began) < 2*timeout {
			time.Sleep(timeout / 2) // what is tested is time
		}
	}
	var list []struct{ ID int64 }
	if err != io.EOF || json.Unmarshal(text.Bytes(), &list) != nil || len(list) != rows {
		t.Errorf("after %s and %d bytes: %v, %d tasks\n%s", time.Since(began), text.Len(), err, len(list), log)
	}
	if time.Since(began) < 2*timeout {
		t.Errorf("the export took %s only", time.Since(began))
	}
}

// TestExportThatFails cuts the database off in the middle: the client must see that it has not got all.
func TestExportThatFails(t *testing.T) {
	databaseURL := storetest.Postgres(t)
	withTasks(t, databaseURL, 10_000)
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, address.Host)
	address.Host = p.listener.Addr().String()
	s := start(t, signedIn(address.String()))
	u := s.as("u")
	for _, format := range []string{"json", "csv"} {
		response := u.openExport(format)
		if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
			t.Fatal(err)
		}
		p.cut(true)
		rest, err := io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if err == nil {
			t.Errorf("%s: the answer ends after %d bytes as if it were whole", format, rest)
		}
		if a := u.send("GET", u.tasks("export")+"?format="+format, ""); a.status != 500 || a.body != `{"detail":"Internal server error"}` || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s without a database = %d %v %s", format, a.status, a.header, a.body)
		}
		p.cut(false)
		eventually(t, "the database is back", func() bool { return u.send("GET", "/health", "").status == 200 })
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if log := s.out.String(); strings.Count(log, `"msg":"an export was cut off"`) != 2 || strings.Contains(log, "panic") {
		t.Errorf("the log is\n%s", log)
	}
}

// TestClientLeavesExport wants the server to stop reading for a client that has gone.
func TestClientLeavesExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		withTasks(t, databaseURL, 10_000)
		s := start(t, signedIn(databaseURL))
		response := s.as("u").openExport("json")
		if _, err := io.CopyN(io.Discard, response.Body, 1<<10); err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		line, ok := s.out.wait(`"path":"/api/u/tasks/export"`)
		var entry struct{ Bytes int }
		if err := json.Unmarshal([]byte(line), &entry); !ok || err != nil || entry.Bytes > 10_000*1000 {
			t.Errorf("the request's line is %s, %v", line, err)
		}
		if log := s.out.String(); !strings.Contains(log, `"level":"INFO","msg":"an export was cut off"`) {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// openExport begins an export.
func (c *client) openExport(format string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequest("GET", c.url+c.tasks("export")+"?format="+format, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != 200 {
		c.t.Fatalf("GET export = %v, %v", response, err)
	}
	return response
}
