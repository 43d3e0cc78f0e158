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

// Change is a TaskChange as a client sees it.
type Change struct {
	Kind, TaskID, Token string
	Task                *struct {
		ID, Title string
		Version   int64
	}
}

func (c Change) String() string {
	if c.Task == nil {
		return c.Kind + " " + c.TaskID
	}
	return fmt.Sprint(c.Kind, " ", c.TaskID, " ", c.Task.Title)
}

const changeFields = `kind taskId token task { id title version }`

const FollowQuery = `subscription($since: SyncToken) { taskChanged(since: $since) { ` + changeFields + ` } }`

// Transports are the ways to subscribe.
var Transports = []string{TransportWS, LegacyWS, "events by POST", "events by GET"}

// EachTransport runs a test for each way to subscribe, all on one server.
func EachTransport(t *testing.T, s *Server, test func(t *testing.T, door string, u *Client)) {
	for i, door := range Transports {
		t.Run(door, func(t *testing.T) { test(t, door, s.Within(t).As(fmt.Sprint("user ", i))) })
	}
}

// Follower is a subscription to taskChanged. It takes a change from the connection when the test asks for one.
type Follower struct {
	t       testing.TB
	Changes chan Change
	// Ended says how it ended: the code and reason of a close, complete, error and the errors, or cut.
	Ended chan string
	ctx   context.Context
	// Stop cuts it off, as a network does.
	Stop context.CancelFunc
}

// Follow subscribes through a door; since "" is none. Headers come in pairs and are for events alone.
func (c *Client) Follow(door, since string, headers ...string) *Follower {
	c.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.T.Cleanup(cancel)
	f := &Follower{t: c.T, Changes: make(chan Change), Ended: make(chan string, 1), ctx: ctx, Stop: cancel}
	variables := []any{"since", since}
	if since == "" {
		variables = nil
	}
	if strings.HasPrefix(door, "events") {
		f.overEvents(c, door, variables, headers)
		return f
	}
	socket := c.Socket(c.T, door)
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

// take hands a result on, or says how it ends the subscription. id is that of an event.
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

func (f *Follower) overEvents(c *Client, door string, variables []any, headers []string) {
	f.t.Helper()
	body := GraphQLBody(FollowQuery, variables...)
	r, err := http.NewRequestWithContext(f.ctx, "POST", c.URL+"/graphql", strings.NewReader(body))
	if door == "events by GET" {
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
	response, err := c.httpClient().Do(r)
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

const patience = 20 * time.Second

// Next returns the next change.
func (f *Follower) Next() Change {
	f.t.Helper()
	select {
	case c := <-f.Changes:
		return c
	case how := <-f.Ended:
		f.t.Fatalf("the subscription ended with %q, want a change", how)
	case <-time.After(patience):
		f.t.Fatal("no change is heard")
	}
	panic("unreachable")
}

// Want wants these changes next, and returns the last one's token.
func (f *Follower) Want(changes ...string) (token string) {
	f.t.Helper()
	for _, want := range changes {
		c := f.Next()
		if token = c.Token; c.String() != want {
			f.t.Fatalf("heard of %s, want %s", c, want)
		}
	}
	return token
}

// End waits until the subscription ends, and says how.
func (f *Follower) End() string {
	f.t.Helper()
	select {
	case c := <-f.Changes:
		f.t.Fatalf("heard of %s, want the end", c)
	case how := <-f.Ended:
		return how
	case <-time.After(patience):
		f.t.Fatal("the subscription does not end")
	}
	panic("unreachable")
}

// Page is a TaskChangePage.
type Page struct {
	Changes        []Change
	NextToken      string
	HasMore, Reset bool
}

// Changes asks for a page; since "" is none.
func (c *Client) Changes(since string, first int) Page {
	c.T.Helper()
	variables := []any{"first", first}
	if since != "" {
		variables = append(variables, "since", since)
	}
	var data struct{ TaskChanges Page }
	c.GraphQL(`query($since: SyncToken, $first: Int!) { taskChanges(since: $since, first: $first) {
		changes { `+changeFields+` } nextToken hasMore reset } }`, variables...).Data(c.T, &data)
	return data.TaskChanges
}

// SyncToken is the bookmark behind all changes.
func (c *Client) SyncToken() string { c.T.Helper(); return c.Changes("", 500).NextToken }

// Add makes a task over REST and returns its id.
func (c *Client) Add(title string) (id string) {
	c.T.Helper()
	var task struct{ ID int64 }
	c.Send("POST", c.Tasks(), fmt.Sprintf(`{"title":%q}`, title)).JSON(c.T, &task)
	return fmt.Sprint(task.ID)
}
