package harness

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Statement is a statement as a program has sent it to PostgreSQL, with the values of its parameters in the form of the protocol.
type Statement struct {
	Text    string
	Types   []uint32
	Formats []int16
	Values  [][]byte
}

// recorder reads the statements from the connections of a Proxy.
type recorder struct {
	reading sync.WaitGroup

	mu         sync.Mutex
	statements map[string]Statement
	err        error
}

// Record notes the statements of all connections that are made from now on. The function that it returns ends these connections and
// returns each text that was sent once, in alphabetical order. The connections must not be encrypted.
func (p *Proxy) Record() (statements func() ([]Statement, error)) {
	r := &recorder{statements: map[string]Statement{}}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorder = r
	return func() ([]Statement, error) {
		p.Cut(true)
		r.reading.Wait()
		var all []Statement
		for _, s := range r.statements {
			all = append(all, s)
		}
		slices.SortFunc(all, func(a, b Statement) int {
			if a.Text < b.Text {
				return -1
			}
			return 1
		})
		return all, r.err
	}
}

// follow returns what is to be given a copy of all that a client sends.
func (r *recorder) follow() io.WriteCloser {
	sent, copied := io.Pipe()
	r.reading.Go(func() {
		err := r.read(pgproto3.NewBackend(sent, io.Discard))
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) {
			r.mu.Lock()
			r.err = errors.Join(r.err, err)
			r.mu.Unlock()
		}
		_, _ = io.Copy(io.Discard, sent) // the connection goes on without the recorder
	})
	return copied
}

// read reads one connection.
func (r *recorder) read(client *pgproto3.Backend) error {
	for begun := false; !begun; {
		message, err := client.ReceiveStartupMessage()
		if err != nil {
			return err
		}
		switch message.(type) {
		case *pgproto3.StartupMessage:
			begun = true
		case *pgproto3.CancelRequest:
			return nil
		}
	}
	prepared := map[string]Statement{}
	for {
		message, err := client.Receive()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.Query:
			r.add(Statement{Text: m.String})
		case *pgproto3.Parse:
			prepared[m.Name] = Statement{Text: m.Query, Types: slices.Clone(m.ParameterOIDs)}
		case *pgproto3.Bind:
			s, known := prepared[m.PreparedStatement]
			if !known {
				return fmt.Errorf("the statement %q is bound but was not prepared", m.PreparedStatement)
			}
			s.Formats = slices.Clone(m.ParameterFormatCodes)
			for _, value := range m.Parameters {
				s.Values = append(s.Values, slices.Clone(value))
			}
			r.add(s)
		}
	}
}

func (r *recorder) add(s Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements[s.Text] = s
}
