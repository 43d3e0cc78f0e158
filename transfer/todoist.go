package transfer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"taskql/models"
)

// todoistRows reads what Todoist calls a template: a project as CSV, with the columns TYPE, CONTENT, DESCRIPTION,
// PRIORITY, INDENT, DATE, TIMEZONE and more. A task is a row of the type task and the rows of the type note below it.
//
// What taskql has no field for becomes text of the description: dates that are no day or time, deadlines, durations,
// whom a task is assigned to, which task it is part of, and notes. The section is a tag, as labels are.
type todoistRows struct {
	table *table
	known occurrences
	// section is the one that the rows belong to; parents are the titles of the tasks above, by their indents.
	section string
	parents []string
	// task is the last one, to which notes may come, or nil when the row above could not be read.
	task *Row
	// fault is the error of the row behind task, to be returned next.
	fault error
	// lost is set below a task that could not be read: its notes are none of another's.
	lost bool
}

func (r *todoistRows) next() (*Row, error) {
	for {
		if err := r.fault; err != nil {
			r.fault = nil
			return nil, err
		}
		cells, err := r.table.next()
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
			r.section, r.parents, r.lost = strings.TrimSpace(cells["content"]), nil, false
		case err == nil && kind == "meta": // how the project is shown
			continue
		case err == nil:
			err = &RowError{r.table.line, fmt.Sprintf("its TYPE is %s, and not task, section or note", short(kind))}
		}
		if err != nil {
			r.lost = true
		}
		task := r.task
		r.task, r.fault = next, err
		if task != nil {
			return task, nil
		}
	}
}

// note adds a note to the task above.
func (r *todoistRows) note(text string) error {
	switch {
	case r.task != nil:
		r.task.Task.Description = joined("\n\n", orEmpty(r.task.Task.Description), strings.TrimSpace(text))
	case !r.lost:
		return &RowError{r.table.line, "it is a note without a task above it"}
	}
	return nil
}

// joined is the texts that say something, one after the other, nil when none does.
func joined(between string, texts ...string) *string {
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	if len(texts) == 0 {
		return nil
	}
	all := strings.Join(texts, between)
	return &all
}

func (r *todoistRows) read(cells map[string]string) (*Row, error) {
	r.lost = false
	row := &Row{Line: r.table.line}
	in := &row.Task
	texts := make([]string, len(r.table.names))
	for i, name := range r.table.names {
		texts[i] = cells[name]
	}
	in.Source = r.known.sourceOf(append(texts, r.section, "todoist")...)
	content, whole := labels(cells["content"], &in.Tags), ""
	in.Title = content
	if utf8.RuneCountInString(content) > models.MaxTitle {
		in.Title, whole = cut(content, models.MaxTitle-1)+"…", content
		row.Notices = append(row.Notices, "the title is cut; the whole of it is in the description")
	}
	if r.section != "" {
		in.Tags = append(in.Tags, cut(r.section, models.MaxTag))
	}
	var ok bool
	if in.Priority, ok = todoistPriorities[strings.TrimSpace(cells["priority"])]; !ok {
		return nil, &RowError{row.Line, fmt.Sprintf("its PRIORITY is %s, and not 1 to 4", short(cells["priority"]))}
	}
	var more []string
	keep := func(what string, texts ...string) {
		if text := strings.TrimSpace(strings.Join(texts, " ")); text != "" {
			more = append(more, what+": "+text)
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
	in.Description = joined("\n\n", whole, cells["description"], orEmpty(joined("\n", more...)))
	return row, nil
}

// todoistPriorities are the words for priorities: p1 is the most urgent. They are those of REST's P1 to P4.
var todoistPriorities = map[string]models.Priority{
	"1": models.PriorityHigh, "2": models.PriorityHigh, "3": models.PriorityMedium, "4": models.PriorityLow, "": models.PriorityMedium,
}

// parent is the title of the task that one with the indent, from 1 up, is part of, "" when it stands alone.
func (r *todoistRows) parent(indent, title string) string {
	level, _ := strconv.Atoi(indent) // 0 where it is not given
	level = min(max(level-1, 0), len(r.parents))
	r.parents = append(r.parents[:level], title)
	if level == 0 {
		return ""
	}
	return r.parents[level-1]
}

var label = regexp.MustCompile(`(^|\s)@(\S+)`)

// labels takes the @labels out of a task's content and adds them to the tags. Content that is nothing but labels
// stays as it is, because a task has a title.
func labels(content string, tags *[]string) string {
	for _, found := range label.FindAllStringSubmatch(content, -1) {
		*tags = append(*tags, found[2])
	}
	if title := strings.TrimSpace(label.ReplaceAllString(content, "")); title != "" {
		return title
	}
	return content
}

// cut is the text's first characters, at most so many.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}
