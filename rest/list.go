package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/models"
	"taskql/tasks"
)

const (
	// maxLimit is how many tasks a list shows at most where it is limited at all.
	maxLimit = 1000
	// maxListTags is how many tags a list is filtered by at most.
	maxListTags = 100
	// maxListTagText is how many characters these tags have at most together.
	maxListTagText = 5_000
	// maxLinkQuery is the length of the longest query that the Link header repeats.
	maxLinkQuery = 1024
	// maxOffset is beyond the end of every list.
	maxOffset = 1 << 40
)

// list is the part of the tasks that a request lists.
type list struct {
	tasks.SliceArgs
	// turner is the parameter that turns the pages: page, or the one of the offset.
	turner string
}

// query reads the parameters of a list and collects their errors.
type query struct {
	values url.Values
	errs   validationErrors
}

// first returns the value of the first of the names that is present and not empty, and that name. The last value of a
// repeated name counts, as in FastAPI.
func (q *query) first(names ...string) (value, name string) {
	for _, name := range names {
		if all := q.values[name]; len(all) > 0 && strings.TrimSpace(all[len(all)-1]) != "" {
			return all[len(all)-1], name
		}
	}
	return "", names[0]
}

// readList reads the parameters of a list. Unknown words for status, sort and order do not filter or sort; an unknown
// priority matches no task; booleans, numbers and dates must be valid, but an empty date does not filter.
func (dialect Dialect) readList(r *http.Request) (list, error) {
	q := &query{values: r.URL.Query()}
	var l list
	l.Filter = q.filter(dialect)
	l.DueFrom, l.DueUntil = q.due()
	l.Order = q.order()
	q.paging(&l)
	if len(q.errs) > 0 {
		return l, q.errs
	}
	return l, nil
}

func (q *query) filter(dialect Dialect) *models.TaskFilter {
	f := &models.TaskFilter{}
	keep := func(one models.TaskFilter) { f.And = append(f.And, &one) }
	if done := q.status(); done != nil {
		keep(models.TaskFilter{Completed: done})
	}
	if done := q.completed(); done != nil {
		keep(models.TaskFilter{Completed: done})
	}
	if word, _ := q.first("priority"); word != "" && !strings.EqualFold(word, "all") {
		// None has the priority of an unknown word.
		priorities := []models.Priority{}
		if priority, ok := dialect.priority(strings.TrimSpace(word)); ok {
			priorities = append(priorities, priority)
		}
		keep(models.TaskFilter{Priority: &models.PriorityFilter{In: priorities}})
	}
	if category := q.category(dialect); category != "" {
		keep(models.TaskFilter{Tags: &models.TagsFilter{Any: []string{fastapi.CategoryTag + category}}})
	}
	if part, name := q.first("search", "q"); utf8.RuneCountInString(part) > tasks.MaxSearch {
		q.tooLong(name, tasks.MaxSearch)
	} else if part = strings.ToValidUTF8(part, "\uFFFD"); tasks.RepeatsItself(part) {
		q.errs = append(q.errs, validationError{
			Type: "value_error", Loc: []any{"query", name}, Message: "Value error, the text repeats itself too often", Input: jsontext.Value("null"),
			Context: map[string]any{"error": "the text repeats itself too often"},
		})
	} else if part != "" {
		contains := &models.TextFilter{Contains: &part}
		keep(models.TaskFilter{Or: []*models.TaskFilter{{Title: contains}, {Description: contains}}})
	}
	if tags := q.tags(); len(tags) > maxListTags {
		q.errs = append(q.errs, validationError{
			Type: "too_long", Loc: []any{"query", "tags"}, Message: fmt.Sprintf("List should have at most %d items after validation", maxListTags),
			Input: quoted(strings.Join(tags[:maxListTags], ",") + ",…"), Context: map[string]any{"field_type": "List", "max_length": maxListTags},
		})
	} else if all := strings.Join(tags, ","); utf8.RuneCountInString(all) > maxListTagText {
		q.tooLong("tags", maxListTagText)
	} else if len(tags) > 0 {
		keep(models.TaskFilter{Tags: &models.TagsFilter{Any: tags}})
	}
	return f
}

// tooLong adds the validation error of a text with more than limit characters. The answer does not repeat the text.
func (q *query) tooLong(name string, limit int) {
	q.errs = append(q.errs, validationError{
		Type: "string_too_long", Loc: []any{"query", name}, Message: fmt.Sprintf("String should have at most %d characters", limit),
		Input: jsontext.Value("null"), Context: map[string]any{"max_length": limit},
	})
}

// status returns nil for all tasks.
func (q *query) status() *bool {
	word, _ := q.first("status", "status_filter", "filter")
	if done, ok := fastapi.ParseStatus(strings.TrimSpace(word)); ok {
		return &done
	}
	return nil
}

