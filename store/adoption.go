package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/store/adopt"
)

// createTaskTable applies the first migration, which takes over an existing task table or creates one.
func (s *Store) createTaskTable(ctx context.Context, tx bun.Tx) error {
	name, found, err := s.chooseTable(ctx, tx)
	if err != nil {
		return err
	}
	if name != s.table {
		return fmt.Errorf("the table %q appeared while the schema was being changed: start again", name)
	}
	if err := s.requireFreeNames(ctx, tx); err != nil {
		return err
	}
	if !found {
		if err := s.run(ctx, tx, firstMigration+suffixUp); err != nil {
			return err
		}
		return set(ctx, tx, settingTable, name)
	}
	s.reporter.start()
	now := models.Timestamp(time.Now())
	if err := s.adoptTable(name).Adopt(ctx, tx, now); err != nil {
		return err
	}
	if err := s.runAs(ctx, tx, firstMigration+suffixUp, templateData{Adopted: true}); err != nil {
		return err
	}
	if _, err := tx.NewRaw("INSERT INTO task_counter (user_id, n) SELECT user_id, count(*) FROM ?task GROUP BY user_id").Exec(ctx); err != nil {
		return err
	}
	if err := set(ctx, tx, settingAdopted, now.Format(time.RFC3339)); err != nil {
		return err
	}
	return set(ctx, tx, settingTable, name)
}

// adoptTable returns the table of that name for adoption.
func (s *Store) adoptTable(name string) adopt.Table {
	return adopt.Table{
		Name: name, Postgres: s.postgres, Progress: s.reporter.update, Notice: s.notice, Free: s.freeDisk(),
		CreateTable: func(name string, definitions []string) (string, error) {
			return s.renderMigration(firstMigration+suffixUp, "table", templateData{Task: name, Others: definitions})
		},
	}
}

// requireFreeNames fails if the database uses a name that taskql needs.
func (s *Store) requireFreeNames(ctx context.Context, db bun.IDB) error {
	var names []string
	for _, name := range reservedNames() {
		if name != "task_migration" {
			names = append(names, name)
		}
	}
	taken, err := s.relations(ctx, db, names...)
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("taskql needs the names %s, which the database uses already: rename the objects that have them", strings.Join(taken, ", "))
	}
	return err
}
