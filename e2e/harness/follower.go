package harness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Change is a TaskChange in a response.
type Change struct {
	Kind, TaskID, Token string
	Task                *struct {
		ID, Title string
		Version   int64
	}
}

// String returns the kind, the id and the title.
func (c Change) String() string {
	if c.Task == nil {
		return c.Kind + " " + c.TaskID
	}
	return fmt.Sprint(c.Kind, " ", c.TaskID, " ", c.Task.Title)
}

const changeFields = `kind taskId token task { id title version }`

// FollowQuery is a subscription to taskChanged. Its variable since may be left out.
const FollowQuery = `subscription($since: SyncToken) { taskChanged(since: $since) { ` + changeFields + ` } }`

// The transports of a subscription over server-sent events, by the method of the request.
const (
	EventsByPOST = "events by POST"
	EventsByGET  = "events by GET"
)

// Transports are all ways to subscribe.
var Transports = []string{TransportWS, LegacyWS, EventsByPOST, EventsByGET}

// EachTransport runs a test for each way to subscribe, each with a user of its own on one server.
func EachTransport(t *testing.T, s *Server, test func(t *testing.T, transport string, u *Client)) {
	for i, transport := range Transports {
		t.Run(transport, func(t *testing.T) { test(t, transport, s.Within(t).As(fmt.Sprint("user ", i))) })
	}
}

// IsEvents reports whether a transport is server-sent events.
func IsEvents(transport string) bool { return transport == EventsByPOST || transport == EventsByGET }

// Follower is a subscription to taskChanged. It reads the next change from the connection only when the test has
// received the one before.
type Follower struct {
	t       testing.TB
	Changes chan Change
	// Ended tells the end: the code and the reason of a close, "complete", "error" and the errors, or "cut".
	Ended chan string
	ctx   context.Context
	// Stop cuts the connection, as a network does.
	Stop context.CancelFunc
}

// Follow subscribes to taskChanged; since "" is none. Headers are for events only.
func (c *Client) Follow(transport, since string, headers ...string) *Follower {
	c.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.T.Cleanup(cancel)
	f := &Follower{t: c.T, Changes: make(chan Change), Ended: make(chan string, 1), ctx: ctx, Stop: cancel}
	variables := []any{"since", since}
	if since == "" {
		variables = nil
	}
	if IsEvents(transport) {
		f.overEvents(c, transport, variables, headers)
		return f
	}
	socket := c.Socket(c.T, transport)
	socket.SignIn(c.Token)
	socket.Operate("1", FollowQuery, variables...)
	context.AfterFunc(ctx, func() { _ = socket.Conn.CloseNow() }) // it may be closed already
	go func() { f.Ended <- f.readSocket(socket.Conn) }()
	return f
}

func (f *Follower) readSocket(ws *websocket.Conn) string {
	for {
		_, text, err := ws.Read(context.Background())
		var closed websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
		case err != nil:
			return "cut"
		}
		var message struct {
			Type    string
			Payload json.RawMessage
		}
		if err := json.Unmarshal(text, &message); err != nil {
			return err.Error()
		}
		switch message.Type {
		case "next", "data":
			if how := f.take(message.Payload, ""); how != "" {
				return how
			}
		case "error":
			return "error " + string(message.Payload)
		case "complete":
			return "complete"
		}
	}
}

// take passes a result on to the test. It returns how the subscription ended, or "" if it goes on. id is that of an event.
func (f *Follower) take(result []byte, id string) string {
	var response struct {
		Data   struct{ TaskChanged *Change }
		Errors json.RawMessage
	}
	if err := json.Unmarshal(result, &response); err != nil {
		return err.Error()
	}
	c := response.Data.TaskChanged
	switch {
	case response.Errors != nil || c == nil:
		return "error " + string(response.Errors)
	case id != "" && id != c.Token:
		return "the event's id is " + id + ", the token " + c.Token
	}
	select {
	case f.Changes <- *c:
		return ""
	case <-f.ctx.Done():
		return "cut"
	}
}

func (f *Follower) overEvents(c *Client, transport string, variables []any, headers []string) {
	f.t.Helper()
	body := GraphQLBody(FollowQuery, variables...)
	r, err := http.NewRequestWithContext(f.ctx, "POST", c.URL+"/graphql", strings.NewReader(body))
	if transport == EventsByGET {
		var request struct{ Variables json.RawMessage }
		_ = json.Unmarshal([]byte(body), &request)
		query := url.Values{"query": {FollowQuery}, "variables": {string(request.Variables)}}
		r, err = http.NewRequestWithContext(f.ctx, "GET", c.URL+"/graphql?"+query.Encode(), nil)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		f.t.Fatalf("the stream of events = %d %s", response.StatusCode, got)
	}
	go func() {
		defer response.Body.Close()
		f.Ended <- f.readEvents(bufio.NewScanner(response.Body))
	}()
}

func (f *Follower) readEvents(lines *bufio.Scanner) string {
	lines.Buffer(nil, 1<<20)
	var event, id string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			event = value
		case "id":
			id = value
		case "data":
			if event == "complete" {
				return "complete"
			}
			if id == "" && strings.Contains(value, `"token"`) {
				return "an event without an id: " + value
			}
			if how := f.take([]byte(value), id); how != "" {
				return how
			}
			event, id = "", ""
		}
	}
	return "cut"
}

// Next waits for a change and returns it.
func (f *Follower) Next() Change {
	f.t.Helper()
	select {
	case c := <-f.Changes:
		return c
	case how := <-f.Ended:
		f.t.Fatalf("the subscription ended with %q, want a change", how)
	case <-time.After(Patience):
		f.t.Fatal("no change is received")
	}
	panic("unreachable")
}

// Want waits for these changes, in this order and no others between, and returns the token of the last.
func (f *Follower) Want(changes ...string) (token string) {
	f.t.Helper()
	for _, want := range changes {
		c := f.Next()
		if token = c.Token; c.String() != want {
			f.t.Fatalf("received %s, want %s", c, want)
		}
	}
	return token
}

// End waits for the end of the subscription, without a change before, and returns the value of Ended.
func (f *Follower) End() string {
	f.t.Helper()
	select {
	case c := <-f.Changes:
		f.t.Fatalf("received %s, want the end", c)
	case how := <-f.Ended:
		return how
	case <-time.After(Patience):
		f.t.Fatal("the subscription does not end")
	}
	panic("unreachable")
}
