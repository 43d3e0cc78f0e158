package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Change is the last change of a task and its number.
type Change struct {
	Number int64
	TaskID int64
	// Task is the task as it now is, trashed or not, or nil when it was removed for good.
	Task *models.Task
}

// Feed is the range of a user's changes that Changes can return: those after Forgotten, up to Number. Tombstones up to Forgotten
// are deleted.
type Feed struct {
	Number, Forgotten int64
	eras              []since // the newest first
	cut               bool    // whether older eras were cut off
}

const counterColumns = "n, forgotten, eras"

// Feed returns the range of the user's changes.
func (s *Store) Feed(ctx context.Context, user string) (f Feed, err error) {
	eras := ""
	query := s.read.NewRaw("SELECT "+counterColumns+" FROM task_counter WHERE user_id = ?", user)
	if _, err := s.first(ctx, s.read, query, &f.Number, &f.Forgotten, &eras); err != nil {
		return f, fmt.Errorf("store: feed: %w", err)
	}
	f.eras, f.cut = parseEras(eras)
	return f, nil
}

// Changes returns the user's changes after a number in order, at most limit, and only the last one of each task. It omits
// tombstones up to tombstonesAfter, for clients that have never received those tasks. The changes are those of the
// returned feed, whatever is written meanwhile.
//
// The result is complete up to its last number: numbers are assigned under the lock of the user's counter, so that no later
// commit has a lower number.
func (s *Store) Changes(ctx context.Context, user string, after, tombstonesAfter int64, limit int) (Feed, []Change, error) {
	// One statement, so that tasks, tombstones and the feed are of one moment. The feed is a row before the first change. Each part has
	// its own limit, so that it is a range of its index: with a limit on the whole only, PostgreSQL reads and sorts all changes for
	// each page.
	changed := func(result, table, after string) string {
		// The range of users contains one user. Without it, PostgreSQL may guess that a user who is not in its statistics has a few
		// changes, and reads and sorts them instead of a range of the index.
		return "(SELECT version AS number, " + result + " FROM " + table + " WHERE user_id = ?0 AND user_id BETWEEN ?0 AND ?0 AND version > " + after +
			" ORDER BY version LIMIT ?3) AS changed"
	}
	noTask := strings.Repeat(", NULL", len(taskColumns))
	query := s.read.NewRaw("SELECT number, 0 AS gone, 0 AS n, 0 AS forgotten, '' AS eras, "+columns+" FROM "+changed(columns, "?task", "?1")+
		" UNION ALL SELECT number, gone, 0, 0, ''"+noTask+" FROM "+changed("task_id AS gone", "task_tombstone", "?2")+
		" UNION ALL SELECT -1, 0, "+counterColumns+noTask+" FROM task_counter WHERE user_id = ?0"+
		" ORDER BY number LIMIT ?3 + 1",
		user, number(after), number(max(after, tombstonesAfter)), limit)
	var n, gone int64
	var feed, at Feed // without a counter, the user has not written yet
	var eras string
	changes := []Change{}
	scanner := newTaskScanner([]any{&n, &gone, &at.Number, &at.Forgotten, &eras}, nil)
	err := s.eachTask(ctx, s.read, query, scanner, func(t *models.Task) {
		switch {
		case n < 0:
			feed = at
			feed.eras, feed.cut = parseEras(eras)
		case len(changes) == limit: // the row of the counter is missing
		case gone != 0:
			changes = append(changes, Change{Number: n, TaskID: gone})
		default:
			changes = append(changes, Change{Number: n, TaskID: t.ID, Task: t})
		}
	})
	if err != nil {
		return Feed{}, nil, fmt.Errorf("store: changes: %w", err)
	}
	return feed, changes, nil
}

// Numbers returns the number of the last change of each user who has made one.
func (s *Store) Numbers(ctx context.Context, users []string) (map[string]int64, error) {
	var rows []struct {
		UserID string
		N      int64
	}
	err := s.read.NewRaw("SELECT user_id, n FROM task_counter WHERE user_id IN (?)", bun.List(users)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("store: numbers: %w", err)
	}
	numbers := make(map[string]int64, len(rows))
	for _, row := range rows {
		numbers[row.UserID] = row.N
	}
	return numbers, nil
}

// tombstonesFor is how long tombstones are kept. A client that is away for longer must read everything again.
const tombstonesFor = 90 * 24 * time.Hour

// forget deletes tombstones older than tombstonesFor, at most 1,000. Call it inside Transaction only.
func (s *Store) forget(ctx context.Context, user string, now time.Time) error {
	// The first ones only, by the key: times rise with the numbers. See Changes about BETWEEN.
	const query = `SELECT coalesce(max(version), 0) FROM (
		SELECT version, purged_at FROM task_tombstone WHERE user_id = ?0 AND user_id BETWEEN ?0 AND ?0 ORDER BY version LIMIT 1000) AS first_ones WHERE purged_at < ?1`
	var last int64
	if _, err := one(ctx, s.write.NewRaw(query, user, s.before(now, tombstonesFor)), &last); err != nil || last == 0 {
		return err
	}
	// Numbers and times rise together, so that these are the oldest.
	if _, err := s.write.NewRaw("DELETE FROM task_tombstone WHERE user_id = ? AND version <= ?", user, last).Exec(ctx); err != nil {
		return err
	}
	_, err := s.write.NewRaw("UPDATE task_counter SET forgotten = ? WHERE user_id = ?", last, user).Exec(ctx)
	return err
}

// ID returns the id of the database. A copy has the same id.
func (s *Store) ID(ctx context.Context) (id string, err error) {
	found, err := one(ctx, s.read.NewRaw("SELECT value FROM task_setting WHERE name = 'database_id'"), &id)
	if err == nil && !found {
		err = fmt.Errorf("it has no database_id in task_setting")
	}
	if err != nil {
		return "", fmt.Errorf("store: id: %w", err)
	}
	return id, nil
}
