package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/words"
)

// tableExpr is the task table in a SELECT; see useTable.
const tableExpr = "?task AS t"

// Task returns the user's task id, trashed or not, or nil when there is none.
func (s *Store) Task(ctx context.Context, user string, id int64) (*models.Task, error) {
	query := s.read.NewRaw("SELECT "+columns+" FROM ?task WHERE id = ? AND "+ofUser+"?", number(id), user)
	t, err := s.oneTask(ctx, s.read, query)
	if err != nil {
		return nil, fmt.Errorf("store: task: %w", err)
	}
	return t, nil
}

// Query selects a page of a user's tasks.
type Query struct {
	User  string
	Trash models.TrashScope
	// Filter keeps the tasks that match; nil is all.
	Filter *models.TaskFilter
	// Search keeps the tasks that it finds; nil is all.
	Search *words.Search
	// DueFrom and DueUntil, both inclusive, keep tasks by the digits of their due date, whatever it means.
	DueFrom, DueUntil *time.Time
	// Now and Zone are when and where the days of the filter are worked out.
	Now  time.Time
	Zone *time.Location
	// Order has at least one key, RELEVANCE only with a Search. The id is added as the last, in the
	// direction of the key before it.
	Order []Key
	// After and Before bound the page. Both bounds are exclusive.
	After, Before *Keyset
	// Limit is the largest number of tasks to return, counted from the end if FromEnd is set; 0 means all.
	Limit   int64
	FromEnd bool
	// Offset is the number of tasks to skip.
	Offset int64
	// Total, Preceding, Following and Relevance ask for the facts of the same names in List. An order by RELEVANCE asks for Relevance.
	Total, Preceding, Following, Relevance bool

	// access is how a search is combined with the other conditions.
	access searchAccess
	// sorted is set if the matches of a search are sorted before their tasks are looked up.
	sorted bool
}

// List is the result of a Query: the tasks in order and the requested facts, all of one point in time.
type List struct {
	Tasks []*models.Task
	// Relevance is how well each of the tasks matches the search, 1 to BestMatch for each group of its phrases.
	Relevance []int
	// Total is how many tasks the list has without its bounds.
	Total int
	// Preceding is whether the list has tasks at After or before it, Following at Before or after it.
	Preceding, Following bool
}

