// Command limit answers the requests of the benchmark with as little work as HTTP, a checked token and the database
// need: no GraphQL engine (it looks at the operation's name only), no ORM, prepared statements and JSON written by hand. What
// taskql costs beyond it is the cost of taskql's layers. It reads PORT, DATABASE_URL and BETTER_AUTH_SECRET.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

// store runs the statement of an operation and calls add for each row, which is valid until add returns.
type store interface {
	run(ctx context.Context, operation string, in *input, add func(*row)) error
}

// input is the decoded request.
type input struct {
	user string
	variables
	cursorAt, cursorID int64
}

type variables struct {
	ID, After, Search string
	Input             struct {
		Title, Description, Priority string
		Tags                         json.RawMessage
		Due                          struct{ At time.Time }
	}
}

// pageSize is that of the benchmark's lists. The statements read one row more, which tells whether there is a next page.
const pageSize = 20

func main() {
	if err := run(); err != nil {
		log.Fatal("limit: ", err)
	}
}

func run() error {
	debug.SetGCPercent(400) // with which it needs the least CPU
	url := os.Getenv("DATABASE_URL")
	var db store
	var err error
	if path, found := strings.CutPrefix(url, "sqlite:"); found {
		db, err = openSQLite(path)
	} else {
		db, err = openPostgres(context.Background(), url)
	}
	if err != nil {
		return err
	}
	return http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), &handler{db: db, tokens: newTokens([]byte(os.Getenv("BETTER_AUTH_SECRET")))})
}

type handler struct {
	db     store
	tokens *tokens
	// buffers holds the answers' memory for later requests.
	buffers sync.Pool
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, err := h.tokens.user(r.Header.Get("Authorization"), time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	buffer, _ := h.buffers.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	defer h.buffers.Put(buffer)
	*buffer, err = h.answer(r, user, (*buffer)[:0])
	if err != nil {
		log.Print(err)
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(*buffer)))
	_, _ = w.Write(*buffer) // the client may be gone
}

// envelopes are what stands before and after the tasks of an operation's answer.
var envelopes = map[string][2]string{
	"W1": {`{"data":{"tasks":{"nodes":[`, `"}}}}`},
	"W2": {`{"data":{"task":`, `}}`},
	"W3": {`{"data":{"createTask":{"task":`, `,"userErrors":[]}}}`},
	"W4": {`{"data":{"toggleTask":{"task":`, `,"userErrors":[]}}}`},
	"W6": {`{"data":{"tasks":{"nodes":[`, `"}}}}`},
}

func (h *handler) answer(r *http.Request, user string, out []byte) ([]byte, error) {
	var body struct {
		OperationName string
		Variables     variables
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return out, err
	}
	operation, in := body.OperationName, &input{user: user, variables: body.Variables}
	envelope, known := envelopes[operation]
	if !known {
		return out, errors.New("an unknown operation")
	}
	isList := operation == "W1" || operation == "W6"
	if operation == "W6" {
		if err := in.readCursor(); err != nil {
			return out, err
		}
	}
	out = append(out, envelope[0]...)
	rows := 0
	var last row
	err := h.db.run(r.Context(), operation, in, func(r *row) {
		if rows++; rows > pageSize {
			return
		}
		if rows > 1 {
			out = append(out, ',')
		}
		out = appendTask(out, r)
		last.created, last.id = r.created, r.id
	})
	switch {
	case err != nil:
		return out, err
	case isList:
		out = append(out, `],"pageInfo":{"hasNextPage":`...)
		out = strconv.AppendBool(out, rows > pageSize)
		out = append(out, `,"endCursor":"`...)
		out = strconv.AppendInt(out, last.created, 10)
		out = append(out, '.')
		out = strconv.AppendInt(out, last.id, 10)
	case rows == 0:
		out = append(out, "null"...)
	}
	return append(out, envelope[1]...), nil
}

// readCursor reads where the page begins: behind a time and an id, or at the newest task.
func (in *input) readCursor() (err error) {
	if in.After == "" {
		in.cursorAt, in.cursorID = 1<<52, 0
		return nil
	}
	at, id, _ := strings.Cut(in.After, ".")
	if in.cursorAt, err = strconv.ParseInt(at, 10, 64); err == nil {
		in.cursorID, err = strconv.ParseInt(id, 10, 64)
	}
	return err
}
