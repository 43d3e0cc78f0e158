package store

import (
	"slices"
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

// Keyset is the values of a task's sort keys, as SortValue returns them, and the task's id, which is the last key. It marks a
// point in a list (keyset pagination).
type Keyset struct {
	Values []any
	ID     int64
}

// Indexed reports whether an index has the list in its order. Other lists are sorted.
func (q Query) Indexed() bool {
	if len(q.Order) != 1 {
		return false
	}
	state := func(completed bool) bool {
		return q.Trash == models.TrashScopeExclude && q.Filter != nil && q.Filter.Completed != nil && *q.Filter.Completed == completed
	}
	switch key := q.Order[0]; key.Field {
	case models.TaskOrderFieldDue:
		return state(false) && !key.NullsFirst
	case models.TaskOrderFieldCompletedAt:
		return state(true)
	case models.TaskOrderFieldCreatedAt, models.TaskOrderFieldPosition:
		return true
	default:
		return false
	}
}

// SortValue returns the value by which a field sorts a task: a time.Time, string, int or bool, or nil if it has none. Relevance
// is not a field of a task; see List.Relevance.
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

// sortColumns are the sort expressions of the fields, none of which is ever NULL. missingFirst sorts tasks without a value first.
var sortColumns = map[models.TaskOrderField]struct{ sql, missingFirst string }{
	models.TaskOrderFieldPosition:    {"t.position", ""},
	models.TaskOrderFieldDue:         {"t.due_end", "coalesce(nullif(t.due_end, 'infinity'), '-infinity')"},
	models.TaskOrderFieldTitle:       {"t.title_lower", ""},
	models.TaskOrderFieldCompletedAt: {"coalesce(t.completed_at, 'infinity')", "coalesce(t.completed_at, '-infinity')"},
	models.TaskOrderFieldCreatedAt:   {"t.created_at", ""},
	models.TaskOrderFieldUpdatedAt:   {"t.updated_at", ""},
	models.TaskOrderFieldRelevance:   {"found.relevance", ""},
}

// A missing time sorts as one of these values, before or after all times. PostgreSQL reads them as times; SQLite compares
// them with times as text.
type missing string

const (
	beforeAll missing = "-infinity"
	afterAll  missing = "infinity"
)

// rankOfPriority sorts the highest priority first; priorityRank sorts it last.
const rankOfPriority = "(CASE t.priority WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END)"

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

// column is a sort expression with its value in a Keyset.
type column struct {
	sql   string
	desc  bool
	value any
}

// columns returns the sort expressions, including the id, with their values in keys, which may be nil.
// An index range can serve a list only if all its columns have one direction. A key of few values can be written in either
// direction (NOT completed ascending is completed descending), so such keys take the direction of the others.
func (q Query) columns(keys *Keyset) []column {
	columns := make([]column, 0, len(q.Order)+1)
	desc := q.desc()
	for i, key := range q.Order {
		var value any
		if keys != nil {
			value = keys.Values[i]
		}
		switch key.Field {
		case models.TaskOrderFieldPriority:
			if key.Desc == desc {
				columns = append(columns, column{"(4 - " + rankOfPriority + ")", desc, value})
			} else {
				if value != nil {
					value = 4 - value.(int)
				}
				columns = append(columns, column{rankOfPriority, desc, value})
			}
		case models.TaskOrderFieldCompleted:
			if key.Desc != desc {
				columns = append(columns, column{"(NOT t.completed)", desc, value != true})
			} else {
				columns = append(columns, column{"t.completed", desc, value})
			}
		default:
			c := sortColumns[key.Field]
			sql, none := c.sql, afterAll
			if c.missingFirst != "" && key.NullsFirst != key.Desc {
				sql, none = c.missingFirst, beforeAll
			}
			if key.Field == models.TaskOrderFieldCompletedAt && q.onlyDone() {
				sql = "t.completed_at" // which none of them lacks, and which has an index
			}
			if q.sorted && key.Field == models.TaskOrderFieldCreatedAt {
				sql = "found.created_at"
			}
			if value == nil {
				value = none
			}
			columns = append(columns, column{sql, key.Desc, value})
		}
	}
	var id any
	if keys != nil {
		id = number(keys.ID)
	}
	idColumn := "t.id"
	if q.sorted {
		idColumn = "found.id"
	}
	return append(columns, column{idColumn, q.Order[len(q.Order)-1].Desc, id})
}

// desc returns the direction of the first key that has only one direction; the id is such a key.
func (q Query) desc() bool {
	for _, key := range q.Order {
		if _, ok := sortColumns[key.Field]; ok {
			return key.Desc
		}
	}
	return q.Order[len(q.Order)-1].Desc
}

// byRelevance reports whether the relevance of a search is a key of the order.
func (q Query) byRelevance() bool {
	return slices.ContainsFunc(q.Order, func(k Key) bool { return k.Field == models.TaskOrderFieldRelevance })
}

// sortsMatches reports whether what PostgreSQL stores of the matches of a search is enough to sort them, without their tasks.
func (q Query) sortsMatches() bool {
	return !slices.ContainsFunc(q.Order, func(k Key) bool {
		return k.Field != models.TaskOrderFieldRelevance && k.Field != models.TaskOrderFieldCreatedAt
	})
}

// onlyDone reports whether the list has done tasks only.
func (q Query) onlyDone() bool {
	return q.Filter != nil && q.Filter.Completed != nil && *q.Filter.Completed
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

// nearest selects from the list the task at keys or else the next one after it, or before it. The order makes PostgreSQL use an index.
// For EXISTS, which has no order, it expects to find a row early wherever it starts, and may read the whole table.
func (q Query) nearest(list func(Query) *bun.SelectQuery, keys *Keyset, after bool) *bun.SelectQuery {
	q.FromEnd = !after
	return q.order(q.bound(list(q), keys, after, true)).Limit(1)
}

// bound selects the tasks after keys, or before them; with inclusive also the task at keys.
func (q Query) bound(query *bun.SelectQuery, keys *Keyset, after, inclusive bool) *bun.SelectQuery {
	columns := q.columns(keys)
	// past compares a column with its value in the direction asked for.
	past := func(c column) string {
		if c.desc == after {
			return " <"
		}
		return " >"
	}
	// Nothing sorts beyond a missing value, so the remaining tasks all have that value.
	for (columns[0].value == afterAll && past(columns[0]) == " >") || (columns[0].value == beforeAll && past(columns[0]) == " <") {
		query = query.Where(columns[0].sql+" = ?", columns[0].value)
		columns = columns[1:]
	}
	// The leading columns of one direction are compared as one row value, which an index can serve.
	same := 1
	for same < len(columns) && columns[same].desc == columns[0].desc {
		same++
	}
	names, values := make([]string, same), make([]any, same)
	for i, c := range columns[:same] {
		names[i], values[i] = c.sql, c.value
	}
	operator := past(columns[0])
	if inclusive || same < len(columns) {
		operator += "="
	}
	query = query.Where("("+strings.Join(names, ", ")+")"+operator+" ?", bun.Tuple(values))
	if same == len(columns) {
		return query
	}
	// key_1 past value_1, or equal and key_2 past value_2, and so on.
	var terms []string
	var args []any
	equal := ""
	for i, c := range columns {
		operator := past(c)
		if inclusive && i == len(columns)-1 {
			operator += "="
		}
		terms = append(terms, "("+equal+c.sql+operator+" ?)")
		for _, before := range columns[:i+1] {
			args = append(args, before.value)
		}
		equal += c.sql + " = ? AND "
	}
	return query.Where("("+strings.Join(terms, " OR ")+")", args...)
}