// List returns a page of tasks. Facts that were not requested are left at their zero value.
func (s *Store) List(ctx context.Context, q Query) (list *List, err error) {
	q.Relevance = q.Search != nil && (q.Relevance || q.byRelevance())
	switch {
	case q.Search != nil:
		list, err = s.search(ctx, q)
	case q.Total || q.Preceding || q.Following:
		list, _, err = s.listWithFacts(ctx, q)
	default:
		list = &List{Tasks: []*models.Task{}}
		err = s.eachTask(ctx, s.read, s.page(q).ColumnExpr(columnsOfList), newTaskScanner(nil, nil), func(t *models.Task) {
			list.Tasks = append(list.Tasks, t)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	if q.FromEnd {
		slices.Reverse(list.Tasks)
		slices.Reverse(list.Relevance)
	}
	return list, nil
}

// columnsOfList are the columns of the tasks of a list, and columnsOfPage those of the page that listWithFacts joins.
var columnsOfList, columnsOfPage = columnsOf("t."), columnsOf("page.")

// page selects from the tasks of the page in order, or in reverse order if the limit counts from the end.
func (s *Store) page(q Query) *bun.SelectQuery {
	page := s.read.NewSelect().TableExpr(s.from(q))
	// The bounds come first: if a column has two conditions, SQLite seeks by the first.
	if q.After != nil {
		page = q.bound(page, q.After, true, false)
	}
	if q.Before != nil {
		page = q.bound(page, q.Before, false, false)
	}
	page = q.order(s.scope(q)(page))
	if q.Limit > 0 {
		page = page.Limit(q.Limit)
	}
	if q.Offset > 0 {
		page = page.Offset(q.Offset)
		if q.Limit == 0 { // without which SQLite knows no offset
			page = page.Limit(math.MaxInt32)
		}
	}
	if !s.postgres && q.Search == nil && q.Limit > 0 && !q.Indexed() {
		// SQLite would copy all columns of each task that comes before those that it has seen: with the worst order of all tasks.
		page = q.order(s.read.NewSelect().TableExpr(tableExpr).Where("t.id IN (?)", page.ColumnExpr("t.id")))
	}
	return page
}

// IDs returns the ids of a whole list in order. The query's bounds, Limit, Offset and requested facts are ignored, and it has
// no Search.
func (s *Store) IDs(ctx context.Context, q Query) (ids []int64, err error) {
	query := s.read.NewSelect().TableExpr(tableExpr).ColumnExpr("t.id")
	if err := s.scan(ctx, s.read, q.order(s.scope(q)(query)), &ids); err != nil {
		return nil, fmt.Errorf("store: ids: %w", err)
	}
	return ids, nil
}

// listWithFacts reads the page, the relevance of its tasks and the facts in one statement, so that they are consistent. It
// reports whether more than fewFound tasks match a search with the access few; then the list is not complete.
func (s *Store) listWithFacts(ctx context.Context, q Query) (list *List, many bool, err error) {
	facts, scope := s.read.NewSelect(), s.scope(q)
	tasks := func(q Query) *bun.SelectQuery { return scope(s.read.NewSelect().TableExpr(s.from(q))) }
	if q.Total {
		unsorted := q
		unsorted.sorted = false
		facts = facts.ColumnExpr("(?) AS total", tasks(unsorted).ColumnExpr("count(*)"))
	}
	if q.Preceding && q.After != nil {
		facts = facts.ColumnExpr("(?) IS NOT NULL AS preceding", q.nearest(tasks, q.After, false).ColumnExpr("1"))
	}
	if q.Following && q.Before != nil {
		facts = facts.ColumnExpr("(?) IS NOT NULL AS following", q.nearest(tasks, q.Before, true).ColumnExpr("1"))
	}
	if q.access == searchFew {
		facts = facts.ColumnExpr("(?) AS many", bun.Safe(tooMany))
	}
	facts = facts.ColumnExpr("1 AS one") // so that there is always a column
	// A join does not keep the order, so the page is sorted again.
	page := s.page(q).ColumnExpr(columnsOfList)
	rows := s.read.NewSelect().ColumnExpr("facts.*, "+columnsOfPage).TableExpr("(?) AS facts", facts)
	for i, c := range q.columns(nil) {
		name := fmt.Sprint("key_", i)
		page = page.ColumnExpr(c.sql + " AS " + name)
		rows = rows.OrderExpr("page." + name + direction(c.desc != q.FromEnd))
	}
	if q.byRelevance() {
		page, rows = page.ColumnExpr("found.relevance"), rows.ColumnExpr("page.relevance")
	}
	// An empty page still yields a row with the facts, its task being all NULL.
	rows = rows.Join("LEFT JOIN (?) AS page ON TRUE", page)
	if q.Search != nil {
		rows = s.withSearch(rows, q)
	}
	list = &List{Tasks: []*models.Task{}}
	var one int
	var relevance sql.NullInt64 // of an empty page
	var columns, after []any
	for _, fact := range []struct {
		asked bool
		dest  any
	}{
		{q.Total, &list.Total}, {q.Preceding && q.After != nil, &list.Preceding}, {q.Following && q.Before != nil, &list.Following},
		{q.access == searchFew, &many}, {true, &one},
	} {
		if fact.asked {
			columns = append(columns, fact.dest)
		}
	}
	if q.byRelevance() || q.Relevance && len(q.Search.Phrases) > 0 {
		after = append(after, &relevance)
	}
	err = s.eachTask(ctx, s.read, rows, newTaskScanner(columns, after), func(t *models.Task) {
		if t.ID == 0 {
			return
		}
		list.Tasks = append(list.Tasks, t)
		if q.Relevance {
			list.Relevance = append(list.Relevance, int(relevance.Int64))
		}
	})
	if err != nil {
		return nil, false, err
	}
	return list, many, nil
}

// scope adds the conditions that select the tasks of a list.
type scope func(*bun.SelectQuery) *bun.SelectQuery

func (s *Store) scope(q Query) scope {
	c := &conditions{postgres: s.postgres, now: q.Now, zone: q.Zone}
	filter := always
	if q.Filter != nil {
		filter = c.filter(q.Filter)
	}
	return func(query *bun.SelectQuery) *bun.SelectQuery {
		query = query.Where("t.user_id = ?", q.User)
		if q.Search != nil {
			query = s.matching(query, q)
		}
		switch q.Trash {
		case models.TrashScopeExclude:
			query = query.Where("t.deleted_at IS NULL")
		case models.TrashScopeOnly:
			query = query.Where("t.deleted_at IS NOT NULL")
		}
		if q.DueFrom != nil {
			query = query.Where("t.due_date >= ?", *q.DueFrom)
		}
		if q.DueUntil != nil {
			query = query.Where("t.due_date <= ?", *q.DueUntil)
		}
		if filter != always {
			query = query.Where(filter, c.args...)
		}
		return query
	}
}
