package tasks

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/models"
)

// Limits of a filter.
const (
	maxLevels = 5
	maxTests  = 50
	// maxValues is the maximum number of values of a test, maxAllValues that of all tests together.
	maxValues    = 100
	maxAllValues = 1_000
	// maxParts is the maximum number of filters in a filter. They may be empty, and then have no tests.
	maxParts = 200
	// maxTexts is the maximum size of all texts in bytes.
	maxTexts = 64 << 10
	// maxRepeats is the maximum of models.Repeats of a text that is looked for. For more, PostgreSQL compares too much.
	maxRepeats = 64
)

// checkFilter fails with models.CodeBadFilter if the filter is too large. It folds no text but one that is looked for and is longer than maxRepeats.
func checkFilter(f *models.TaskFilter) error {
	if f == nil {
		return nil
	}
	return (&filterCheck{}).check(f)
}

// filterCheck walks through a filter. It knows the tests by the shape of models.TaskFilter: a field is a filter, a list of
// filters, a test, or a struct whose fields are tests.
type filterCheck struct {
	// path is the path to what the walk has reached.
	path                        []string
	parts, tests, values, texts int
	// cost is the cost of the tests without that of reading texts, which text reports.
	cost int
	text bool
}

func (c *filterCheck) check(f *models.TaskFilter) error {
	c.path = []string{"filter"}
	return c.filter(reflect.ValueOf(f).Elem(), 1)
}

func (c *filterCheck) tooLarge(path []string, format string, args ...any) error {
	return &models.Error{Code: models.CodeBadFilter, Path: slices.Clone(path), Message: fmt.Sprintf(format, args...)}
}

// step returns a step of the path, counted from its end.
func (c *filterCheck) step(fromEnd int) string { return c.path[len(c.path)-fromEnd] }

// below calls check with the path one step further.
func (c *filterCheck) below(step string, check func() error) error {
	c.path = append(c.path, step)
	err := check()
	c.path = c.path[:len(c.path)-1]
	return err
}

func (c *filterCheck) filter(f reflect.Value, level int) error {
	if level > maxLevels {
		return c.tooLarge(c.path, "The filter has more than %d levels.", maxLevels)
	}
	if c.parts++; c.parts > maxParts {
		return c.tooLarge(c.path[:1], "The filter has more than %d filters in it.", maxParts)
	}
	return c.fields(f, func(field reflect.Value) error {
		switch value := field.Interface().(type) {
		case *models.TaskFilter:
			return c.filter(field.Elem(), level+1)
		case []*models.TaskFilter:
			if err := c.length(len(value)); err != nil {
				return err
			}
			for i := range value {
				if err := c.below(strconv.Itoa(i), func() error { return c.filter(field.Index(i).Elem(), level+1) }); err != nil {
					return err
				}
			}
			return nil
		case *bool, []models.DueWindow:
			return c.test(field)
		}
		return c.fields(field.Elem(), c.test)
	})
}

// fields calls check for each field of a struct that is not nil.
func (c *filterCheck) fields(of reflect.Value, check func(reflect.Value) error) error {
	for i := range of.NumField() {
		if field := of.Field(i); !field.IsNil() {
			name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
			if err := c.below(name, func() error { return check(field) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// test checks an operator and its value or values.
func (c *filterCheck) test(operator reflect.Value) error {
	if c.tests++; c.tests > maxTests {
		return c.tooLarge(c.path[:1], "The filter has more than %d tests.", maxTests)
	}
	values := 1
	if operator.Kind() == reflect.Slice {
		values = operator.Len()
		if err := c.length(values); err != nil {
			return err
		}
	}
	c.count(values)
	if c.values += values; c.values > maxAllValues {
		return c.tooLarge(c.path[:1], "The filter has more than %d values.", maxAllValues)
	}
	switch texts := operator.Interface().(type) {
	case *string:
		c.texts += len(*texts)
		if looked := c.step(1) == "contains" || c.step(1) == "notContains"; looked && c.texts <= maxTexts && RepeatsItself(*texts) {
			return c.tooLarge(c.path, "The text repeats itself too often.")
		}
	case []string:
		for _, text := range texts {
			c.texts += len(text)
		}
	}
	if c.texts > maxTexts {
		return c.tooLarge(c.path[:1], "The texts of the filter have more than %d bytes.", maxTexts)
	}
	return nil
}

// count adds the cost of the test at the path.
func (c *filterCheck) count(values int) {
	c.cost += costOfTest
	each := costOfValue
	switch name := c.step(1); c.step(2) {
	case "title":
		if c.text = true; looksInside(name) {
			c.cost += costOfTitle
		}
	case "tags":
		c.text = true
		if values > 1 {
			c.cost += costOfSplit
		}
	case "description":
		c.text = true
		if c.cost += costOfNotes; looksInside(name) {
			c.cost += costOfLook
		}
	case "dueDate":
		each = costOfDay
	}
	c.cost += max(0, values-1) * each
}

// looksInside reports whether a test reads more of a text than its beginning.
func looksInside(test string) bool {
	return test == "contains" || test == "notContains" || test == "endsWith"
}

func (c *filterCheck) length(n int) error {
	if n > maxValues {
		return c.tooLarge(c.path, "There are more than %d values.", maxValues)
	}
	return nil
}

// MaxSearch is the maximum length of a search, and of the beginning of a tag, in characters.
const MaxSearch = 1_000

// checkText fails with models.CodeBadUserInput if the argument has more than MaxSearch characters.
func checkText(text, argument string) error {
	if len(text) > MaxSearch && utf8.RuneCountInString(text) > MaxSearch {
		return &models.Error{
			Code: models.CodeBadUserInput, Path: []string{argument}, Message: fmt.Sprintf("%s has more than %d characters.", argument, MaxSearch),
		}
	}
	return nil
}

// RepeatsItself reports whether a text repeats itself so often that it may not be looked for.
func RepeatsItself(text string) bool {
	return len(text) > maxRepeats && models.Repeats(models.Fold(text)) > maxRepeats
}

func zoneOrUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
