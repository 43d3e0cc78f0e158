package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/models"
	"taskql/store/connect"
)

// conditions renders filters as SQL. Each expression that its methods return is true or false for every task and never NULL, so
// that NOT inverts it. Its question marks stand for args, in order.
type conditions struct {
	postgres bool
	now      time.Time
	zone     *time.Location
	args     []any
}

const (
	always = "TRUE"
	never  = "FALSE"
)

// arg adds an argument and returns its placeholder.
func (c *conditions) arg(value any) string {
	c.args = append(c.args, value)
	return "?"
}

func allOf(terms ...string) string { return combined(terms, " AND ", always) }
func oneOf(terms ...string) string { return combined(terms, " OR ", never) }
func not(term string) string       { return "(NOT " + term + ")" }

func combined(terms []string, operator, none string) string {
	switch len(terms) {
	case 0:
		return none
	case 1:
		return terms[0]
	}
	return "(" + strings.Join(terms, operator) + ")"
}

func (c *conditions) filter(f *models.TaskFilter) string {
	var terms []string
	for _, one := range f.And {
		terms = append(terms, c.filter(one))
	}
	if f.Or != nil {
		var either []string
		for _, one := range f.Or {
			either = append(either, c.filter(one))
		}
		terms = append(terms, oneOf(either...))
	}
	if f.Not != nil {
		terms = append(terms, not(c.filter(f.Not)))
	}
	if f.ID != nil {
		terms = append(terms, c.id(f.ID))
	}
	if f.Title != nil {
		terms = append(terms, c.text("t.title_lower", f.Title))
	}
	if f.Description != nil {
		terms = append(terms, c.text("t.notes_lower", f.Description))
	}
	if f.Priority != nil {
		terms = append(terms, c.priority(f.Priority))
	}
	if f.Tags != nil {
		terms = append(terms, c.tags(f.Tags))
	}
	if f.Completed != nil {
		terms = append(terms, completed(*f.Completed))
	}
	if f.Due != nil {
		terms = append(terms, c.windows(f.Due))
	}
	if f.DueDate != nil {
		terms = append(terms, c.dueDate(f.DueDate))
	}
	if f.CompletedAt != nil {
		terms = append(terms, c.instant("t.completed_at", f.CompletedAt))
	}
	if f.CreatedAt != nil {
		terms = append(terms, c.instant("t.created_at", f.CreatedAt))
	}
	if f.UpdatedAt != nil {
		terms = append(terms, c.instant("t.updated_at", f.UpdatedAt))
	}
	return allOf(terms...)
}

// among returns the condition that an expression, which is not NULL, has one of the values. The values are one argument and one
// term, however many they are: planning a chain of comparisons takes longer than reading the tasks.
func among[T ~string | ~int64](c *conditions, expression string, values []T) string {
	switch {
	case len(values) == 0:
		return never
	case len(values) == 1: // half as dear on SQLite
		return "(" + expression + " = " + c.arg(single(values[0])) + ")"
	case !c.postgres:
		return "(" + expression + " IN (SELECT value FROM json_each(" + c.arg(asJSON(values)) + ")))"
	}
	kind := "text"
	if _, ok := any(values).([]int64); ok {
		kind = "bigint" // also for an id of a narrower type
	}
	return "(" + expression + " = ANY(CAST(" + c.arg(arrayText(values)) + " AS " + kind + "[])))"
}

// single returns a value as an argument of a statement.
func single[T ~string | ~int64](value T) any {
	if id, ok := any(value).(int64); ok {
		return number(id)
	}
	return value
}

// arrayText returns an array in PostgreSQL's syntax.
func arrayText[T ~string | ~int64](values []T) string {
	elements := make([]string, len(values))
	for i, value := range values {
		elements[i] = `"` + escapeElement.Replace(fmt.Sprint(value)) + `"`
	}
	return "{" + strings.Join(elements, ",") + "}"
}

var escapeElement = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func asJSON(values any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // strings and numbers have a JSON form
	}
	return string(text)
}

func present(column string) string { return "(" + column + " IS NOT NULL)" }

func isNull(column string, null bool) string {
	if null {
		return not(present(column))
	}
	return present(column)
}

func completed(done bool) string {
	if done {
		return "t.completed"
	}
	return "(NOT t.completed)" // as the indexes of open tasks have it
}

