package tasks_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"taskql/models"
)

// list contains a user's tasks in memory: the plain list that the database is compared with.
type list []*models.Task

// view contains the arguments of a list except those for paging.
type view struct {
	filter *models.TaskFilter
	order  []*models.TaskOrder
	trash  models.TrashScope
	zone   *time.Location
	now    time.Time
}

// of returns the tasks of the view, in order.
func (v view) of(all list) list {
	var kept list
	for _, t := range all {
		inScope := v.trash == models.TrashScopeInclude || t.Trashed() == (v.trash == models.TrashScopeOnly)
		if inScope && (v.filter == nil || v.keeps(v.filter, t)) {
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, v.compare)
	return kept
}

// compare returns a negative number if a comes before b, a positive one if it comes after b.
func (v view) compare(a, b *models.Task) int {
	order := v.order
	if len(order) == 0 {
		order = []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}}
	}
	sign := 1
	for _, key := range order {
		sign = 1
		if key.Direction == models.OrderDirectionDesc {
			sign = -1
		}
		hasA, hasB, c := compareField(key.Field, a, b)
		switch {
		case !hasA && !hasB:
			continue
		case !hasA || !hasB:
			if hasA == (key.Nulls == models.NullsOrderFirst) {
				return 1
			}
			return -1
		case c != 0:
			return sign * c
		}
	}
	return sign * cmp.Compare(a.ID, b.ID)
}

func compareField(field models.TaskOrderField, a, b *models.Task) (hasA, hasB bool, c int) {
	instants := func(a, b *time.Time) (bool, bool, int) {
		if a == nil || b == nil {
			return a != nil, b != nil, 0
		}
		return true, true, a.Compare(*b)
	}
	dueEnd := func(t *models.Task) *time.Time {
		if t.Due == nil || *t.DueKind != models.DueDay {
			return t.Due
		}
		return ptr(t.Due.AddDate(0, 0, 1).Add(-time.Microsecond))
	}
	switch field {
	case models.TaskOrderFieldPosition:
		return true, true, strings.Compare(a.Position, b.Position)
	case models.TaskOrderFieldDue:
		return instants(dueEnd(a), dueEnd(b))
	case models.TaskOrderFieldPriority:
		return true, true, cmp.Compare(rank(a.Priority), rank(b.Priority))
	case models.TaskOrderFieldTitle:
		return true, true, slices.Compare([]rune(lower(a.Title)), []rune(lower(b.Title)))
	case models.TaskOrderFieldCompleted:
		return true, true, strings.Compare(strconv.FormatBool(a.Completed), strconv.FormatBool(b.Completed))
	case models.TaskOrderFieldCompletedAt:
		return instants(a.CompletedAt, b.CompletedAt)
	case models.TaskOrderFieldCreatedAt:
		return instants(&a.CreatedAt, &b.CreatedAt)
	case models.TaskOrderFieldUpdatedAt:
		return instants(&a.UpdatedAt, &b.UpdatedAt)
	}
	panic("the oracle does not know the order " + field)
}

func rank(p models.Priority) int {
	return slices.Index([]models.Priority{models.PriorityLow, models.PriorityMedium, models.PriorityHigh}, p)
}

func lower(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		runes[i] = unicode.To(unicode.LowerCase, r)
	}
	return string(runes)
}

// keeps reports whether the task matches the filter.
func (v view) keeps(f *models.TaskFilter, t *models.Task) bool {
	matches := func(f *models.TaskFilter) bool { return v.keeps(f, t) }
	return !slices.ContainsFunc(f.And, func(f *models.TaskFilter) bool { return !matches(f) }) &&
		(f.Or == nil || slices.ContainsFunc(f.Or, matches)) &&
		(f.Not == nil || !matches(f.Not)) &&
		(f.ID == nil || keepsID(f.ID, strconv.FormatInt(t.ID, 10))) &&
		(f.Title == nil || keepsText(f.Title, &t.Title)) &&
		(f.Description == nil || keepsText(f.Description, t.Notes())) &&
		(f.Priority == nil || keepsPriority(f.Priority, t.Priority)) &&
		(f.Tags == nil || keepsTags(f.Tags, t.Tags)) &&
		(f.Completed == nil || *f.Completed == t.Completed) &&
		(f.Due == nil || slices.ContainsFunc(f.Due, func(w models.DueWindow) bool { return v.inWindow(w, t) })) &&
		(f.DueDate == nil || keepsDay(f.DueDate, t.DueOn(v.zone))) &&
		(f.CompletedAt == nil || keepsInstant(f.CompletedAt, t.CompletedAt)) &&
		(f.CreatedAt == nil || keepsInstant(f.CreatedAt, &t.CreatedAt)) &&
		(f.UpdatedAt == nil || keepsInstant(f.UpdatedAt, &t.UpdatedAt))
}

