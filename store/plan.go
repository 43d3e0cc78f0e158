package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"taskql/store/adopt"
)

// Plan states what Migrate would do.
type Plan struct {
	// Table is the name of the task table.
	Table string
	// Adoption is nil if no existing table would be taken over.
	Adoption *adopt.Plan
	// Steps are the names of the missing migrations.
	Steps []string
}

// Plan returns what Migrate would do. It changes nothing.
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
		if len(p.Steps) == 0 || p.Steps[0] != firstMigration {
			return nil
		}
		if err := s.requireFreeNames(ctx, tx); err != nil || !adopt {
			return err
		}
		p.Adoption, err = s.adoptTable(table).Plan(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: plan: %w", err)
	}
	return p, nil
}
