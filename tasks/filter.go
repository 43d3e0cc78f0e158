package tasks

import (
	"fmt"
	"strconv"
	"time"

	"taskql/models"
)

// Limits of a filter.
const (
	maxLevels = 5
	maxTests  = 50
	// maxValues is the maximum number of values of a test. It keeps the statement within SQLite's limits.
	maxValues = 100
)

// checkFilter fails with models.CodeBadFilter if the filter is too large.
func checkFilter(f *models.TaskFilter) error {
	if f == nil {
		return nil
	}
	tests := 0
	return checkFilterLevel(f, []string{"filter"}, 1, &tests)
}

// checkFilterLevel checks f, which is at path and on that level, and the filters in it. It adds the number of tests to tests.
func checkFilterLevel(f *models.TaskFilter, path []string, level int, tests *int) error {
	tooLarge := func(path []string, format string, args ...any) error {
		return &models.Error{Code: models.CodeBadFilter, Path: path, Message: fmt.Sprintf(format, args...)}
	}
	if level > maxLevels {
		return tooLarge(path, "The filter has more than %d levels.", maxLevels)
	}
	if *tests += countTests(f); *tests > maxTests {
		return tooLarge([]string{"filter"}, "The filter has more than %d tests.", maxTests)
	}
	for _, list := range lists(f) {
		if list.length > maxValues {
			return tooLarge(below(path, list.path...), "There are more than %d values.", maxValues)
		}
	}
	for i, one := range f.And {
		if err := checkFilterLevel(one, below(path, "and", strconv.Itoa(i)), level+1, tests); err != nil {
			return err
		}
	}
	for i, one := range f.Or {
		if err := checkFilterLevel(one, below(path, "or", strconv.Itoa(i)), level+1, tests); err != nil {
			return err
		}
	}
	if f.Not != nil {
		return checkFilterLevel(f.Not, below(path, "not"), level+1, tests)
	}
	return nil
}

// listLength is the length of a list in a filter, and the path to the list.
type listLength struct {
	path   []string
	length int
}

// lists returns the lists that the filter has itself, without those of the filters in it.
func lists(f *models.TaskFilter) (all []listLength) {
	add := func(length int, path ...string) { all = append(all, listLength{path, length}) }
	add(len(f.And), "and")
	add(len(f.Or), "or")
	add(len(f.Due), "due")
	if t := f.ID; t != nil {
		add(len(t.In), "id", "in")
		add(len(t.NotIn), "id", "notIn")
	}
	if t := f.Title; t != nil {
		add(len(t.In), "title", "in")
		add(len(t.NotIn), "title", "notIn")
	}
	if t := f.Description; t != nil {
		add(len(t.In), "description", "in")
		add(len(t.NotIn), "description", "notIn")
	}
	if t := f.Priority; t != nil {
		add(len(t.In), "priority", "in")
		add(len(t.NotIn), "priority", "notIn")
	}
	if t := f.Tags; t != nil {
		add(len(t.Any), "tags", "any")
		add(len(t.All), "tags", "all")
		add(len(t.None), "tags", "none")
	}
	if t := f.DueDate; t != nil {
		add(len(t.In), "dueDate", "in")
	}
	return all
}

// below returns a copy of path with steps appended.
func below(path []string, steps ...string) []string {
	return append(path[:len(path):len(path)], steps...)
}

// countTests returns the number of operators that the filter has itself, without those of the filters in it.
func countTests(f *models.TaskFilter) int {
	given := []bool{f.Completed != nil, f.Due != nil}
	if t := f.ID; t != nil {
		given = append(given, t.Eq != nil, t.In != nil, t.NotIn != nil)
	}
	for _, t := range []*models.TextFilter{f.Title, f.Description} {
		if t != nil {
			given = append(given, t.Eq != nil, t.Neq != nil, t.In != nil, t.NotIn != nil, t.Contains != nil,
				t.NotContains != nil, t.StartsWith != nil, t.EndsWith != nil, t.IsNull != nil)
		}
	}
	if t := f.Priority; t != nil {
		given = append(given, t.Eq != nil, t.Neq != nil, t.In != nil, t.NotIn != nil, t.Gte != nil, t.Lte != nil)
	}
	if t := f.Tags; t != nil {
		given = append(given, t.Any != nil, t.All != nil, t.None != nil, t.IsEmpty != nil)
	}
	if t := f.DueDate; t != nil {
		given = append(given, t.Eq != nil, t.Neq != nil, t.In != nil, t.Lt != nil, t.Lte != nil, t.Gt != nil, t.Gte != nil, t.IsNull != nil)
	}
	for _, t := range []*models.DateTimeFilter{f.CompletedAt, f.CreatedAt, f.UpdatedAt} {
		if t != nil {
			given = append(given, t.Lt != nil, t.Lte != nil, t.Gt != nil, t.Gte != nil, t.IsNull != nil)
		}
	}
	n := 0
	for _, test := range given {
		if test {
			n++
		}
	}
	return n
}

func zoneOrUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
