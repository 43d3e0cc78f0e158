package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// NewTask returns a new task of user, or the errors of all invalid fields in the order of the input, with paths
// that begin with "input". ID, Position and Version are left at zero; the store sets them.
func (in CreateTaskInput) NewTask(user string, now time.Time) (*Task, UserErrors) {
	t := &Task{UserID: user, CreatedAt: now, UpdatedAt: now, Tags: []string{}}
	e := editor{task: t, now: now}
	e.title(in.Title)
	e.description(in.Description)
	e.priority(in.Priority)
	e.tags(in.Tags)
	e.due(in.Due)
	e.completed(in.Completed)
	if len(e.errs) > 0 {
		return nil, e.errs
	}
	return t, nil
}

// Apply returns a changed copy of t with UpdatedAt set to now, or the errors of all invalid fields in the order of the
// input, with paths that begin with "input". Fields that are not set in the input are neither changed nor checked.
func (in UpdateTaskInput) Apply(t *Task, now time.Time) (*Task, UserErrors) {
	next := *t
	next.UpdatedAt = now
	e := editor{task: &next, now: now}
	if title, ok := in.Title.ValueOK(); ok && e.given(title != nil, "title") {
		e.title(*title)
	}
	if description, ok := in.Description.ValueOK(); ok {
		e.description(description)
	}
	if priority, ok := in.Priority.ValueOK(); ok && e.given(priority != nil, "priority") {
		e.priority(*priority)
	}
	tags, replaces := in.Tags.ValueOK()
	if replaces && e.given(tags != nil, "tags") {
		e.tags(tags)
	}
	add, adds := in.AddTags.ValueOK()
	remove, removes := in.RemoveTags.ValueOK()
	adds = adds && e.given(add != nil, "addTags")
	removes = removes && e.given(remove != nil, "removeTags")
	if replaces && (adds || removes) {
		e.fail(UserErrorCodeMutuallyExclusive, "Use either tags, which replaces all tags, or addTags and removeTags.", nil, "tags")
	} else if adds || removes {
		e.changeTags(add, remove)
	}
	if due, ok := in.Due.ValueOK(); ok {
		e.due(due)
	}
	if completed, ok := in.Completed.ValueOK(); ok && e.given(completed != nil, "completed") {
		e.completed(*completed)
	}
	if len(e.errs) > 0 {
		return nil, e.errs
	}
	return &next, nil
}

