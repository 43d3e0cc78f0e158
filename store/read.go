package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"taskql/models"
)

// tableExpr is the table of tasks in a SELECT; see useTable.
const tableExpr = "?task AS t"

// Task returns the user's task id, trashed or not, or nil when there is none.
func (s *Store) Task(ctx context.Context, user string, id int64) (*models.Task, error) {
	t := new(models.Task)
	err := s.read.NewSelect().Model(t).ModelTableExpr(tableExpr).Where("t.id = ? AND t.user_id = ?", id, user).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: task: %w", err)
	}
	return t, nil
}

// Key is one sort key of a list.
type Key struct {
	Field models.TaskOrderField
	Desc  bool
}

// Place is a place in an order: the values of its keys and, as the last one, the task's id.
type Place struct {
	Values []time.Time
	ID     int64
}

// Query asks for a stretch of a user's list.
type Query struct {
	User  string
	Trash models.TrashScope
	// Order has at least one key. The id is added as the last, in the direction of the key before it.
	Order []Key
	// After and Before bound the stretch when they are set. Both lie outside of it.
	After, Before *Place
	// Limit is how many tasks to return at most, counted from the end when FromEnd is set; 0 is all.
	Limit   int64
	FromEnd bool
	// Total, Preceding and Following ask for the facts of the same names in List.
	Total, Preceding, Following bool
}

// List is the answer to a Query: the tasks in order, and the facts that were asked for, all of them
// as of one moment.
type List struct {
	Tasks []*models.Task
	// Total is how many tasks the list has without its bounds.
	Total int
	// Preceding is whether the list has tasks at After or before it, Following at Before or after it.
	Preceding, Following bool
}

// List returns a stretch of a list.
func (s *Store) List(ctx context.Context, q Query) (*List, error) {
	list := &List{Tasks: []*models.Task{}}
	page := q.scope(s.read.NewSelect()).Model((*models.Task)(nil)).ModelTableExpr(tableExpr)
	if q.After != nil {
		page = q.bound(page, q.After, true, false)
	}
	if q.Before != nil {
		page = q.bound(page, q.Before, false, false)
	}
	page = q.order(page, "t")
	if q.Limit > 0 {
		page = page.Limit(q.Limit)
	}
	var err error
	if q.Total || q.Preceding || q.Following {
		err = s.listWithFacts(ctx, q, page, list)
	} else {
		err = page.Scan(ctx, &list.Tasks)
	}
	if err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	if q.FromEnd {
		slices.Reverse(list.Tasks)
	}
	return list, nil
}

// listWithFacts reads the page and the facts in one statement, so that they cannot contradict each other.
func (s *Store) listWithFacts(ctx context.Context, q Query, page *bun.SelectQuery, list *List) error {
	facts := s.read.NewSelect()
	all := func() *bun.SelectQuery { return q.scope(s.read.NewSelect().TableExpr(tableExpr)) }
	if q.Total {
		facts = facts.ColumnExpr("(?) AS total", all().ColumnExpr("count(*)"))
	}
	if q.Preceding && q.After != nil {
		facts = facts.ColumnExpr("EXISTS (?) AS preceding", q.bound(all().ColumnExpr("1"), q.After, false, true))
	}
	if q.Following && q.Before != nil {
		facts = facts.ColumnExpr("EXISTS (?) AS following", q.bound(all().ColumnExpr("1"), q.Before, true, true))
	}
	facts = facts.ColumnExpr("1 AS one") // a row there is, whatever was asked for
	var rows []struct {
		models.Task
		Total                int
		Preceding, Following bool
		One                  int
	}
	// An empty page still yields a row with the facts, its task being all NULL.
	err := q.order(s.read.NewSelect().ColumnExpr("facts.*, page.*").TableExpr("(?) AS facts", facts).
		Join("LEFT JOIN (?) AS page ON TRUE", page), "page").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for i := range rows {
		list.Total, list.Preceding, list.Following = rows[i].Total, rows[i].Preceding, rows[i].Following
		if rows[i].ID != 0 {
			list.Tasks = append(list.Tasks, &rows[i].Task)
		}
	}
	return nil
}

// scope keeps the user's tasks that the list is made of.
func (q Query) scope(query *bun.SelectQuery) *bun.SelectQuery {
	query = query.Where("t.user_id = ?", q.User)
	switch q.Trash {
	case models.TrashScopeExclude:
		query = query.Where("t.deleted_at IS NULL")
	case models.TrashScopeOnly:
		query = query.Where("t.deleted_at IS NOT NULL")
	}
	return query
}

// order sorts by the keys and the id, backwards when the limit counts from the end.
func (q Query) order(query *bun.SelectQuery, table string) *bun.SelectQuery {
	for _, key := range q.keys() {
		direction := "ASC"
		if key.desc != q.FromEnd {
			direction = "DESC"
		}
		query = query.OrderExpr("? "+direction, bun.Ident(table+"."+key.column))
	}
	return query
}

// bound keeps what lies after a place, or before it, and the place itself when inclusive.
func (q Query) bound(query *bun.SelectQuery, place *Place, after, inclusive bool) *bun.SelectQuery {
	keys := q.keys()
	values := make([]any, 0, len(keys))
	for _, v := range place.Values {
		values = append(values, v)
	}
	values = append(values, place.ID)
	// key_1 past value_1, or equal and key_2 past value_2, and so on.
	var terms []string
	var args []any
	for i, key := range keys {
		operator := " > ?"
		if key.desc == after {
			operator = " < ?"
		}
		if inclusive && i == len(keys)-1 {
			operator = strings.Replace(operator, " ?", "= ?", 1)
		}
		var term string
		for j, before := range keys[:i] {
			term += "t." + before.column + " = ? AND "
			args = append(args, values[j])
		}
		terms = append(terms, "("+term+"t."+key.column+operator+")")
		args = append(args, values[i])
	}
	// Implied by the terms, but this is what an index can begin at.
	first := " >= ?"
	if keys[0].desc == after {
		first = " <= ?"
	}
	return query.Where("t."+keys[0].column+first, values[0]).Where("("+strings.Join(terms, " OR ")+")", args...)
}

type key struct {
	column string
	desc   bool
}

// keys are the columns to sort by, the id among them.
func (q Query) keys() []key {
	keys := make([]key, 0, len(q.Order)+1)
	for _, k := range q.Order {
		keys = append(keys, key{orderColumns[k.Field], k.Desc})
	}
	return append(keys, key{"id", q.Order[len(q.Order)-1].Desc})
}

var orderColumns = map[models.TaskOrderField]string{
	models.TaskOrderFieldCreatedAt: "created_at",
	models.TaskOrderFieldUpdatedAt: "updated_at",
}
