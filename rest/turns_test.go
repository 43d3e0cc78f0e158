package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/share"
)

// TestTurns has requests of one user wait for each other, until their time is over, and not for a body that arrives slowly. Another
// user does not wait.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &adapter{Options: Options{Turns: share.NewTurns(auth.ID, 1, time.Minute), Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)}}
		serve := a.inTurn(route{serve: func(w http.ResponseWriter, r *http.Request) error {
			if _, err := readBody(w, r); err != nil {
				return err
			}
			return writeJSON(w, http.StatusOK, "done")
		}})
		send := func(user string, body io.Reader) *httptest.ResponseRecorder {
			ctx := auth.NewContext(context.Background(), &auth.User{ID: user})
			r, w := httptest.NewRequestWithContext(ctx, "POST", "/api/u/tasks", body), httptest.NewRecorder()
			if err := serve(w, r); err != nil {
				a.writeError(w, r, err)
			}
			return w
		}
		slow, sender := io.Pipe()
		arriving := make(chan *httptest.ResponseRecorder)
		go func() { arriving <- send("greedy", slow) }()
		synctest.Wait()
		if w := send("greedy", strings.NewReader("{}")); w.Code != http.StatusOK {
			t.Errorf("beside a body that arrives slowly: %d %s", w.Code, w.Body)
		}
		done, err := a.Turns.Take(auth.NewContext(context.Background(), &auth.User{ID: "greedy"}))
		if err != nil {
			t.Fatal(err)
		}
		if w := send("quiet", nil); w.Code != http.StatusOK {
			t.Errorf("another user: %d %s", w.Code, w.Body)
		}
		if w := send("greedy", nil); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
			t.Errorf("after waiting until the timeout: %d, %v", w.Code, w.Header())
		}
		batch := func() error {
			r := httptest.NewRequest("GET", "/api/u/tasks", nil)
			r = r.WithContext(auth.NewContext(r.Context(), &auth.User{ID: "greedy"}))
			_, err := a.batch(r, func(context.Context) ([]*models.Task, error) { return nil, nil })
			return err
		}
		if err := batch(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a batch of a list without a turn: %v", err)
		}
		done()
		if err := batch(); err != nil {
			t.Error(err)
		}
		_ = sender.CloseWithError(errors.New("cut"))
		if w := <-arriving; w.Code != http.StatusBadRequest {
			t.Errorf("a body that is cut off: %d %s", w.Code, w.Body)
		}
		if w := send("greedy", strings.NewReader(strings.Repeat(" ", maxBody+1))); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("a body that is too large: %d %s", w.Code, w.Body)
		}
	})
}
