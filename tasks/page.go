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

const (
	// DefaultPage is the page size of List if neither First nor Last is set.
	DefaultPage = 50
	// MaxPage is the maximum page size of List.
	MaxPage = 100
	// maxKeys is the maximum number of sort keys.
	maxKeys = 4
)

// ListArgs describes the requested page and list. The zero value requests the newest DefaultPage tasks outside the trash.
type ListArgs struct {
	// First or Last is the number of tasks from the start or the end of the range, 1 to MaxPage. Only one may be set.
	First, Last *int
	// After and Before are the cursors of the range's bounds. Both bounds are exclusive.
	After, Before *string
	// Search selects the tasks that contain each of its words in the title, a tag or the description. Letter case does
	// not matter. The last word may be a prefix, and a "phrase" must be in one field as a whole. Nil and blank text
	// select all tasks. Every text is a valid search.
	Search *string
	// Order has at most four keys, and RELEVANCE only with a search. The default is the newest task first, with a search
	// the best match first and then the newest. The id is always added as the last key.
	Order []*models.TaskOrder
	// Filter selects the tasks that match; nil selects all.
	Filter *models.TaskFilter
	// Zone is the time zone for the days of the filter; nil is UTC.
	Zone *time.Location
	// Trash is the scope; empty means EXCLUDE.
	Trash models.TrashScope
	// Total, HasNext and HasPrevious request the total count and the two facts of PageInfo, Relevance that of the edges.
	// Those that are not requested may be wrong in the result.
	Total, HasNext, HasPrevious, Relevance bool
}

// Page is a page of a list. GraphQL: TaskConnection.
type Page struct {
	// Nodes are the tasks in the order of the list.
	Nodes []*models.Task
	// TotalCount is the number of tasks in the whole list.
	TotalCount int

	order                order
	relevance            []int // by the index of Nodes; nil if it was not requested
	hasNext, hasPrevious bool
}

// Edge is a task of a list with its cursor. GraphQL: TaskEdge.
type Edge struct {
	Node      *models.Task
	order     order
	relevance int
}

// PageInfo describes where a page is in the whole list.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	page                         *Page
}

// StartCursor returns the cursor of the first task, or nil on an empty page.
func (i *PageInfo) StartCursor() *string { return i.page.cursor(0) }

// EndCursor returns the cursor of the last task, or nil on an empty page.
func (i *PageInfo) EndCursor() *string { return i.page.cursor(len(i.page.Nodes) - 1) }

// Cursor returns the task's cursor. It is valid for the same user, order and search only.
func (e *Edge) Cursor() string { return e.order.cursor(e.Node, e.relevance) }

// Relevance returns how well the task matches the search. It is greater than 0, and 1 if the title contains every word and
// phrase that is rated (words.Search.Rated). It does not depend on other tasks. It is nil without a search.
func (e *Edge) Relevance() *float64 {
	if e.order.search == nil {
		return nil
	}
	relevance := float64(e.relevance) / float64(store.BestMatch*len(e.order.search.Rated()))
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

// PageInfo returns where the page is in the whole list.
func (p *Page) PageInfo() *PageInfo {
	return &PageInfo{HasNextPage: p.hasNext, HasPreviousPage: p.hasPrevious, page: p}
}

// cursor returns the cursor of a task by its index, or nil on an empty page.
func (p *Page) cursor(i int) *string {
	if len(p.Nodes) == 0 {
		return nil
	}
	cursor := p.edge(i).Cursor()
	return &cursor
}

// List returns a page of the user's tasks. It fails with
//
//   - models.CodeBadPageSize for an invalid First or Last;
//   - models.CodeBadCursor for an invalid cursor, or one of another user, order or search;
//   - models.CodeBadFilter for a filter that is too large;
//   - models.CodeBadUserInput for too many sort keys, RELEVANCE without a search, or a search of more than MaxSearch characters.
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
	after, err := order.parseCursor(args.After, "after")
	if err != nil {
		return nil, err
	}
	before, err := order.parseCursor(args.Before, "before")
	if err != nil {
		return nil, err
	}
	fromEnd := args.Last != nil
	list, err := s.list(ctx, store.Query{
		User: user.ID, Trash: args.trash(), Filter: args.Filter, Search: order.search, Now: s.now(), Zone: zoneOrUTC(args.Zone),
		Order: order.keys, After: after, Before: before,
		// One task more than requested shows whether the range continues.
		Limit: int64(size) + 1, FromEnd: fromEnd,
		Total: args.Total, Relevance: args.Relevance, Preceding: args.HasPrevious && after != nil, Following: args.HasNext && before != nil,
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

// list reads a list from the replica if there is one; see store.Store.Read.
func (s *Service) list(ctx context.Context, q store.Query) (list *store.List, err error) {
	err = s.Store.Read(ctx, q.User, func(ctx context.Context, db *store.Store) error {
		list, err = db.List(ctx, q)
		return err
	})
	return list, err
}

// Edge returns the edge of a task in the list with the given order, so that a client can insert a new task into a list that
// it shows. The list has no search, so RELEVANCE is ignored. It fails with models.CodeBadUserInput for too many sort keys.
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

// size returns the page size. It fails with models.CodeBadPageSize.
func (a ListArgs) size() (int, error) {
	invalid := func(format string, args ...any) (int, error) {
		return 0, &models.Error{Code: models.CodeBadPageSize, Message: fmt.Sprintf(format, args...)}
	}
	name, size := "first", a.First
	switch {
	case a.First != nil && a.Last != nil:
		return invalid("Give either first or last, not both.")
	case a.Last != nil:
		name, size = "last", a.Last
	case a.First == nil:
		return DefaultPage, nil
	}
	if *size < 1 || *size > MaxPage {
		return invalid("%s must be 1 to %d, not %d.", name, MaxPage, *size)
	}
	return *size, nil
}