// fails reports whether an operator is set and the value does not satisfy it.
func fails[T any](operand *T, met func(T) bool) bool { return operand != nil && !met(*operand) }

func keepsID(f *models.IDFilter, id string) bool {
	return !fails(f.Eq, func(s string) bool { return s == id }) &&
		(f.In == nil || slices.Contains(f.In, id)) &&
		!slices.Contains(f.NotIn, id)
}

func keepsText(f *models.TextFilter, text *string) bool {
	has := func(test func(text, s string) bool) func(string) bool {
		return func(s string) bool { return text != nil && utf8.ValidString(s) && test(lower(*text), lower(s)) }
	}
	equal := has(func(text, s string) bool { return text == s })
	contains := has(strings.Contains)
	return !fails(f.Eq, equal) && !fails(f.Contains, contains) &&
		!fails(f.StartsWith, has(strings.HasPrefix)) && !fails(f.EndsWith, has(strings.HasSuffix)) &&
		!(f.Neq != nil && equal(*f.Neq)) && !(f.NotContains != nil && contains(*f.NotContains)) &&
		(f.In == nil || slices.ContainsFunc(f.In, equal)) && !slices.ContainsFunc(f.NotIn, equal) &&
		!fails(f.IsNull, func(null bool) bool { return null == (text == nil) })
}

func keepsPriority(f *models.PriorityFilter, p models.Priority) bool {
	return !fails(f.Eq, func(q models.Priority) bool { return p == q }) &&
		!fails(f.Neq, func(q models.Priority) bool { return p != q }) &&
		!fails(f.Gte, func(q models.Priority) bool { return rank(p) >= rank(q) }) &&
		!fails(f.Lte, func(q models.Priority) bool { return rank(p) <= rank(q) }) &&
		(f.In == nil || slices.Contains(f.In, p)) && !slices.Contains(f.NotIn, p)
}

func keepsTags(f *models.TagsFilter, tags []string) bool {
	has := func(tag string) bool {
		return utf8.ValidString(tag) && slices.ContainsFunc(tags, func(t string) bool { return lower(t) == lower(strings.TrimSpace(tag)) })
	}
	return (f.Any == nil || slices.ContainsFunc(f.Any, has)) && !slices.ContainsFunc(f.None, has) &&
		!slices.ContainsFunc(f.All, func(tag string) bool { return !has(tag) }) &&
		!fails(f.IsEmpty, func(empty bool) bool { return empty == (len(tags) == 0) })
}

func keepsDay(f *models.DateFilter, day *models.Date) bool {
	compared := func(met func(c int) bool) func(models.Date) bool {
		return func(d models.Date) bool { return day != nil && met(strings.Compare(day.String(), d.String())) }
	}
	equal := compared(func(c int) bool { return c == 0 })
	return !fails(f.Eq, equal) && !(f.Neq != nil && equal(*f.Neq)) &&
		!fails(f.Lt, compared(func(c int) bool { return c < 0 })) && !fails(f.Lte, compared(func(c int) bool { return c <= 0 })) &&
		!fails(f.Gt, compared(func(c int) bool { return c > 0 })) && !fails(f.Gte, compared(func(c int) bool { return c >= 0 })) &&
		(f.In == nil || slices.ContainsFunc(f.In, func(d *models.Date) bool { return equal(*d) })) &&
		!fails(f.IsNull, func(null bool) bool { return null == (day == nil) })
}

func keepsInstant(f *models.DateTimeFilter, at *time.Time) bool {
	compared := func(met func(c int) bool) func(time.Time) bool {
		return func(other time.Time) bool { return at != nil && met(at.Compare(other)) }
	}
	return !fails(f.Lt, compared(func(c int) bool { return c < 0 })) && !fails(f.Lte, compared(func(c int) bool { return c <= 0 })) &&
		!fails(f.Gt, compared(func(c int) bool { return c > 0 })) && !fails(f.Gte, compared(func(c int) bool { return c >= 0 })) &&
		!fails(f.IsNull, func(null bool) bool { return null == (at == nil) })
}

func (v view) inWindow(window models.DueWindow, t *models.Task) bool {
	day := t.DueOn(v.zone)
	within := func(from, days int) bool {
		year, month, today := v.now.In(v.zone).Date()
		begin := models.NewDate(year, month, today+from)
		return day != nil && !day.Before(begin.Time) && day.Before(begin.AddDate(0, 0, days))
	}
	switch window {
	case models.DueWindowOverdue:
		return t.Overdue(v.now, v.zone)
	case models.DueWindowToday:
		return within(0, 1)
	case models.DueWindowTomorrow:
		return within(1, 1)
	case models.DueWindowNext7Days:
		return within(0, 7)
	case models.DueWindowNoDueDate:
		return day == nil
	}
	panic("the oracle does not know the window " + window)
}
