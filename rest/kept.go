package rest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"taskql/fastapi"
	"taskql/models"
)

// kept are the fields of the dialect Web that a task has no column for. They are tags such as category:work and priority:urgent, so
// that they are not lost, and GraphQL shows them. The tags of Web do not list them.
type kept struct {
	// tags are the other tags.
	tags []string
	// category is "" if the task has none.
	category string
	// priority is a word as fastapi.KeptPriority returns it, or "" if the priority is one of the three words.
	priority string
}

// keptIn returns the kept fields of a task. A priority's word is left out if the task has another priority by now.
func keptIn(t *models.Task) kept {
	k := kept{tags: t.Tags}
	if !slices.ContainsFunc(t.Tags, func(tag string) bool { return strings.Contains(tag, ":") }) {
		return k
	}
	k.tags = make([]string, 0, len(t.Tags))
	for _, tag := range t.Tags {
		if category, found := cutTag(tag, fastapi.CategoryTag); found && k.category == "" {
			k.category = category
		} else if word, found := cutTag(tag, fastapi.PriorityTag); !found || fastapi.KeptPriority(word) == "" {
			k.tags = append(k.tags, tag)
		} else if fastapi.PriorityWords[strings.ToUpper(word)] == t.Priority {
			k.priority = fastapi.KeptPriority(word)
		}
	}
	return k
}

// cutTag returns what follows the beginning of a tag, in any letter case.
func cutTag(tag, beginning string) (value string, found bool) {
	if len(tag) < len(beginning) || !strings.EqualFold(tag[:len(beginning)], beginning) {
		return "", false
	}
	value = strings.TrimSpace(tag[len(beginning):])
	return value, value != ""
}

func isCategory(tag string) bool {
	_, found := cutTag(tag, fastapi.CategoryTag)
	return found
}

// all returns all tags of the task.
func (k kept) all() []string {
	tags := slices.Clone(k.tags)
	if k.category != "" {
		// The first category is the one that is read.
		at := slices.IndexFunc(tags, isCategory)
		if at < 0 {
			at = len(tags)
		}
		tags = slices.Insert(tags, at, fastapi.CategoryTag+k.category)
	}
	if k.priority != "" {
		tags = append(tags, fastapi.PriorityTag+k.priority)
	}
	return tags
}

// change is what a body says of the kept fields and the tags. What is nil stays as it is.
type change struct {
	tags               []string
	category, priority *string
}

func (c change) empty() bool { return c.tags == nil && c.category == nil && c.priority == nil }

// of returns the tags of a task after the change, or unset if it changes none.
func (c change) of(t *models.Task) graphql.Omittable[[]string] {
	before := keptIn(t)
	after := before
	if c.tags != nil {
		after.tags = c.tags
	}
	if c.category != nil {
		if after.category = *c.category; after.category == "" {
			after.tags = slices.DeleteFunc(slices.Clone(after.tags), isCategory)
		}
	}
	if c.priority != nil {
		after.priority = *c.priority
	}
	if after.category == before.category && after.priority == before.priority && slices.Equal(after.tags, before.tags) {
		return graphql.Omittable[[]string]{}
	}
	return graphql.OmittableOf(after.all())
}

// category reads the field of that name; nil if it is not given, and "" if it is null or blank. Only Web has it.
func (d *decoder) category() *string {
	value, found := d.body["category"]
	if !found || d.dialect != Web {
		return nil
	}
	var category string
	if value.Kind() != 'n' {
		text, ok := d.text(value, "category")
		if !ok {
			return nil
		}
		category = strings.TrimSpace(text)
	}
	if strings.ContainsRune(category, 0) { // the rule for tags would report it at a tag
		const message = "The text contains a NUL character."
		d.errs = append(d.errs, validationError{
			Type: "value_error", Loc: []any{"body", "category"}, Input: value, Message: "Value error, " + message, Context: map[string]any{"error": message},
		})
		return nil
	}
	if utf8.RuneCountInString(category) > fastapi.MaxCategory {
		d.errs = append(d.errs, validationError{
			Type: "string_too_long", Loc: []any{"body", "category"}, Input: value,
			Message: fmt.Sprintf("String should have at most %d characters", fastapi.MaxCategory), Context: map[string]any{"max_length": fastapi.MaxCategory},
		})
		return nil
	}
	return &category
}

// category returns the category that a list is filtered by, or "" for all.
func (q *query) category(dialect Dialect) string {
	category, name := q.first("category")
	category = strings.TrimSpace(category)
	switch {
	case dialect != Web || strings.EqualFold(category, "all"):
		return ""
	case utf8.RuneCountInString(category) > fastapi.MaxCategory:
		q.tooLong(name, fastapi.MaxCategory)
		return ""
	}
	return category
}

// keptPriority returns the word of the body's priority, if the dialect keeps words: "" for one of the three, and nil if none is given.
func (d *decoder) keptPriority(value jsontext.Value) *string {
	if d.dialect != Web || value.Kind() != '"' {
		return nil
	}
	var text string
	_ = json.Unmarshal(value, &text)
	word := fastapi.KeptPriority(text)
	return &word
}
