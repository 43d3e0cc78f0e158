package store

import (
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
)

// Key is one sort key of a list. Tasks without a value come last, or first with NullsFirst.
type Key struct {
	Field      models.TaskOrderField
	Desc       bool
	NullsFirst bool
}

// Place is a place in an order: the values of its keys, as SortValue gives them, and, as the last
// one, the task's id.
type Place struct {
	Values []any
	ID     int64
}

// SortValue returns what a task is sorted by under a field: a time.Time, string, int or bool, or nil
// when it has no value. Relevance is not a field of a task: List has it.
func SortValue(t *models.Task, field models.TaskOrderField) any {
	switch field {
	case models.TaskOrderFieldPosition:
		return t.Position
	case models.TaskOrderFieldDue:
		if end := t.DueEnd(); end != nil {
			return *end
		}
		return nil
	case models.TaskOrderFieldPriority:
		return priorityRank(t.Priority)
	case models.TaskOrderFieldTitle:
		return models.Fold(t.Title)
	case models.TaskOrderFieldCompleted:
		return t.Completed
	case models.TaskOrderFieldCompletedAt:
		if t.CompletedAt != nil {
			return *t.CompletedAt
		}
		return nil
	case models.TaskOrderFieldUpdatedAt:
		return t.UpdatedAt
	default:
		return t.CreatedAt
	}
}

// sortColumns are the columns behind the fields; see also coarse.
var sortColumns = map[models.TaskOrderField]struct {
	name     string
	nullable bool
}{
	models.TaskOrderFieldPosition:    {"t.position", false},
	models.TaskOrderFieldDue:         {"t.due_end", true},
	models.TaskOrderFieldTitle:       {"t.title_lower", false},
	models.TaskOrderFieldCompletedAt: {"t.completed_at", true},
	models.TaskOrderFieldCreatedAt:   {"t.created_at", false},
	models.TaskOrderFieldUpdatedAt:   {"t.updated_at", false},
	models.TaskOrderFieldRelevance:   {"found.relevance", false},
}

func priorityRank(p models.Priority) int {
	switch p {
	case models.PriorityHigh:
		return 3
	case models.PriorityMedium:
		return 2
	default:
		return 1
	}
}

// column is an expression to sort by, with its value at a place.
type column struct {
	sql   string
	desc  bool
	value any
	// unknown is set where the place has no value: nothing is before or after it by this column.
	unknown bool
}

// columns are what to sort by, the id among them, with their values at the place, which may be nil.
// A list whose columns all go in one direction is a range of an index. That is why keys of few values,
// which can be written in either direction (NOT completed ascending is completed descending), take that of the others.
func (q Query) columns(place *Place) []column {
	columns := make([]column, 0, 2*len(q.Order)+1)
	desc := q.desc()
	for i, key := range q.Order {
		var value any
		if place != nil {
			value = place.Values[i]
		}
		switch key.Field {
		case models.TaskOrderFieldPriority:
			sql, rank := "(CASE t.priority WHEN 'HIGH' THEN 3 WHEN 'MEDIUM' THEN 2 ELSE 1 END)", value
			if key.Desc != desc {
				sql = "(CASE t.priority WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END)"
				if value != nil {
					rank = 4 - value.(int)
				}
			}
			columns = append(columns, column{sql, desc, rank, false})
		case models.TaskOrderFieldCompleted:
			columns = append(columns, flag("t.completed", key.Desc, desc, value == true))
		default:
			c := sortColumns[key.Field]
			if c.nullable {
				columns = append(columns, flag("("+c.name+" IS NULL)", key.NullsFirst, desc, value == nil))
			}
			columns = append(columns, column{c.name, key.Desc, value, c.nullable && value == nil})
		}
	}
	var id any
	if place != nil {
		id = place.ID
	}
	return append(columns, column{"t.id", q.Order[len(q.Order)-1].Desc, id, false})
}

// flag sorts by a condition, what meets it last, or first when trueFirst, written in the direction wanted.
func flag(sql string, trueFirst, desc bool, value bool) column {
	if trueFirst != desc {
		return column{"(NOT " + sql + ")", desc, !value, false}
	}
	return column{sql, desc, value, false}
}

// desc is the direction of the first key that has but one, the id being such a key.
func (q Query) desc() bool {
	for _, key := range q.Order {
		if _, ok := sortColumns[key.Field]; ok {
			return key.Desc
		}
	}
	return q.Order[len(q.Order)-1].Desc
}

// order sorts by the keys and the id, backwards when the limit counts from the end.
func (q Query) order(query *bun.SelectQuery) *bun.SelectQuery {
	for _, c := range q.columns(nil) {
		query = query.OrderExpr(c.sql + direction(c.desc != q.FromEnd))
	}
	return query
}

func direction(desc bool) string {
	if desc {
		return " DESC"
	}
	return " ASC"
}

// bound keeps what lies after a place, or before it, and the place itself when inclusive.
func (q Query) bound(query *bun.SelectQuery, place *Place, after, inclusive bool) *bun.SelectQuery {
	var columns []column
	for _, c := range q.columns(place) {
		if !c.unknown {
			columns = append(columns, c)
		}
	}
	// The columns from the first on that go in one direction are compared at once: an index can
	// begin there.
	same := 1
	for same < len(columns) && columns[same].desc == columns[0].desc {
		same++
	}
	operator := " > "
	if columns[0].desc == after {
		operator = " < "
	}
	if same == len(columns) {
		if inclusive {
			operator = strings.TrimSpace(operator) + "= "
		}
		return compared(query, columns, operator)
	}
	query = compared(query, columns[:same], strings.TrimSpace(operator)+"= ")
	// key_1 past value_1, or equal and key_2 past value_2, and so on.
	var terms []string
	var args []any
	for i, c := range columns {
		operator := " > ?"
		if c.desc == after {
			operator = " < ?"
		}
		if inclusive && i == len(columns)-1 {
			operator = strings.Replace(operator, " ?", "= ?", 1)
		}
		var term string
		for _, before := range columns[:i] {
			term += before.sql + " = ? AND "
			args = append(args, before.value)
		}
		terms = append(terms, "("+term+c.sql+operator+")")
		args = append(args, c.value)
	}
	return query.Where("("+strings.Join(terms, " OR ")+")", args...)
}

// compared compares columns with their values, the first that differs deciding.
func compared(query *bun.SelectQuery, columns []column, operator string) *bun.SelectQuery {
	// A flag that cannot go further is one value only.
	if first, ok := columns[0].value.(bool); ok && len(columns) > 1 && first == (strings.TrimSpace(operator)[0] == '>') {
		condition := columns[0].sql
		if !first {
			condition = "NOT " + condition
		}
		return compared(query.Where(condition), columns[1:], operator)
	}
	names, values := make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		names[i], values[i] = c.sql, c.value
	}
	if len(columns) == 1 {
		return query.Where(names[0]+operator+"?", values...)
	}
	return query.Where("("+strings.Join(names, ", ")+")"+operator+"("+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+")", values...)
}
