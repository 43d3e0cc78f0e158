package tasks_test

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/models"
)

// filter returns a random filter within the limits.
func (r *source) filter() *models.TaskFilter {
	tests := 50
	return r.filterWithin(5, &tests)
}

// smallFilter returns a random filter that can be combined with others within the limits.
func (r *source) smallFilter() *models.TaskFilter {
	tests := 30
	return r.filterWithin(4, &tests)
}

// perFilter is the maximum number of tests that filterWithin adds to one object.
const perFilter = 8

func (r *source) filterWithin(levels int, tests *int) *models.TaskFilter {
	f := &models.TaskFilter{}
	if *tests -= perFilter; *tests < 0 {
		return f
	}
	for range 1 + r.IntN(2) {
		switch r.IntN(14) {
		case 0:
			f.ID = r.idFilter()
		case 1, 2:
			f.Title = r.textFilter()
		case 3:
			f.Description = r.textFilter()
		case 4:
			f.Priority = r.priorityFilter()
		case 5:
			f.Tags = r.tagsFilter()
		case 6:
			f.Completed = ptr(r.chance(2))
		case 7:
			f.Due = some(3, r, func() models.DueWindow { return pick(r, models.AllDueWindow) })
		case 8:
			f.DueDate = r.dateFilter()
		case 9:
			f.CompletedAt = r.instantFilter()
		case 10:
			f.UpdatedAt = r.instantFilter()
		default:
			if levels > 1 {
				r.combine(f, levels-1, tests)
			} else {
				f.CreatedAt = r.instantFilter()
			}
		}
	}
	return f
}

func (r *source) combine(f *models.TaskFilter, levels int, tests *int) {
	below := func() *models.TaskFilter { return r.filterWithin(levels, tests) }
	switch r.IntN(3) {
	case 0:
		f.And = some(3, r, below)
	case 1:
		f.Or = some(3, r, below)
	case 2:
		f.Not = below()
	}
}

// one calls one or two of the operators.
func (r *source) one(operators ...func()) {
	for range 1 + r.IntN(2) {
		pick(r, operators)()
	}
}

func (r *source) id() string {
	switch r.IntN(8) {
	case 0:
		return pick(r, []string{"", "x", "-1", "0", "01", "9223372036854775807", "99999999999999999999", "1 OR 1=1"})
	}
	return strconv.FormatInt(pick(r, r.known).ID, 10)
}

func (r *source) idFilter() *models.IDFilter {
	f := &models.IDFilter{}
	r.one(
		func() { f.Eq = ptr(r.id()) },
		func() { f.In = some(40, r, r.id) },
		func() { f.NotIn = some(40, r, r.id) },
	)
	return f
}

func (r *source) textFilter() *models.TextFilter {
	f := &models.TextFilter{}
	part := func() *string { return ptr(r.part()) }
	r.one(
		func() { f.Eq = part() },
		func() { f.Neq = part() },
		func() { f.In = some(5, r, r.part) },
		func() { f.NotIn = some(5, r, r.part) },
		func() { f.Contains = part() },
		func() { f.NotContains = part() },
		func() { f.StartsWith = part() },
		func() { f.EndsWith = part() },
		func() { f.IsNull = ptr(r.chance(2)) },
	)
	return f
}

func (r *source) priorityFilter() *models.PriorityFilter {
	f := &models.PriorityFilter{}
	one := func() models.Priority { return pick(r, priorities) }
	r.one(
		func() { f.Eq = ptr(one()) },
		func() { f.Neq = ptr(one()) },
		func() { f.In = some(3, r, one) },
		func() { f.NotIn = some(3, r, one) },
		func() { f.Gte = ptr(one()) },
		func() { f.Lte = ptr(one()) },
	)
	return f
}

func (r *source) tagsFilter() *models.TagsFilter {
	f := &models.TagsFilter{}
	tag := func() string {
		tag := pick(r, append(tagPool, "", " a ", "nobody's", "\x00", "\xff"))
		if utf8.ValidString(tag) && r.chance(2) {
			return strings.ToUpper(tag)
		}
		return tag
	}
	r.one(
		func() { f.Any = some(8, r, tag) },
		func() { f.All = some(3, r, tag) },
		func() { f.None = some(3, r, tag) },
		func() { f.IsEmpty = ptr(r.chance(2)) },
	)
	return f
}

func (r *source) dateFilter() *models.DateFilter {
	f := &models.DateFilter{}
	day := func() *models.Date {
		if r.chance(10) {
			return ptr(pick(r, []models.Date{models.NewDate(1, 1, 1), models.NewDate(9999, 12, 31)}))
		}
		return ptr(r.day())
	}
	r.one(
		func() { f.Eq = day() },
		func() { f.Neq = day() },
		func() { f.In = some(8, r, day) },
		func() { f.Lt = day() },
		func() { f.Lte = day() },
		func() { f.Gt = day() },
		func() { f.Gte = day() },
		func() { f.IsNull = ptr(r.chance(2)) },
	)
	return f
}

func (r *source) instantFilter() *models.DateTimeFilter {
	f := &models.DateTimeFilter{}
	at := func() *time.Time {
		task := pick(r, r.known)
		at := pick(r, []*time.Time{task.CompletedAt, &task.CreatedAt, &task.UpdatedAt})
		if at == nil || r.chance(10) {
			at = ptr(pick(r, []time.Time{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)}))
		}
		// The same moment in another zone.
		return ptr(at.In(time.FixedZone("", 3600)))
	}
	r.one(
		func() { f.Lt = at() },
		func() { f.Lte = at() },
		func() { f.Gt = at() },
		func() { f.Gte = at() },
		func() { f.IsNull = ptr(r.chance(2)) },
	)
	return f
}
