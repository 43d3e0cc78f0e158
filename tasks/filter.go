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
	maxIDs    = 100
)

// checkFilter refuses a filter that is too large with models.CodeBadFilter.
func checkFilter(f *models.TaskFilter) error {
	if f == nil {
		return nil
	}
	tests := 0
	return filterSize(f, []string{"filter"}, 1, &tests)
}

func filterSize(f *models.TaskFilter, path []string, level int, tests *int) error {
	bad := func(path []string, format string, args ...any) error {
		return &models.Error{Code: models.CodeBadFilter, Path: path, Message: fmt.Sprintf(format, args...)}
	}
	if level > maxLevels {
		return bad(path, "The filter has more than %d levels.", maxLevels)
	}
	if *tests += countTests(f); *tests > maxTests {
		return bad([]string{"filter"}, "The filter has more than %d tests.", maxTests)
	}
	if f.ID != nil && len(f.ID.In) > maxIDs {
		return bad(below(path, "id", "in"), "There are more than %d ids.", maxIDs)
	}
	if f.ID != nil && len(f.ID.NotIn) > maxIDs {
		return bad(below(path, "id", "notIn"), "There are more than %d ids.", maxIDs)
	}
	for i, one := range f.And {
		if err := filterSize(one, below(path, "and", strconv.Itoa(i)), level+1, tests); err != nil {
			return err
		}
	}
	for i, one := range f.Or {
		if err := filterSize(one, below(path, "or", strconv.Itoa(i)), level+1, tests); err != nil {
			return err
		}
	}
	if f.Not != nil {
		return filterSize(f.Not, below(path, "not"), level+1, tests)
	}
	return nil
}

// below returns the path with steps more, sharing nothing with it.
func below(path []string, steps ...string) []string {
	return append(path[:len(path):len(path)], steps...)
}

// countTests counts the operators that the filter has on its own level.
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
