// Package fastapi holds the text forms in which FastAPI backends write and read a task's fields.
package fastapi

import (
	"iter"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"taskql/models"
)

// Task is a task as the FastAPI backends write it.
type Task struct {
	ID          int64           `json:"id"`
	UserID      string          `json:"user_id"`
	Title       string          `json:"title"`
	Description *string         `json:"description"`
	Priority    models.Priority `json:"priority"`
	// Tags is a string that holds a JSON array.
	Tags      string  `json:"tags"`
	DueDate   *string `json:"due_date"`
	Completed bool    `json:"completed"`
	CreatedAt string  `json:"created_at"`
	UpdatedAt string  `json:"updated_at"`
}

// NewTask returns the texts of a task.
func NewTask(t *models.Task) Task {
	return Task{
		ID: t.ID, UserID: t.UserID, Title: t.Title, Description: t.Description, Priority: t.Priority, Tags: tagsText(t.Tags),
		DueDate: dueText(t), Completed: t.Completed, CreatedAt: TimeText(t.CreatedAt) + "Z", UpdatedAt: TimeText(t.UpdatedAt) + "Z",
	}
}

// TimeText writes a time in UTC without a zone as pydantic does: with six digits of a second, or with none.
func TimeText(t time.Time) string {
	if t = t.UTC(); t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// dueText writes a due date as it was set: a day as its midnight and a wall-clock time without a zone, an instant in UTC
// with Z. It returns nil for a task without a due date.
func dueText(t *models.Task) *string {
	if t.Due == nil {
		return nil
	}
	text := TimeText(*t.Due)
	if t.DueKind == nil || *t.DueKind == models.DueInstant {
		text += "Z"
	}
	return &text
}

// tagsText writes tags as a JSON array. Invalid UTF-8, which an adopted database may contain, is replaced.
func tagsText(tags []string) string {
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

// ParseTagList reads the strings that ParseTags reads; null is none of them. It reports false for other JSON than an array of
// strings, and for invalid UTF-8. In JSON it replaces escapes of half a character.
func ParseTagList(text, separators string) (tags []string, ok bool) {
	tags, text = []string{}, strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(text):
		return nil, false
	case text == "" || text == "null":
		return tags, true
	case !strings.ContainsAny(text[:1], `[{"`):
		return slices.AppendSeq(tags, list(text, separators)), true
	}
	var elements []*string // pointers, because a null would be read as an empty string
	if json.Unmarshal([]byte(text), &elements, jsontext.AllowInvalidUTF8(true)) != nil || slices.Contains(elements, nil) {
		return nil, false
	}
	for _, tag := range elements {
		tags = append(tags, *tag)
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

// Statuses are the words for the status of a task, in lower case.
var Statuses = []string{"completed", "done", "pending", "todo", "in_progress", "incomplete", "active", "open"}

// ParseStatus reads one of the Statuses in any letter case, and returns whether it is that of a completed task.
func ParseStatus(word string) (done, ok bool) {
	word = strings.ToLower(word)
	return word == "completed" || word == "done", slices.Contains(Statuses, word)
}

// integer is a whole number as pydantic reads it from a text: digits with single underscores between them, and zeros behind a point.
var integer = regexp.MustCompile(`^([+-]?\d+(?:_\d+)*)(?:\.0+)?$`)

// ParseInteger reads a whole number of any size as pydantic does: with blanks around it, a sign, zeros in front, underscores between
// digits, and zeros behind a point.
func ParseInteger(text string) (n *big.Int, ok bool) {
	parts := integer.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return nil, false
	}
	return new(big.Int).SetString(strings.ReplaceAll(parts[1], "_", ""), 10)
}

// ParseUUID returns a UUID as Python writes it, in lower case and with dashes. The text may have neither.
func ParseUUID(text string) (id string, ok bool) {
	uuid, err := uuid.Parse(text)
	return uuid.String(), err == nil
}

// PriorityWords are the words for priorities beside HIGH, MEDIUM and LOW, in upper case.
var PriorityWords = map[string]models.Priority{
	"URGENT": models.PriorityHigh, "CRITICAL": models.PriorityHigh, "P1": models.PriorityHigh, "P2": models.PriorityHigh,
	"NONE": models.PriorityMedium, "NORMAL": models.PriorityMedium, "P3": models.PriorityMedium,
	"P4": models.PriorityLow,
}

// CategoryTag begins the tag that keeps a category, and PriorityTag the one that keeps a word for a priority.
const (
	CategoryTag = "category:"
	PriorityTag = "priority:"
)

// MaxCategory is the length of the longest category that fits into a tag.
const MaxCategory = models.MaxTag - len(CategoryTag)

// KeptPriority returns a word for a priority beside the three as its tag has it, or "". P1 to P4 are in capitals, the others in lower
// case.
func KeptPriority(word string) string {
	word = strings.ToUpper(word)
	if _, known := PriorityWords[word]; !known {
		return ""
	}
	if len(word) == len("P1") {
		return word
	}
	return strings.ToLower(word)
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
