package tasks_test

import (
	"slices"
	"testing"

	"taskql/models"
	"taskql/tasks"
)

// plainPage is the expected page, computed from a plain list.
type plainPage struct {
	tasks          list
	next, previous bool
	total          int
}

// page returns the page of a plain list between two tasks. A nil task is no bound.
func (v view) page(plain list, after, before *models.Task, size int, fromEnd bool) plainPage {
	p := plainPage{total: len(plain)}
	for _, task := range plain {
		switch {
		case after != nil && v.compare(task, after) <= 0:
			p.previous = true
			if before != nil && v.compare(task, before) >= 0 {
				p.next = true
			}
		case before != nil && v.compare(task, before) >= 0:
			p.next = true
		default:
			p.tasks = append(p.tasks, task)
		}
	}
	if extra := len(p.tasks) - size; extra > 0 && fromEnd {
		p.tasks, p.previous = p.tasks[extra:], true
	} else if extra > 0 {
		p.tasks, p.next = p.tasks[:size], true
	}
	return p
}

func (p plainPage) compare(t *testing.T, v view, page *tasks.Page) {
	t.Helper()
	info := page.PageInfo()
	if !slices.Equal(ids(page.Nodes), ids(p.tasks)) || page.TotalCount != p.total || info.HasNextPage != p.next || info.HasPreviousPage != p.previous {
		t.Errorf("page %v of %d, next %v, previous %v\nwant %v of %d, next %v, previous %v\n%s", ids(page.Nodes), page.TotalCount,
			info.HasNextPage, info.HasPreviousPage, ids(p.tasks), p.total, p.next, p.previous, describe(v))
	}
}
