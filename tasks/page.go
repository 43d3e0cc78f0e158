package tasks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// Page sizes of List.
const (
	DefaultPage = 50
	MaxPage     = 100
	maxKeys     = 4
)

// ListArgs says which stretch of which list is asked for. The zero value asks for the newest
// DefaultPage tasks outside the trash.
type ListArgs struct {
	// First or Last is how many tasks to take from the start or the end of the range, 1 to MaxPage.
	First, Last *int
	// After and Before are cursors that bound the range. Both lie outside of it.
	After, Before *string
	// Search keeps the tasks that have each of its words in the title, a tag or the description, in any
	// letter case; the last word may be unfinished, and a "phrase" must stand in one field. Blank text is
	// no search, as nil is, and no text is an error.
	Search *string
	// Order has at most four keys, RELEVANCE only with a search; when empty, the best match first with
	// a search, and the newest first. The id is added as the last key.
	Order []*models.TaskOrder
	// Filter keeps the tasks that match; nil is all.
	Filter *models.TaskFilter
	// Zone is where the days of the filter are worked out; nil is UTC.
	Zone *time.Location
	// Trash is EXCLUDE when empty.
	Trash models.TrashScope
	// Total, HasNext and HasPrevious ask for what Page has under TotalCount and PageInfo. What is not
	// asked for may be wrong there.
	Total, HasNext, HasPrevious bool
}

// Page is a stretch of a list. GraphQL: TaskConnection.
type Page struct {
	// Nodes are the tasks, in order.
	Nodes []*models.Task
	// TotalCount is how many tasks the whole list has.
	TotalCount int

	order                order
	relevance            []int // of each node, or nil without a search
	hasNext, hasPrevious bool
}

// Edge is a task in its place in a list.
type Edge struct {
	Node      *models.Task
	order     order
	relevance int
}

// PageInfo says where a page lies in the whole list. The cursors are nil on an empty page.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// Cursor is the bookmark of the task's place, for the same user, order and search only.
func (e *Edge) Cursor() string { return e.order.cursor(e.Node, e.relevance) }

// Relevance is how well the task matches the search, above 0 and at most 1, when its title has every
// word and phrase. It is nil without a search, and depends on no other task.
func (e *Edge) Relevance() *float64 {
	if e.order.search == nil {
		return nil
	}
	relevance := float64(e.relevance) / float64(store.BestMatch*len(e.order.search.Phrases))
	return &relevance
}

// Edges returns the tasks with their cursors.
func (p *Page) Edges() []*Edge {
	edges := make([]*Edge, len(p.Nodes))
	for i := range p.Nodes {
		edges[i] = p.edge(i)
	}
	return edges
}

func (p *Page) edge(i int) *Edge {
	edge := &Edge{Node: p.Nodes[i], order: p.order}
	if p.relevance != nil {
		edge.relevance = p.relevance[i]
	}
	return edge
}

// PageInfo returns where the page lies.
func (p *Page) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: p.hasNext, HasPreviousPage: p.hasPrevious}
	if n := len(p.Nodes); n > 0 {
		start, end := p.edge(0).Cursor(), p.edge(n-1).Cursor()
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// List returns a page of the user's tasks. It fails with models.CodeBadPageSize, CodeBadCursor for a
// cursor of another user, order or search or none at all, CodeBadFilter for one that is too large, or
// CodeBadUserInput for too many sort keys or RELEVANCE without a search.
func (s *Service) List(ctx context.Context, args ListArgs) (*Page, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	order, err := newOrder(user.ID, args.Order, args.Search)
	if err != nil {
		return nil, err
	}
	if err := checkFilter(args.Filter); err != nil {
		return nil, err
	}
	size, err := args.size()
	if err != nil {
		return nil, err
	}
	after, err := order.place(args.After, "after")
	if err != nil {
		return nil, err
	}
	before, err := order.place(args.Before, "before")
	if err != nil {
		return nil, err
	}
	fromEnd := args.Last != nil
	list, err := s.Store.List(ctx, store.Query{
		User: user.ID, Trash: args.trash(), Filter: args.Filter, Search: order.search, Now: s.now(), Zone: zoneOrUTC(args.Zone),
		Order: order.keys, After: after, Before: before,
		// One more than asked for shows whether the range goes on.
		Limit: int64(size) + 1, FromEnd: fromEnd,
		Total: args.Total, Preceding: args.HasPrevious && after != nil, Following: args.HasNext && before != nil,
	})
	if err != nil {
		return nil, err
	}
	page := &Page{
		Nodes: list.Tasks, TotalCount: list.Total, order: order, relevance: list.Relevance,
		hasNext: list.Following, hasPrevious: list.Preceding,
	}
	if len(page.Nodes) > size {
		if fromEnd {
			page.Nodes, page.hasPrevious = page.Nodes[1:], true
			page.relevance = page.relevance[min(1, len(page.relevance)):]
		} else {
			page.Nodes, page.hasNext = page.Nodes[:size], true
		}
	}
	return page, nil
}

// Edge returns a task as an edge of the list with the given order, for clients that insert it there themselves. That
// list has no search, so RELEVANCE is left out of the order. It fails with models.CodeBadUserInput for too many sort keys.
func (s *Service) Edge(ctx context.Context, task *models.Task, by []*models.TaskOrder) (*Edge, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	by = slices.DeleteFunc(slices.Clone(by), func(o *models.TaskOrder) bool { return o.Field == models.TaskOrderFieldRelevance })
	order, err := newOrder(user.ID, by, nil)
	if err != nil {
		return nil, err
	}
	return &Edge{Node: task, order: order}, nil
}

func (a ListArgs) trash() models.TrashScope {
	if a.Trash == "" {
		return models.TrashScopeExclude
	}
	return a.Trash
}

func (a ListArgs) size() (int, error) {
	bad := func(format string, args ...any) (int, error) {
		return 0, &models.Error{Code: models.CodeBadPageSize, Message: fmt.Sprintf(format, args...)}
	}
	name, size := "first", a.First
	switch {
	case a.First != nil && a.Last != nil:
		return bad("Give either first or last, not both.")
	case a.Last != nil:
		name, size = "last", a.Last
	case a.First == nil:
		return DefaultPage, nil
	}
	if *size < 1 || *size > MaxPage {
		return bad("%s must be 1 to %d, not %d.", name, MaxPage, *size)
	}
	return *size, nil
}
