package transfer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// fieldNames are the names that each field of an import may have, in plain form and in the order of precedence. The first
// is the field's own.
var fieldNames = map[string][]string{
	"id":      {"id"},
	"user_id": {"userid"},
	"title": {
		"title", "taskname", "tasktitle", "cardname", "name", "task", "todo", "subject", "summary", "content",
	},
	"description": {"description", "taskdescription", "carddescription", "desc", "notes", "note", "details", "body", "content", "summary"},
	"priority":    {"priority", "importance", "prio"},
	"tags":        {"tags", "tag", "labels", "label", "categories", "category"},
	"due_date": {
		"duedate", "due", "dueat", "dueon", "dueby", "duedatetime", "deadline", "deadlinedate", "planneddate", "planned", "date",
	},
	"due_kind": {"duekind"},
	"completed": {
		"completed", "iscompleted", "complete", "iscomplete", "duecomplete", "done", "isdone", "finished", "checked", "status", "taskstatus", "state",
	},
	"created_at":   {"createdat", "created", "createdon", "createdtime", "createddate", "createddatetime", "creationdate", "datecreated", "dateadded"},
	"updated_at":   {"updatedat", "updated", "updatedon", "updatedtime", "updateddate", "lastupdated", "modifiedat", "modified", "modifiedtime", "lastmodified", "lastmodifieddatetime", "lastmodifieddate", "lasteditedtime", "lastactivitydate", "datemodified"},
	"completed_at": {"completedat", "completedon", "completedtime", "completeddate", "completeddatetime", "completiondate", "completiontime", "datecompleted", "finishedat", "doneat"},
}

// plain returns a name without letter case, spaces, hyphens and underscores.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// columnNames are the columns of a table, or the keys of an object, and the fields that they mean.
type columnNames struct {
	names []string
	// sources are the columns of each field, in the order of precedence.
	sources map[string][]int
	// unknown are the columns that mean no field.
	unknown []string
}

// newColumnNames finds the fields of columns. A name that may mean the title and the description means the description if
// another column is the title.
func newColumnNames(names []string) columnNames {
	c := columnNames{names: names, sources: map[string][]int{}}
	plains := make([]string, len(names))
	for i, name := range names {
		plains[i] = plain(name)
	}
	for field, known := range fieldNames {
		rank := func(i int) int {
			if names[i] == field { // before dueDate and Due Date
				return -1
			}
			return slices.Index(known, plains[i])
		}
		for i := range names {
			if slices.Contains(known, plains[i]) {
				c.sources[field] = append(c.sources[field], i)
			}
		}
		slices.SortStableFunc(c.sources[field], func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	}
	if titles := c.sources["title"]; len(titles) > 0 {
		c.sources["title"] = slices.DeleteFunc(slices.Clone(titles), func(i int) bool { return i != titles[0] && slices.Contains(c.sources["description"], i) })
		c.sources["description"] = slices.DeleteFunc(c.sources["description"], func(i int) bool { return i == titles[0] })
	}
	maps.DeleteFunc(c.sources, func(_ string, sources []int) bool { return len(sources) == 0 })
	for i, name := range names {
		if name != "" && !slices.ContainsFunc(columns, func(field string) bool { return slices.Contains(c.sources[field], i) }) {
			c.unknown = append(c.unknown, name)
		}
	}
	return c
}

// find returns the first column with one of the names, or -1.
func (c *columnNames) find(name string) int {
	return slices.IndexFunc(c.names, func(other string) bool { return plain(other) == name })
}

// without returns the columns that mean no field and are not read otherwise, by their plain name.
func (c *columnNames) without(read []string) []string {
	return slices.DeleteFunc(slices.Clone(c.unknown), func(name string) bool { return slices.Contains(read, plain(name)) })
}

// maxIgnored is how many columns are named to the user.
const maxIgnored = 50

// ignoredColumns collects what an import leaves out, as quoted names of columns.
type ignoredColumns struct{ list []string }

func (n *ignoredColumns) add(format string, names ...string) {
	quoted := make([]any, len(names))
	for i, name := range names {
		quoted[i] = short(name)
	}
	text := fmt.Sprintf(format, quoted...)
	if len(n.list) == maxIgnored {
		text = "and more"
	}
	if len(n.list) <= maxIgnored && !slices.Contains(n.list, text) {
		n.list = append(n.list, text)
	}
}

// names adds columns.
func (n *ignoredColumns) names(names []string) {
	for _, name := range names {
		n.add("%s", name)
	}
}
