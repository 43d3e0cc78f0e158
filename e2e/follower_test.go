package e2e

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

// change is a TaskChange as a client sees it.
type change struct {
	Kind, TaskID, Token string
	Task                *struct {
		ID, Title string
		Version   int64
	}
}

func (c change) String() string {
	if c.Task == nil {
		return c.Kind + " " + c.TaskID
	}
	return fmt.Sprint(c.Kind, " ", c.TaskID, " ", c.Task.Title)
}

const changeFields = `kind taskId token task { id title version }`

const followQuery = `subscription($since: SyncToken) { taskChanged(since: $since) { ` + changeFields + ` } }`

// doors are the ways to subscribe.
var doors = []string{transportWS, legacyWS, "events by POST", "events by GET"}

// eachDoorOf runs a test for each way to subscribe, all on one server.
func eachDoorOf(t *testing.T, s *server, test func(t *testing.T, door string, u *client)) {
	for i, door := range doors {
		t.Run(door, func(t *testing.T) { test(t, door, s.within(t).as(fmt.Sprint("user ", i))) })
	}
}

// follower is a subscription to taskChanged. It takes a change from the connection when the test asks for one.
type follower struct {
	t       testing.TB
	changes chan change
	// ended says how it ended: the code and reason of a close, complete, error and the errors, or cut.
	ended chan string
	ctx   context.Context
	// stop cuts it off, as a network does.
	stop context.CancelFunc
}

// follow subscribes through a door; since "" is none. Headers come in pairs and are for events alone.
func (c *client) follow(door, since string, headers ...string) *follower {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	f := &follower{t: c.t, changes: make(chan change), ended: make(chan string, 1), ctx: ctx, stop: cancel}
	variables := []any{"since", since}
	if since == "" {
		variables = nil
	}
	if strings.HasPrefix(door, "events") {
		f.overEvents(c, door, variables, headers)
		return f
	}
	socket := c.socket(c.t, door)
	socket.signIn(c.token)
	socket.operate("1", followQuery, variables...)
	context.AfterFunc(ctx, func() { _ = socket.ws.CloseNow() }) // it may be closed already
	go func() { f.ended <- f.readSocket(socket.ws) }()
	return f
}

func (f *follower) readSocket(ws *websocket.Conn) string {
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
func (f *follower) take(result []byte, id string) string {
	var response struct {
		Data   struct{ TaskChanged *change }
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
	case f.changes <- *c:
		return ""
	case <-f.ctx.Done():
		return "cut"
	}
}

func (f *follower) overEvents(c *client, door string, variables []any, headers []string) {
	f.t.Helper()
	body := graphqlBody(followQuery, variables...)
	r, err := http.NewRequestWithContext(f.ctx, "POST", c.url+"/graphql", strings.NewReader(body))
	if door == "events by GET" {
		var request struct{ Variables json.RawMessage }
		_ = json.Unmarshal([]byte(body), &request)
		query := url.Values{"query": {followQuery}, "variables": {string(request.Variables)}}
		r, err = http.NewRequestWithContext(f.ctx, "GET", c.url+"/graphql?"+query.Encode(), nil)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.client().Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		f.t.Fatalf("the stream of events = %d %s", response.StatusCode, got)
	}
	go func() {
		defer response.Body.Close()
		f.ended <- f.readEvents(bufio.NewScanner(response.Body))
	}()
}

func (f *follower) readEvents(lines *bufio.Scanner) string {
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

// next returns the next change.
func (f *follower) next() change {
	f.t.Helper()
	select {
	case c := <-f.changes:
		return c
	case how := <-f.ended:
		f.t.Fatalf("the subscription ended with %q, want a change", how)
	case <-time.After(patience):
		f.t.Fatal("no change is heard")
	}
	panic("unreachable")
}

// want wants these changes next, and returns the last one's token.
func (f *follower) want(changes ...string) (token string) {
	f.t.Helper()
	for _, want := range changes {
		c := f.next()
		if token = c.Token; c.String() != want {
			f.t.Fatalf("heard of %s, want %s", c, want)
		}
	}
	return token
}

// end waits until the subscription ends, and says how.
func (f *follower) end() string {
	f.t.Helper()
	select {
	case c := <-f.changes:
		f.t.Fatalf("heard of %s, want the end", c)
	case how := <-f.ended:
		return how
	case <-time.After(patience):
		f.t.Fatal("the subscription does not end")
	}
	panic("unreachable")
}

// page is a TaskChangePage.
type page struct {
	Changes        []change
	NextToken      string
	HasMore, Reset bool
}

// changes asks for a page; since "" is none.
func (c *client) changes(since string, first int) page {
	c.t.Helper()
	variables := []any{"first", first}
	if since != "" {
		variables = append(variables, "since", since)
	}
	var data struct{ TaskChanges page }
	c.graphql(`query($since: SyncToken, $first: Int!) { taskChanges(since: $since, first: $first) {
		changes { `+changeFields+` } nextToken hasMore reset } }`, variables...).data(c.t, &data)
	return data.TaskChanges
}

// now is the bookmark behind all changes.
func (c *client) now() string { c.t.Helper(); return c.changes("", 500).NextToken }

// add makes a task over REST and returns its id.
func (c *client) add(title string) (id string) {
	c.t.Helper()
	var task struct{ ID int64 }
	c.send("POST", c.tasks(), fmt.Sprintf(`{"title":%q}`, title)).json(c.t, &task)
	return fmt.Sprint(task.ID)
}
