package rest

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"

	"taskql/auth"
	"taskql/budget"
	"taskql/models"
	"taskql/reqlog"
	"taskql/tasks"
)

// ownCost is the cost of a route that charges its requests itself.
const ownCost = 0

// charged returns the endpoint of a route that charges each request to its user first.
func (a *adapter) charged(route route, serve endpoint) endpoint {
	if route.open || route.cost == ownCost {
		return serve
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := a.charge(w, r, route.cost); err != nil {
			return err
		}
		return serve(w, r)
	}
}

// inTurn returns the endpoint of a route that waits for a turn of the user, once the body is there. Streams take one for each batch.
func (a *adapter) inTurn(route route) endpoint {
	if route.open {
		return route.serve
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		if IsStream(r) {
			return route.serve(w, r)
		}
		var body bytes.Buffer
		// Who reads the body meets its error, or its end.
		_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
		r.Body = io.NopCloser(io.MultiReader(&body, failed{err}))
		done, err := a.Turns.Take(r.Context())
		if err != nil {
			return err
		}
		defer done()
		return route.serve(w, r)
	}
}

// failed is a reader that fails, or is at its end.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, cmp.Or(f.err, io.EOF) }

// charge takes the cost of a complexity from the user's budget and describes the budget in the headers. It fails with models.CodeRateLimited.
func (a *adapter) charge(w http.ResponseWriter, r *http.Request, complexity int) error {
	reqlog.Add(r.Context(), slog.Int("cost", complexity))
	user, err := auth.FromContext(r.Context())
	if err != nil {
		return err
	}
	if refused := a.Budget.Charge(user.ID, complexity); refused != nil {
		a.Budget.Describe(w.Header(), user.ID, refused.RetryAfter)
		return refused
	}
	a.Budget.Describe(w.Header(), user.ID, 0)
	return nil
}

// spend takes the cost of tasks whose number was not known before from the user's budget.
func (a *adapter) spend(w http.ResponseWriter, r *http.Request, count int) {
	if user, err := auth.FromContext(r.Context()); err == nil {
		a.Budget.Spend(user.ID, count*tasks.CostOfTask)
		a.Budget.Describe(w.Header(), user.ID, 0) // without effect once the headers are sent
	}
}

// spending returns a reader that spends the cost of each batch.
func (a *adapter) spending(w http.ResponseWriter, r *http.Request, next reader) reader {
	return func(ctx context.Context) ([]*models.Task, error) {
		batch, err := next(ctx)
		a.spend(w, r, len(batch))
		return batch, err
	}
}

// LimitAddress passes on requests that need no token, unless an address sends too many of them.
func LimitAddress(budgets *budget.Budgets, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refused := budgets.ChargeAddress(r); refused != nil {
			Deny(w, r, refused)
			return
		}
		next.ServeHTTP(w, r)
	})
}
