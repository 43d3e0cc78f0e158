// Package fastapi holds the text forms in which FastAPI backends write and read a task's fields.
package fastapi

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/models"
)

// TimeText writes a time in UTC without a zone as pydantic does: with six digits of a second, or with none.
func TimeText(t time.Time) string {
	if t = t.UTC(); t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// DueText writes a due date as it was set: a day as its midnight and a wall-clock time without a zone, an instant in UTC
// with Z. It returns nil for a task without a due date.
func DueText(t *models.Task) *string {
	if t.Due == nil {
		return nil
	}
	text := TimeText(*t.Due)
	if t.DueKind == nil || *t.DueKind == models.DueInstant {
		text += "Z"
	}
	return &text
}

// TagsText writes tags as a JSON array. Invalid UTF-8, which an adopted database may contain, is replaced.
func TagsText(tags []string) string {
	text, err := json.Marshal(tags, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err) // strings encode
	}
	return string(text)
}

// ParseTags reads a text that holds tags: the elements of a JSON array, of which some may be no strings, or else the parts
// of a list between separators, without blank ones.
func ParseTags(text, separators string) (elements []jsontext.Value) {
	var array jsontext.Value
	if json.Unmarshal([]byte(text), &array) == nil && array.Kind() == '[' {
		_ = json.Unmarshal(array, &elements)
		return elements
	}
	for tag := range list(text, separators) {
		element, _ := json.Marshal(tag, jsontext.AllowInvalidUTF8(true))
		elements = append(elements, element)
	}
	return elements
}

// ParseTagList reads tags as ParseTags does, to strings. It reports false for JSON other than null and an array of strings.
func ParseTagList(text, separators string) (tags []string, ok bool) {
	tags = []string{}
	text = strings.TrimSpace(text)
	if text == "" || text == "null" {
		return tags, true
	}
	if strings.ContainsAny(text[:1], `[{"`) {
		var elements []*string // pointers, because a null would be read as an empty string
		if json.Unmarshal([]byte(text), &elements) != nil || slices.Contains(elements, nil) {
			return nil, false
		}
		for _, tag := range elements {
			tags = append(tags, *tag)
		}
		return tags, true
	}
	for tag := range list(text, separators) {
		tags = append(tags, tag)
	}
	return tags, true
}

// list returns the parts of a text between separators, without blank ones.
func list(text, separators string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for tag := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			if strings.TrimSpace(tag) != "" && !yield(tag) {
				return
			}
		}
	}
}

// ParseBool reads the words and digits that pydantic reads as a boolean, in any letter case.
func ParseBool(word string) (yes, ok bool) {
	switch strings.ToLower(word) {
	case "true", "yes", "on", "t", "y", "1", "1.0":
		return true, true
	case "false", "no", "off", "f", "n", "0", "0.0":
		return false, true
	}
	return false, false
}

// Statuses are the values of the field status, in lower case. The first stands for a completed task.
var Statuses = []string{"completed", "pending", "todo", "in_progress"}

// PriorityWords are the words for priorities beside HIGH, MEDIUM and LOW, in upper case.
var PriorityWords = map[string]models.Priority{
	"URGENT": models.PriorityHigh, "CRITICAL": models.PriorityHigh, "P1": models.PriorityHigh, "P2": models.PriorityHigh,
	"NONE": models.PriorityMedium, "NORMAL": models.PriorityMedium, "P3": models.PriorityMedium,
	"P4": models.PriorityLow,
}

// ParsePriority reads HIGH, MEDIUM, LOW and the PriorityWords, in any letter case.
func ParsePriority(word string) (priority models.Priority, ok bool) {
	word = strings.ToUpper(word)
	if priority = models.Priority(word); priority.IsValid() {
		return priority, true
	}
	priority, ok = PriorityWords[word]
	return priority, ok
}