func (c *conditions) id(f *models.IDFilter) string {
	in := func(ids ...string) string {
		var numbers []int64
		for _, id := range ids {
			if number, ok := models.ParseID(id); ok { // no task has any other id
				numbers = append(numbers, number)
			}
		}
		return among(c, "t.id", numbers)
	}
	var terms []string
	if f.Eq != nil {
		terms = append(terms, in(*f.Eq))
	}
	if f.In != nil {
		terms = append(terms, in(f.In...))
	}
	if f.NotIn != nil {
		terms = append(terms, not(in(f.NotIn...)))
	}
	return allOf(terms...)
}

// text returns the condition of a filter on a column of folded text that may be NULL.
func (c *conditions) text(column string, f *models.TextFilter) string {
	// No task has text that the databases cannot store.
	has := func(operator func(value string) string, value string) string {
		if !storable(value) {
			return never
		}
		return allOf(present(column), operator(models.Fold(value)))
	}
	in := func(values ...string) string {
		var folded []string
		for _, value := range values {
			if storable(value) {
				folded = append(folded, models.Fold(value))
			}
		}
		return allOf(present(column), among(c, column, folded))
	}
	contains := func(value string) string { return c.contains(column, value) }
	starts := func(value string) string {
		return "substr(" + column + ", 1, " + c.arg(utf8.RuneCountInString(value)) + ") = " + c.arg(value)
	}
	ends := func(value string) string {
		if !c.postgres {
			return connect.HasEnd + "(" + column + ", " + c.arg(value) + ")"
		}
		// The end in bytes: right would count the characters of a long text twice.
		text := "convert_to(" + column + ", 'UTF8')"
		return "substr(" + text + ", octet_length(" + text + ") + 1 - " + c.arg(len(value)) + ") = convert_to(" + c.arg(value) + ", 'UTF8')"
	}
	var terms []string
	if f.Eq != nil {
		terms = append(terms, in(*f.Eq))
	}
	if f.Neq != nil {
		terms = append(terms, not(in(*f.Neq)))
	}
	if f.In != nil {
		terms = append(terms, in(f.In...))
	}
	if f.NotIn != nil {
		terms = append(terms, not(in(f.NotIn...)))
	}
	if f.Contains != nil {
		terms = append(terms, has(contains, *f.Contains))
	}
	if f.NotContains != nil {
		terms = append(terms, not(has(contains, *f.NotContains)))
	}
	if f.StartsWith != nil {
		terms = append(terms, has(starts, *f.StartsWith))
	}
	if f.EndsWith != nil {
		terms = append(terms, has(ends, *f.EndsWith))
	}
	if f.IsNull != nil {
		terms = append(terms, isNull(column, *f.IsNull))
	}
	return allOf(terms...)
}

// contains returns the condition that a text contains part. LIKE would interpret % and _.
func (c *conditions) contains(column, part string) string {
	switch {
	case c.postgres && looksForBytes(part):
		return c.containsBytes(column, part)
	case c.postgres:
		return "strpos(" + column + ", " + c.arg(part) + ") > 0"
	}
	return connect.Contains + "(" + column + ", " + c.arg(part) + ")"
}

// containsBytes is contains on PostgreSQL for a part whose first bytes occur seldom.
func (c *conditions) containsBytes(column, part string) string {
	return "position(convert_to(" + c.arg(part) + ", 'UTF8') IN convert_to(" + column + ", 'UTF8')) > 0"
}

// looksForBytes reports whether PostgreSQL looks for the bytes of a text. It compares those from the beginning of the text, so that what repeats
// itself there takes as long.
func looksForBytes(text string) bool {
	fromEnd := models.Repeats(text)
	if fromEnd <= manyRepeats {
		return false
	}
	reversed := []byte(text)
	slices.Reverse(reversed)
	return models.Repeats(string(reversed)) < fromEnd
}

// manyRepeats is the models.Repeats of a text above which PostgreSQL looks for bytes. For characters it uses Boyer and Moore's method, which takes
// as long as the lengths multiplied if both texts repeat themselves: minutes for 2,000 descriptions.
const manyRepeats = 8

// priorities in ascending order.
var priorities = []models.Priority{models.PriorityLow, models.PriorityMedium, models.PriorityHigh}