// completed returns nil if the parameter is absent. It is a boolean, unlike a status: other words and an empty value are
// invalid, as in FastAPI, and so are names that disagree.
func (q *query) completed() (done *bool) {
	for _, name := range completedNames {
		if !q.values.Has(name) {
			continue
		}
		word := q.values[name][len(q.values[name])-1] // the last counts, as in FastAPI
		value, ok := fastapi.ParseBool(word)
		switch {
		case !ok:
			q.errs = append(q.errs, validationError{
				Type: "bool_parsing", Loc: []any{"query", name}, Input: quoted(word),
				Message: "Input should be a valid boolean, unable to interpret input",
			})
		case done == nil:
			done = &value
		case *done != value:
			reason := "it must agree with " + completedNames[0]
			q.errs = append(q.errs, validationError{
				Type: "value_error", Loc: []any{"query", name}, Input: quoted(word),
				Message: "Value error, " + reason, Context: map[string]any{"error": reason},
			})
		}
	}
	return done
}

func (q *query) tags() (tags []string) {
	for _, name := range []string{"tags", "tag"} {
		for _, value := range q.values[name] {
			for tag := range strings.SplitSeq(value, ",") {
				if tag = strings.TrimSpace(tag); tag != "" {
					tags = append(tags, tag)
				}
			}
		}
	}
	return tags
}

// due reads the bounds of the due date, both inclusive. A day without a time is its beginning as the lower bound and its end
// as the upper bound.
func (q *query) due() (from, until *time.Time) {
	_, from, _ = q.time("due_after", "due_date_after", "due_date_from")
	if bare, at, ok := q.time("due_before", "due_date_before", "due_date_to"); ok {
		if bare {
			*at = endOfDay(*at)
		}
		until = at
	}
	if _, at, ok := q.time("due_date", "dueDate"); ok {
		day := at.Truncate(24 * time.Hour)
		end := endOfDay(day)
		if from == nil || from.Before(day) {
			from = &day
		}
		if until == nil || until.After(end) {
			until = &end
		}
	}
	return from, until
}

func endOfDay(day time.Time) time.Time { return day.Add(24*time.Hour - time.Microsecond) }

// time reads a date and returns its digits in UTC. bare is true for a day without a time.
func (q *query) time(names ...string) (bare bool, at *time.Time, ok bool) {
	text, name := q.first(names...)
	if text == "" {
		return false, nil, false
	}
	due, reason := fastapi.ParseDue(text)
	if reason != "" {
		q.errs = append(q.errs, badDate(quoted(text), reason, "query", name))
		return false, nil, false
	}
	switch {
	case due.Date != nil:
		return len(strings.TrimSpace(text)) == len(time.DateOnly), &due.Date.Time, true
	case due.Local != nil:
		return false, due.Local, true
	default:
		utc := due.At.UTC()
		return false, &utc, true
	}
}

// sortFields are the sort fields by their names without underscores, with their default direction.
var sortFields = map[string]struct {
	field models.TaskOrderField
	desc  bool
}{
	"created":   {models.TaskOrderFieldCreatedAt, true},
	"updated":   {models.TaskOrderFieldUpdatedAt, true},
	"priority":  {models.TaskOrderFieldPriority, true},
	"title":     {models.TaskOrderFieldTitle, false},
	"due":       {models.TaskOrderFieldDue, false},
	"duedate":   {models.TaskOrderFieldDue, false},
	"completed": {models.TaskOrderFieldCompleted, false},
}

// order reads sort and order, such as due_date, dueDate, created_at and created_asc.
func (q *query) order() []*models.TaskOrder {
	word, _ := q.first("sort", "sort_by")
	direction, _ := q.first("order", "sort_order")
	word, direction = strings.ToLower(strings.TrimSpace(word)), strings.ToLower(strings.TrimSpace(direction))
	for _, suffix := range []string{"asc", "desc"} {
		if name, ok := strings.CutSuffix(word, "_"+suffix); ok {
			word, direction = name, suffix
		}
	}
	word = strings.ReplaceAll(word, "_", "")
	by, known := sortFields[word]
	if !known {
		by, known = sortFields[strings.TrimSuffix(word, "at")]
	}
	if !known {
		by = sortFields["created"]
	}
	if direction == "asc" || direction == "desc" {
		by.desc = direction == "desc"
	}
	key := &models.TaskOrder{Field: by.field, Direction: models.OrderDirectionAsc, Nulls: models.NullsOrderLast}
	if by.desc {
		key.Direction = models.OrderDirectionDesc
	}
	if by.field == models.TaskOrderFieldCreatedAt {
		return []*models.TaskOrder{key}
	}
	// Among equals the newest comes first.
	return []*models.TaskOrder{key, {Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc, Nulls: models.NullsOrderLast}}
}
