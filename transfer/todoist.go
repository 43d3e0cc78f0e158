package transfer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/models"
)

// todoistRows reads a Todoist template. A template is a project as CSV, with the columns TYPE, CONTENT, DESCRIPTION,
// PRIORITY, INDENT, DATE, TIMEZONE and more. A row of type task and the rows of type note below it are one task.
//
// The description also receives the values that taskql has no field for: dates that are neither a day nor a time,
// deadlines, durations, the assignee, the parent task, and notes. Labels and the section become tags.
type todoistRows struct {
	table *table
	known occurrences
	// section is the section of the current rows.
	section string
	// parents holds the titles of the tasks above, one for each level of indentation.
	parents []string
	// task is the last task that was read. It is not returned yet, because notes may follow. It is nil if the row
	// above could not be read.
	task *Row
	// pending is the error of the row after task. The next call of next returns it.
	pending error
	// skipNotes is set after a row that could not be read, so that its notes are not added to another task.
	skipNotes bool
}

func (r *todoistRows) next() (*Row, error) {
	for {
		if err := r.pending; err != nil {
			r.pending = nil
			return nil, err
		}
		cells, err := r.cells()
		var next *Row
		kind := cells["type"]
		switch {
		case err == nil && kind == "task":
			next, err = r.read(cells)
		case err == nil && kind == "note":
			err = r.note(cells["content"])
			if err == nil {
				continue
			}
		case err == nil && kind == "section":
			r.section, r.parents, r.skipNotes = strings.TrimSpace(cells["content"]), nil, false
		case err == nil && kind == "meta": // display settings of the project
			continue
		case err == nil:
			err = &RowError{r.table.line, fmt.Sprintf("its TYPE is %s, and not task, section or note", short(kind))}
		}
		if err != nil {
			r.skipNotes = true
		}
		task := r.task
		r.task, r.pending = next, err
		if task != nil {
			return task, nil
		}
	}
}

// todoistColumns are the columns of a template in plain form: those that are read, and those that say nothing of a task.
var todoistColumns = []string{
	"type", "content", "description", "priority", "indent", "author", "responsible", "date", "datelang", "timezone", "duration", "durationunit",
	"deadline", "deadlinelang", "iscollapsed",
}

// cells returns the texts of the next row, keyed by column name in lower case.
func (r *todoistRows) cells() (map[string]string, error) {
	record, err := r.table.next()
	if err != nil {
		return nil, err
	}
	cells := map[string]string{}
	for i, name := range r.table.names {
		if i < len(record) && record[i] != "" {
			cells[strings.ToLower(name)] = record[i]
		}
	}
	return cells, nil
}

// note adds a note to the description of the task above.
func (r *todoistRows) note(text string) error {
	switch {
	case r.task != nil:
		r.task.Task.Description = joined("\n\n", orEmpty(r.task.Task.Description), strings.TrimSpace(text))
	case !r.skipNotes:
		return &RowError{r.table.line, "it is a note without a task above it"}
	}
	return nil
}

// joined joins the texts that are not empty. It returns nil if all are empty.
func joined(separator string, texts ...string) *string {
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	if len(texts) == 0 {
		return nil
	}
	all := strings.Join(texts, separator)
	return &all
}

// read converts a row of type task.
func (r *todoistRows) read(cells map[string]string) (*Row, error) {
	r.skipNotes = false
	row := &Row{Line: r.table.line}
	in := &row.Task
	texts := make([]string, len(r.table.names))
	for i, name := range r.table.names {
		texts[i] = cells[strings.ToLower(name)]
	}
	in.Source = r.known.sourceOf(append(texts, r.section, "todoist")...)
	content, full := labels(cells["content"], &in.Tags), ""
	in.Title = content
	if utf8.RuneCountInString(content) > models.MaxTitle {
		in.Title, full = cut(content, models.MaxTitle-1)+"…", content
		row.Notices = append(row.Notices, "the title is cut; the whole of it is in the description")
	}
	if r.section != "" {
		in.Tags = append(in.Tags, cut(r.section, models.MaxTag))
	}
	var ok bool
	if in.Priority, ok = parsePriority(cmp.Or(cells["priority"], "NONE")); !ok {
		return nil, &RowError{row.Line, fmt.Sprintf("its PRIORITY is %s, and not 1 to 4", short(cells["priority"]))}
	}
	var extra []string
	// keep adds a value that taskql has no field for to the description.
	keep := func(what string, texts ...string) {
		if text := strings.TrimSpace(strings.Join(texts, " ")); text != "" {
			extra = append(extra, what+": "+text)
		}
	}
	keep("Part of", r.parent(cells["indent"], in.Title))
	if date := strings.TrimSpace(cells["date"]); date != "" {
		if in.Due, ok = todoistDue(date, cells["timezone"]); !ok {
			keep("Date", date)
			row.Notices = append(row.Notices, "the date "+short(date)+" is kept in the description")
		}
	}
	keep("Deadline", cells["deadline"])
	if cells["duration"] != "" && cells["duration"] != "None" {
		keep("Duration", cells["duration"], cells["duration_unit"])
	}
	keep("Assigned to", cells["responsible"])
	in.Description = joined("\n\n", full, cells["description"], orEmpty(joined("\n", extra...)))
	return row, nil
}

// todoistDue parses a date, with or without a time of day. A time without an offset is in the zone, if there is one,
// and otherwise a local time. todoistDue reports false for every other text, such as "every monday" and dates without
// a year.
func todoistDue(text, zone string) (*models.DueInput, bool) {
	at, reason := parseDate(text)
	if reason != "" {
		return nil, false
	}
	if at.Zoned || at.Day {
		return at.Due(), true
	}
	local := at.At
	location, ok := models.ParseTimeZone(strings.TrimSpace(zone))
	if !ok {
		return &models.DueInput{Local: &local}, true
	}
	instant := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), location.Location).UTC()
	return &models.DueInput{At: &instant}, instant.Year() >= 1 && instant.Year() <= 9999
}

// parent returns the title of the parent of the task with this indent and title, or "" if it has none. The lowest
// indent is 1. parent also records the task as a possible parent of the next ones.
func (r *todoistRows) parent(indent, title string) string {
	level, _ := strconv.Atoi(indent) // 0 if the cell is empty
	level = min(max(level-1, 0), len(r.parents))
	r.parents = append(r.parents[:level], title)
	if level == 0 {
		return ""
	}
	return r.parents[level-1]
}

var label = regexp.MustCompile(`(^|\s)@(\S+)`)

// labels adds the @labels in a task's content to tags and returns the content without them. Content that consists
// only of labels is returned unchanged, because a task needs a title.
func labels(content string, tags *[]string) string {
	for _, found := range label.FindAllStringSubmatch(content, -1) {
		*tags = append(*tags, found[2])
	}
	if title := strings.TrimSpace(label.ReplaceAllString(content, "")); title != "" {
		return title
	}
	return content
}

// cut returns at most limit characters from the start of the text.
func cut(text string, limit int) string {
	if r := []rune(text); len(r) > limit {
		return string(r[:limit])
	}
	return text
}
