package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Imported returns those of the sources that the user has imported before.
func (s *Store) Imported(ctx context.Context, user string, sources []string) (map[string]bool, error) {
	imported := make(map[string]bool, len(sources))
	if len(sources) == 0 {
		return imported, nil
	}
	var found []string
	err := s.read.NewRaw("SELECT source FROM task_import WHERE user_id = ? AND source IN (?)", user, bun.List(sources)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("store: imported: %w", err)
	}
	for _, source := range found {
		imported[source] = true
	}
	return imported, nil
}

// KeepImported stores which task each new source has become, for good. Call it inside Transaction only.
func (s *Store) KeepImported(ctx context.Context, user string, sources []string, ids []int64) error {
	if len(sources) == 0 {
		return nil
	}
	rows, args := make([]string, len(sources)), make([]any, 0, 3*len(sources))
	for i, source := range sources {
		rows[i] = "(?, ?, ?)"
		args = append(args, user, source, ids[i])
	}
	if _, err := s.write.NewRaw("INSERT INTO task_import (user_id, source, task_id) VALUES "+strings.Join(rows, ", "), args...).Exec(ctx); err != nil {
		return fmt.Errorf("store: keep imported: %w", err)
	}
	return nil
}
