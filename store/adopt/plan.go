package adopt

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// Plan states what taking over a table would do.
type Plan struct {
	// Changes describe for people how the table would change.
	Changes []string
	// Rows counts how its rows would change.
	Rows Counts
	// Users is the number of users with rows.
	Users int64
	// Cost is an estimate of what it needs.
	Cost Cost
	// Refusal is why the table cannot be taken over, or nil.
	Refusal *Error
}

// Plan returns what Adopt would do. It changes nothing.
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
	var rows int64
	if p.Cost, rows, err = t.cost(ctx, tx, facts); err != nil {
		return nil, err
	}
	if shortage := p.Cost.shortage(); shortage != "" {
		facts.refuse("%s", shortage)
		_ = errors.As(facts.refusal(), &p.Refusal)
		return p, nil
	}
	p.Rows, err = t.scan(ctx, tx, facts, facts.allRows(rows), time.Now(), nil)
	if err != nil && !errors.As(err, &p.Refusal) {
		return nil, err
	}
	return p, tx.Tx.QueryRowContext(ctx, "SELECT count(DISTINCT "+quoteName(facts.named["user_id"])+") FROM "+quoteName(facts.name)).Scan(&p.Users)
}
