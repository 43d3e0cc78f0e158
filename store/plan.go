package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Plan is what Migrate would do.
type Plan struct {
	// Table is the table of tasks.
	Table string
	// Adoption is nil when no table is to be taken over.
	Adoption *Adoption
	// Steps are those to be taken.
	Steps []string
}

// Adoption is what taking over a table would do.
type Adoption struct {
	// Changes says, for people, what would change about the table.
	Changes []string
	// Rows says what its rows would become.
	Rows Counts
	// Users is how many users have rows.
	Users int64
	// Refusal is why it would not be done at all, or nil.
	Refusal *AdoptionError
}

// Plan finds out what Migrate would do. It changes nothing.
func (s *Store) Plan(ctx context.Context) (*Plan, error) {
	s.reporter.start()
	p := &Plan{}
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if !s.postgres {
		options = nil // the connection reads only, and a transaction sees one state
	}
	err := s.reader.RunInTx(ctx, options, func(ctx context.Context, tx bun.Tx) error {
		steps, err := s.status(ctx, tx)
		if err != nil {
			return err
		}
		for _, step := range steps {
			if step.AppliedAt == nil {
				p.Steps = append(p.Steps, step.Name)
			}
		}
		table, adopt, err := s.chooseTable(ctx, tx)
		if err != nil {
			return err
		}
		p.Table = table
		if len(p.Steps) == 0 || p.Steps[0] != firstStep {
			return nil
		}
		if err := s.free(ctx, tx); err != nil || !adopt {
			return err
		}
		p.Adoption, err = s.planAdoption(ctx, tx, table)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: plan: %w", err)
	}
	return p, nil
}

func (s *Store) planAdoption(ctx context.Context, tx bun.Tx, name string) (*Adoption, error) {
	table, err := s.inspect(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	facts := table.facts()
	a := &Adoption{Changes: facts.changes}
	if err := facts.refusal(); errors.As(err, &a.Refusal) {
		return a, nil
	}
	a.Rows, err = s.scan(ctx, tx, facts, time.Now(), func([]models.Task) error { return nil })
	if err != nil && !errors.As(err, &a.Refusal) {
		return nil, err
	}
	return a, tx.NewRaw("SELECT count(DISTINCT user_id) FROM ?", bun.Ident(facts.name)).Scan(ctx, &a.Users)
}
