package adopt

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// Plan is what taking over a table would do.
type Plan struct {
	// Changes says, for people, what would change about the table.
	Changes []string
	// Rows says what its rows would become.
	Rows Counts
	// Users is how many users have rows.
	Users int64
	// Cost is what it would need.
	Cost Cost
	// Refusal is why it would not be done at all, or nil.
	Refusal *Error
}

// Plan finds out what Adopt would do. It changes nothing.
func (t Table) Plan(ctx context.Context, tx bun.Tx) (*Plan, error) {
	table, err := t.inspect(ctx, tx)
	if err != nil {
		return nil, err
	}
	facts := table.facts()
	p := &Plan{Changes: facts.changes}
	if err := facts.refusal(); errors.As(err, &p.Refusal) {
		return p, nil
	}
	if p.Cost, _, err = t.cost(ctx, tx); err != nil {
		return nil, err
	}
	if shortage := p.Cost.shortage(); shortage != "" {
		facts.refuse("%s", shortage)
		_ = errors.As(facts.refusal(), &p.Refusal)
		return p, nil
	}
	p.Rows, err = t.scan(ctx, tx, facts, time.Now(), nil)
	if err != nil && !errors.As(err, &p.Refusal) {
		return nil, err
	}
	return p, tx.NewRaw("SELECT count(DISTINCT user_id) FROM ?", bun.Ident(facts.name)).Scan(ctx, &p.Users)
}