func (c *conditions) priority(f *models.PriorityFilter) string {
	in := func(values ...models.Priority) string { return among(c, "t.priority", values) }
	var terms []string
	if f.Eq != nil {
		terms = append(terms, in(*f.Eq))
	}
	if f.Neq != nil {
		terms = append(terms, not(in(*f.Neq)))
	}
	if f.In != nil {
		terms = append(terms, in(f.In...))
	}
	if f.NotIn != nil {
		terms = append(terms, not(in(f.NotIn...)))
	}
	for i, p := range priorities {
		if f.Gte != nil && *f.Gte == p {
			terms = append(terms, in(priorities[i:]...))
		}
		if f.Lte != nil && *f.Lte == p {
			terms = append(terms, in(priorities[:i+1]...))
		}
	}
	return allOf(terms...)
}

func (c *conditions) tags(f *models.TagsFilter) string {
	var terms []string
	if f.Any != nil {
		terms = append(terms, c.anyTag(f.Any))
	}
	if f.All != nil {
		terms = append(terms, c.allTags(f.All))
	}
	if f.None != nil {
		terms = append(terms, not(c.anyTag(f.None)))
	}
	if f.IsEmpty != nil && *f.IsEmpty {
		terms = append(terms, "(t.tags_lower = '')")
	} else if f.IsEmpty != nil {
		terms = append(terms, "(t.tags_lower <> '')")
	}
	return allOf(terms...)
}

// fewTags is how many tags PostgreSQL looks for one by one. For each, that costs a tenth of taking the tags of the task apart.
const fewTags = 8

// anyTag returns the condition that a task has one of the tags.
func (c *conditions) anyTag(tags []string) string {
	switch lines, _ := wantedLines(tags); {
	case len(lines) == 0:
		return never
	case len(lines) == 1 || c.postgres && len(lines) <= fewTags:
		return "(" + strings.Join(c.tagLines(lines), " OR ") + ")"
	case c.postgres:
		return "(EXISTS " + c.tagsAmong("1", lines) + ")"
	default:
		return "(" + connect.HasAnyLine + "(t.tags_lower, " + c.arg(joined(lines)) + "))"
	}
}

// allTags returns the condition that a task has all the tags.
func (c *conditions) allTags(tags []string) string {
	switch lines, all := wantedLines(tags); {
	case !all:
		return never
	case len(lines) == 0:
		return always
	case len(lines) == 1 || c.postgres && len(lines) <= fewTags:
		return "(" + strings.Join(c.tagLines(lines), " AND ") + ")"
	case c.postgres:
		return "(" + c.tagsAmong("count(DISTINCT line.value)", lines) + " = " + c.arg(len(lines)) + ")"
	default:
		return "(" + connect.HasAllLines + "(t.tags_lower, " + c.arg(joined(lines)) + "))"
	}
}

// tagsAmong returns a subquery of those tags of the task whose lines are among lines, on PostgreSQL. CASE has it look up each line in a hash table
// of the others, which it makes once. Without CASE, PostgreSQL compares each tag with each wanted one: 2,000 texts for a task, half a minute for
// 100,000 tasks.
func (c *conditions) tagsAmong(result string, lines []string) string {
	return "(SELECT " + result + ` FROM (SELECT unnest(string_to_array(t.tags_lower, E'\n')) AS value) AS line
		WHERE CASE WHEN line.value IN (SELECT unnest(CAST(` + c.arg(arrayText(lines)) + " AS text[]))) THEN TRUE ELSE FALSE END)"
}

// tagLines returns for each line the condition that a task has that tag. A line begins with a line feed, of which there is one for each tag. To look for
// bytes takes 1 µs of 20 tags of the same letter, and to look for characters 4.
func (c *conditions) tagLines(lines []string) []string {
	has := c.contains
	if c.postgres {
		has = c.containsBytes
	}
	each := make([]string, len(lines))
	for i, line := range lines {
		each[i] = has("t.tags_lower", joined([]string{line}))
	}
	return each
}

// joined returns lines with a line feed before and after each.
func joined(lines []string) string { return "\n" + strings.Join(lines, "\n") + "\n" }

// wantedLines returns the distinct lines of the tags in tags_lower, without tags that no task can have, and whether there were none of those.
func wantedLines(tags []string) (lines []string, all bool) {
	for _, tag := range tags {
		if tag = strings.TrimSpace(tag); tag != "" && storable(tag) { // trimmed, as tags are stored
			lines = append(lines, tagLine(tag))
		}
	}
	all = len(lines) == len(tags)
	slices.Sort(lines)
	return slices.Compact(lines), all
}

// storable reports whether the databases can store a text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
