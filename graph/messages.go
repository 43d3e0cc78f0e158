package graph

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"taskql/auth"
	"taskql/jsonlimit"
	"taskql/models"
	"taskql/persisted"
)

// largeMessage is the size in bytes from which reading a message takes long enough for a turn.
const largeMessage = 4 << 10

// NextReader returns the next valid message. An invalid one closes the socket. gqlgen parses and checks an operation before it calls
// NextReader again.
func (c *conn) NextReader() (int, io.Reader, error) {
	for {
		c.read()
		kind, text, err := c.ws.Read(context.Background())
		if err != nil {
			return int(kind), nil, transport.ErrWebsocketClosed
		}
		if c.read, err = c.turnFor(text); err != nil {
			_ = c.WriteClose(closeTryAgain, string(models.CodeRateLimited))
			return int(kind), nil, transport.ErrWebsocketClosed
		}
		m, code, reason := c.admit(text)
		switch {
		case code != 0:
			_ = c.WriteClose(code, reason)
			return int(kind), nil, transport.ErrWebsocketClosed
		case m == nil: // there is nothing to do
		case m.refused != nil:
			if err := c.refuse(m); err != nil {
				return int(kind), nil, transport.ErrWebsocketClosed
			}
		default:
			return int(kind), bytes.NewReader(m.text()), nil
		}
	}
}

// turnFor waits for a turn to read a message. done ends it.
func (c *conn) turnFor(text []byte) (done func(), err error) {
	c.mu.Lock()
	user := c.user
	c.mu.Unlock()
	if user == nil || len(text) < largeMessage { // before sign-in there are small messages only
		return func() {}, nil
	}
	done, err = c.reading.Take(auth.NewContext(context.Background(), user))
	if err != nil {
		return func() {}, err
	}
	return done, nil
}

// message is a message of the protocol.
type message struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Payload jsontext.Value `json:"payload"`
	// refused is set if the operation may not run.
	refused *models.Error
}

// text returns the message as JSON. It copies the payload, which is valid already.
func (m *message) text() []byte {
	text, _ := jsontext.AppendQuote([]byte(`{"type":`), m.Type)
	if m.ID != "" {
		text, _ = jsontext.AppendQuote(append(text, `,"id":`...), m.ID)
	}
	if m.Payload != nil {
		text = append(append(text, `,"payload":`...), m.Payload...)
	}
	return append(text, '}')
}

// admit checks a message from the client and returns it as gqlgen gets it, or nil if gqlgen does not get it. code and reason
// are those to close the socket with, or 0.
func (c *conn) admit(text []byte) (m *message, code int, reason string) {
	m = new(message)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, closeBadMessage, "Invalid message"
	}
	excess := jsonlimit.Check(m.Payload)
	isObject := m.Payload.Kind() == '{'
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Type {
	case "connection_init":
		if c.asked {
			return nil, closeInitTwice, "Too many initialisation requests"
		}
		c.asked = true
		if excess != nil || m.Payload != nil && !isObject && m.Payload.Kind() != 'n' {
			return nil, closeUnauthorized, string(models.CodeUnauthenticated)
		}
	case "subscribe", "start":
		switch {
		case c.user == nil:
			return nil, closeUnauthorized, "Unauthorized"
		case m.ID == "" || !isObject:
			return nil, closeBadMessage, "Invalid message"
		case c.numbers[m.ID] != "":
			return nil, closeSameID, "Subscriber for this id already exists"
		case c.draining:
			return nil, closeGoingAway, "The server stops."
		case excess != nil:
			m.refused = &beyondLimit("The payload", excess, excess.Path).Error
			return m, 0, ""
		case len(c.running) >= maxRunning:
			m.refused = &models.Error{
				Code: models.CodeRateLimited, Message: fmt.Sprintf("%d operations run on this WebSocket, which is as many as it allows.", maxRunning),
			}
			return m, 0, ""
		}
		m.Payload = persisted.PutInto(m.Payload)
		c.started++
		number := strconv.Itoa(c.started)
		c.running[number], c.numbers[m.ID] = m.ID, number
		m.ID = number
	case "complete", "stop":
		number := c.numbers[m.ID]
		if number == "" { // it has ended already
			return nil, 0, ""
		}
		delete(c.numbers, m.ID)
		c.running[number] = ""
		c.ending++
		m.ID = number
	case "ping", "pong", "connection_terminate":
	default:
		return nil, closeBadMessage, "Invalid message"
	}
	return m, 0, ""
}

// refuse answers an operation that may not run.
func (c *conn) refuse(m *message) error {
	shown := printed(m.refused)
	shown.Path = argumentPath(nil, m.refused.Path)
	payload, err := stdjson.Marshal(gqlerror.List{shown})
	if err != nil {
		return err
	}
	return c.write(&message{Type: "error", ID: m.ID, Payload: payload})
}

// WriteJSON sends a message of gqlgen, if it is about an operation that the client has not completed. It closes the
// connection if the client does not read the message within writeTimeout.
func (c *conn) WriteJSON(v any) error {
	text, err := stdjson.Marshal(v)
	if err != nil {
		return err
	}
	var sent struct {
		Type, ID string
		Payload  stdjson.RawMessage
	}
	if err := stdjson.Unmarshal(text, &sent); err != nil {
		return err
	}
	m := &message{Type: sent.Type, Payload: jsontext.Value(sent.Payload)}
	if sent.Type == "error" && !bytes.Contains(m.Payload, []byte(`"extensions"`)) { // gqlgen could not decode a payload
		if m.Payload, err = c.malformed(); err != nil {
			return err
		}
	}
	if sent.ID != "" {
		if m.ID = c.clientID(sent.ID, sent.Type == "complete" || sent.Type == "error"); m.ID == "" {
			return nil
		}
	}
	return c.write(m)
}

// malformed returns the errors for a payload that cannot be read, which costs as much as the cheapest operation. gqlgen's has no code.
func (c *conn) malformed() (jsontext.Value, error) {
	c.mu.Lock()
	user := c.user
	c.mu.Unlock()
	fault := &models.Error{Code: models.CodeBadUserInput, Message: "The payload is not a GraphQL request: it must be a JSON object with query, operationName, variables and extensions."}
	if refused := c.budget.Charge(user.ID, 1); refused != nil {
		fault = refused
	}
	return stdjson.Marshal(gqlerror.List{printed(fault)})
}

// clientID returns the client's id of an operation that gqlgen knows by number. It is empty if the client gets no message
// about the operation. last ends the operation.
func (c *conn) clientID(number string, last bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, runs := c.running[number] // empty if the client or an error has ended the operation already
	if !last {
		return id
	}
	if runs && id == "" {
		c.ending--
	}
	delete(c.running, number)
	delete(c.numbers, id)
	c.changed.Broadcast()
	// A subscription that ends with its token is not complete: the close says why it ended.
	if c.expired() || c.closed != nil {
		return ""
	}
	return id
}

func (c *conn) write(m *message) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, m.text()) // which closes the connection when ctx ends
}
