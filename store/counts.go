package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Counts returns for each test how many of the query's tasks match it, and for each day how many of them were completed while clocks
// in the query's zone showed it. The days are distinct. One statement counts all. The order, bounds and limit of the query are ignored.
func (s *Store) Counts(ctx context.Context, q Query, tests []*models.TaskFilter, days []models.Date) (counts, completed []int, err error) {
	counts, completed = make([]int, len(tests)), make([]int, len(days))
	query := s.read.NewSelect()
	var dest []any
	if len(tests) > 0 {
		query = query.ColumnExpr("counts.*").TableExpr("(?) AS counts", s.matches(q, tests))
		for i := range counts {
			dest = append(dest, &counts[i])
		}
	} else {
		query = query.TableExpr("(SELECT 1) AS counts")
	}
	var span, n sql.NullInt64 // NULL if no such task was completed on the days
	bounds, shown := daysShown(days, q.Zone)
	if len(bounds) > 0 {
		query = query.ColumnExpr("days.span, days.n").Join("LEFT JOIN (?) AS days ON TRUE", s.completedBetween(q, bounds))
		dest = append(dest, &span, &n)
	}
	if len(dest) == 0 {
		return counts, completed, nil
	}
	rows, err := s.rows(ctx, s.read, query)
	if err == nil {
		for rows.Next() && err == nil {
			if err = rows.Scan(dest...); n.Valid && shown[span.Int64] >= 0 {
				completed[shown[span.Int64]] += int(n.Int64)
			}
		}
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	if err != nil {
		return nil, nil, fmt.Errorf("store: counts: %w", err)
	}
	return counts, completed, nil
}

// matches selects for each test how many of the query's tasks match it.
func (s *Store) matches(q Query, tests []*models.TaskFilter) *bun.SelectQuery {
	query := s.scope(q)(s.read.NewSelect().TableExpr(tableExpr))
	onlyOpen := true
	for i, test := range tests {
		c := &conditions{postgres: s.postgres, now: q.Now, zone: q.Zone}
		query = query.ColumnExpr("count(*) FILTER (WHERE "+c.filter(test)+") AS n_"+strconv.Itoa(i), c.args...)
		onlyOpen = onlyOpen && test.Completed != nil && !*test.Completed
	}
	if onlyOpen { // few tasks, with an index
		query = query.Where(completed(false))
	}
	return query
}

// completedBetween selects for each span from one bound to the next in which tasks were completed the number of the span and, as n, that of
// the tasks. It reads only tasks that were completed between the first bound and the last, by the index of completed tasks.
func (s *Store) completedBetween(q Query, bounds []any) *bun.SelectQuery {
	tasks := s.scope(q)(s.read.NewSelect().TableExpr(tableExpr)).Where(completed(true))
	if s.postgres {
		texts := make([]string, len(bounds))
		for i, bound := range bounds {
			texts[i] = fmt.Sprint(bound)
			if at, ok := bound.(time.Time); ok {
				texts[i] = at.Format(time.RFC3339)
			}
		}
		// It finds the span by a binary search.
		return tasks.ColumnExpr("width_bucket(t.completed_at, CAST(? AS timestamptz[])) - 1 AS span, count(*) AS n", arrayText(texts)).
			Where("t.completed_at >= ? AND t.completed_at < ?", bounds[0], bounds[len(bounds)-1]).GroupExpr("1")
	}
	// SQLite would sort the tasks to group them.
	c, spans := &conditions{}, make([]string, len(bounds)-1)
	for i := range spans {
		spans[i] = "(" + strconv.Itoa(i) + ", " + c.arg(bounds[i]) + ", " + c.arg(bounds[i+1]) + ")"
	}
	tasks = tasks.ColumnExpr("count(*)").Where("t.completed_at >= spans.since AND t.completed_at < spans.until")
	return s.read.NewSelect().ColumnExpr("spans.span, (?) AS n", tasks).TableExpr(
		"(SELECT column1 AS span, column2 AS since, column3 AS until FROM (VALUES "+strings.Join(spans, ", ")+")) AS spans", c.args...)
}

// Tagged is what tag counts need of a task.
type Tagged struct {
	ID int64
	// Tags are the tags as they are spelled, without empty ones; nil if they have more than longTags bytes. Lower are the same in lower case, in the same
	// order. They are valid during the call only: they share memory with the whole row.
	Tags, Lower []string
	Completed   bool
	Version     int64
}

// longTags is how many bytes of JSON the tags of a task may have to be read beside their lower-case form. Those of 100,000 tasks may have 400 MB.
const longTags = 500

// EachTagged calls each for the user's tasks outside the trash that have a tag which begins with
// start in any letter case.
func (s *Store) EachTagged(ctx context.Context, user, start string, each func(Tagged)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: tags: %w", err)
		}
	}()
	c := &conditions{postgres: s.postgres}
	starts := c.contains("t.tags_lower", "\n"+tagLine(start))
	query := s.read.NewSelect().TableExpr(tableExpr).Column("t.id").ColumnExpr("CASE WHEN octet_length(t.tags) <= ? THEN t.tags END", longTags).
		Column("t.tags_lower", "t.completed", "t.version").Where("t.user_id = ?", user).Where("t.deleted_at IS NULL").Where(starts, c.args...)
	rows, err := s.sqlRows(ctx, s.read, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	var t Tagged
	for kept := []string(nil); rows.Next(); {
		var tags sql.NullString
		var lines string
		if err := rows.Scan(&t.ID, &tags, &lines, &t.Completed, &t.Version); err != nil {
			return err
		}
		if t.Tags = nil; tags.Valid {
			if kept, err = appendTags(kept[:0], tags.String); err != nil {
				return err
			}
			t.Tags = kept
		}
		if slices.Contains(t.Tags, "") { // an adopted task may have empty tags
			t.Tags = slices.DeleteFunc(t.Tags, func(tag string) bool { return tag == "" })
		}
		t.Lower = t.Lower[:0]
		for line := range strings.SplitSeq(lines, "\n") {
			if strings.Contains(line, `\`) { // the replacer copies what has nothing to replace, too
				line = unescapeTag.Replace(line)
			}
			if line != "" {
				t.Lower = append(t.Lower, line)
			}
		}
		if t.Tags != nil && len(t.Tags) != len(t.Lower) { // another program has written one of them
			t.Lower = t.Lower[:0]
			for _, tag := range t.Tags {
				t.Lower = append(t.Lower, models.Fold(tag))
			}
		}
		each(t)
	}
	return rows.Err()
}

// appendTags appends the tags of a JSON array. Without escapes they are parts of the array, which takes a tenth of the time of decoding it.
func appendTags(list []string, array string) ([]string, error) {
	inner, begins := strings.CutPrefix(array, `["`)
	inner, ends := strings.CutSuffix(inner, `"]`)
	if begins && ends && !strings.Contains(inner, `\`) {
		for tag := range strings.SplitSeq(inner, `","`) {
			if strings.Contains(tag, `"`) { // there are spaces between the tags
				list = list[:0]
				break
			}
			list = append(list, tag)
		}
		if len(list) > 0 {
			return list, nil
		}
	}
	err := json.Unmarshal([]byte(array), &list)
	return list, err
}

// Count returns how many tasks the user has inside the scope, at most limit.
func (s *Store) Count(ctx context.Context, user string, scope models.TrashScope, limit int) (count int, err error) {
	some := s.scope(Query{User: user, Trash: scope})(s.read.NewSelect().TableExpr(tableExpr)).ColumnExpr("1").Limit(int64(limit))
	if err := s.read.NewSelect().TableExpr("(?) AS counted", some).ColumnExpr("count(*)").Scan(ctx, &count); err != nil {
		return 0, fmt.Errorf("store: count: %w", err)
	}
	return count, nil
}

// Written returns how many numbers the user's writes have used. It is at least the number of the user's tasks.
func (s *Store) Written(ctx context.Context, user string) (count int64, err error) {
	if _, err := one(ctx, s.read.NewRaw("SELECT n - skipped FROM task_counter WHERE user_id = ?", user), &count); err != nil {
		return 0, fmt.Errorf("store: written: %w", err)
	}
	return count, nil
}

// longTexts is how many bytes the long descriptions of a user have, by a count and what this process has added since.
type longTexts struct {
	bytes   int64
	counted time.Time
	// number is that of the user's last change before the count, or -1 if something was added since.
	number int64
}

// recountAfter is when the long descriptions of a user are counted again, because other processes write some, too.
const recountAfter = time.Hour

// TextsFit reports whether the descriptions of a user that are longer than so many bytes may grow by more bytes, so that they have at most limit in
// all, with those in the trash that have not been there for TrashFor.
func (s *Store) TextsFit(ctx context.Context, user string, longerThan int, more, limit int64, now time.Time) (bool, error) {
	known, ok := s.longTexts.Get(user)
	outdated := !ok || s.clock().Sub(known.counted) > recountAfter
	if !outdated && known.bytes+more <= limit {
		return true, nil
	}
	number, err := s.Number(ctx, user)
	if err != nil {
		return false, err
	}
	// A count reads all tasks of the user. Who is refused may try again often: without a change in between, the result would be the same.
	if outdated || number != known.number {
		known = longTexts{counted: s.clock(), number: number}
		query := s.read.NewRaw(`SELECT coalesce(sum(octet_length(description)), 0) FROM ?task
			WHERE user_id = ? AND octet_length(description) > ? AND (deleted_at IS NULL OR deleted_at >= ?)`, user, longerThan, s.trashedBefore(now))
		if _, err := s.first(ctx, s.read, query, &known.bytes); err != nil {
			return false, fmt.Errorf("store: long texts: %w", err)
		}
		s.longTexts.Add(user, known)
	}
	return known.bytes+more <= limit, nil
}

// GrowTexts counts so many more bytes of long descriptions, which the caller stores. Calls at the same time, and those of several processes, may
// exceed the limit together until the next count.
func (s *Store) GrowTexts(user string, more int64) {
	if known, ok := s.longTexts.Get(user); ok {
		known.bytes, known.number = known.bytes+more, -1
		s.longTexts.Add(user, known)
	}
}