// Same reports whether two states of a task are equal in every field that a user can write.
func (t *Task) Same(o *Task) bool {
	return t.Title == o.Title && equal(t.Description, o.Description) && t.Priority == o.Priority &&
		slices.Equal(t.Tags, o.Tags) &&
		sameTime(t.Due, o.Due) && equal(t.DueKind, o.DueKind) && t.Completed == o.Completed
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// editor validates the fields of an input, writes them into a task and collects the errors. Its methods contain
// the rules for both creating and updating.
type editor struct {
	task *Task
	now  time.Time
	errs UserErrors
}

// given returns ok. If ok is false, it records NULL_NOT_ALLOWED for the field.
func (e *editor) given(ok bool, field string) bool {
	if !ok {
		e.fail(UserErrorCodeNullNotAllowed, "The field cannot be null.", nil, field)
	}
	return ok
}

func (e *editor) fail(code UserErrorCode, message string, limit *int, field ...string) {
	e.errs = append(e.errs, InvalidInput{
		Code: code, Message: message, Field: append([]string{"input"}, field...), Limit: limit,
	})
}

// text reports whether s is valid UTF-8 without NUL, which PostgreSQL cannot store, and has at most the given number of
// characters. Otherwise it records the error.
func (e *editor) text(s string, most int, field ...string) bool {
	switch {
	case !utf8.ValidString(s):
		e.fail(UserErrorCodeInvalidFormat, "The text is not valid UTF-8.", nil, field...)
	case strings.ContainsRune(s, 0):
		e.fail(UserErrorCodeInvalidFormat, "The text contains a NUL character.", nil, field...)
	case utf8.RuneCountInString(s) > most:
		e.fail(UserErrorCodeTooLong, "The text has more than "+strconv.Itoa(most)+" characters.", &most, field...)
	default:
		return true
	}
	return false
}

func (e *editor) title(s string) {
	s = strings.TrimSpace(s)
	if s == "" {
		e.fail(UserErrorCodeBlank, "The title is empty.", nil, "title")
	} else if e.text(s, MaxTitle, "title") {
		e.task.Title = s
	}
}

func (e *editor) description(s *string) {
	if s == nil || e.text(*s, MaxDescription, "description") {
		e.task.Description = s
	}
}

func (e *editor) priority(p Priority) {
	if !p.IsValid() {
		e.fail(UserErrorCodeInvalidFormat, "The priority must be LOW, MEDIUM or HIGH.", nil, "priority")
		return
	}
	e.task.Priority = p
}

func (e *editor) tags(in []string) {
	tags, _ := e.tagList(in, "tags")
	if len(tags) > MaxTags {
		e.tooManyTags("tags")
	}
	e.task.Tags = tags
}

func (e *editor) tooManyTags(field string) {
	most := MaxTags
	e.fail(UserErrorCodeTooMany, "There are more than "+strconv.Itoa(most)+" tags.", &most, field)
}

// tagList returns the tags trimmed and without duplicates, where letter case is ignored. ok is false if it recorded an
// error.
func (e *editor) tagList(in []string, field string) (tags []string, ok bool) {
	// The limit bounds the number of errors: each tag may cause one.
	if len(in) > maxTagsGiven {
		e.tooManyTags(field)
		return nil, false
	}
	tags, seen, before := make([]string, 0, len(in)), make(map[string]bool, len(in)), len(e.errs)
	for i, tag := range in {
		tag = strings.TrimSpace(tag)
		if tag == "" {
			e.fail(UserErrorCodeBlank, "The tag is empty.", nil, field, strconv.Itoa(i))
		} else if e.text(tag, MaxTag, field, strconv.Itoa(i)) && !seen[Fold(tag)] {
			seen[Fold(tag)] = true
			tags = append(tags, tag)
		}
	}
	return tags, len(e.errs) == before
}

// changeTags removes and adds tags. Tags are compared without letter case; a tag that is already there keeps its
// spelling.
func (e *editor) changeTags(add, remove []string) {
	added, addOK := e.tagList(add, "addTags")
	removed, removeOK := e.tagList(remove, "removeTags")
	if !addOK || !removeOK {
		return
	}
	has := func(tags []string, tag string) bool {
		return slices.ContainsFunc(tags, func(other string) bool { return Fold(other) == Fold(tag) })
	}
	var tags []string
	for _, tag := range e.task.Tags {
		if !has(removed, tag) {
			tags = append(tags, tag)
		}
	}
	for _, tag := range added {
		if has(removed, tag) {
			e.fail(UserErrorCodeMutuallyExclusive, "A tag is in both addTags and removeTags.", nil, "removeTags")
			return
		}
		if !has(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > MaxTags && len(tags) > len(e.task.Tags) {
		e.tooManyTags("addTags")
	}
	e.task.Tags = slices.Clip(append([]string{}, tags...))
}

func (e *editor) due(in *DueInput) {
	if in == nil {
		e.task.Due, e.task.DueKind = nil, nil
		return
	}
	e.task.Due, e.task.DueKind = in.value()
}

func (e *editor) completed(done bool) {
	if done == e.task.Completed {
		return
	}
	e.task.Completed, e.task.CompletedAt = done, nil
	if done {
		e.task.CompletedAt = &e.now
	}
}

// Fold returns s with each code point mapped to its simple Unicode lower case, for comparisons that ignore letter
// case. It is done here, and not in SQL, so that the result does not depend on the database or its locale.
func Fold(s string) string { return strings.Map(unicode.ToLower, s) }
