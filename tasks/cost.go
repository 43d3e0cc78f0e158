package tasks

import (
	"slices"

	"taskql/models"
	"taskql/store"
)

// The cost of operations. A cost of 5 is about a millisecond of a processor for a user with 100,000 tasks, on the slower of
// the two databases. It does not depend on how many tasks the user has: that would need a query.
const (
	// CostOfCall is the cost of a query that an index answers. CostOfWrite is that of a transaction, CostOfRow that of each
	// task in it, and CostOfAll that of a write to as many tasks as there are.
	CostOfCall  = 5
	CostOfWrite = 100
	CostOfRow   = 1
	CostOfAll   = 3_000
	// CostOfList is the cost of a list beside that of its filter and order. It skips tasks in the trash, or outside of it, in an index.
	CostOfList = 50
	// CostOfTask is the cost of a task in an answer of REST or MCP, as if its fields were selected in GraphQL.
	CostOfTask = 16
	// CostOfChange is the cost of a write of one task that answers with it, for APIs in which the client does not select fields.
	CostOfChange = CostOfWrite + CostOfTask
	// CostOfTags is the cost of counting tags, which are counted outside of the database.
	CostOfTags = 4_000
	// CostOfCount is the cost of one of the counts of Stats beside the pass over all tasks.
	CostOfCount = 90

	costOfPass   = 500   // reads all tasks of the user
	costOfSort   = 1_250 // and sorts them
	costOfTotal  = 125   // counts them without reading them
	costOfDays   = 200   // reads the completed tasks in an index
	costOfTest   = 50    // on each task
	costOfTitle  = 150   // and looking into its title
	costOfText   = 900   // of a filter, reading title, tags or description of each task, which may lie behind a long description
	costOfNotes  = 1_250 // on each task, reading a description
	costOfLook   = 1_750 // and looking into it from its beginning to its end
	costOfSplit  = 2_200 // on each task, taking the tags apart
	costOfValue  = 1     // of a list, on each task
	costOfDay    = 8     // of a list of days, on each task
	costOfSearch = 2_000
	costOfRanks  = 1_000 // of a search in the order of relevance
	costOfRating = 400   // in that order, for each word that is rated
	costOfWord   = 60    // finding each further word
)

// Cost returns the cost of List without its answer.
func (a ListArgs) Cost() int {
	if a.Search == nil {
		return CostOfList + listCost(a.Filter, a.Order, a.trash(), a.Total)
	}
	// The matches are read in the place of all tasks.
	cost := CostOfList + costOfSearch + testsCost(a.Filter)
	if a.Total {
		cost += costOfSearch/2 + testsCost(a.Filter)
	}
	order, err := newOrder("", a.Order, a.Search)
	byRelevance := func(k store.Key) bool { return k.Field == models.TaskOrderFieldRelevance }
	if err != nil || order.search == nil {
		return cost // a search that is too long is refused
	}
	cost += costOfWord * max(0, len(order.search.Phrases)-1)
	if slices.ContainsFunc(order.keys, byRelevance) {
		cost += costOfRanks + costOfRating*len(order.search.Rated())
	}
	return cost
}

// Cost returns the cost of Slice. The tasks of the answer are in it if Limit is set.
func (a SliceArgs) Cost() int {
	return CostOfList + int(a.Limit)*CostOfTask + listCost(a.Filter, a.Order, models.TrashScopeExclude, a.Offset > 0 || a.Limit > 0)
}

func listCost(filter *models.TaskFilter, order []*models.TaskOrder, trash models.TrashScope, total bool) (cost int) {
	tests := testsCost(filter)
	by, err := newOrder("", order, nil)
	switch {
	case err != nil:
		return 0 // it is refused
	case !store.Query{Filter: filter, Order: by.keys, Trash: trash}.Indexed():
		cost += costOfPass + costOfSort + tests
	case tests > 0 || trash == models.TrashScopeOnly:
		cost += costOfPass + tests // a filter may match no task
	}
	switch {
	case total && tests > 0:
		cost += costOfPass + tests
	case total:
		cost += costOfTotal
	}
	return cost
}

// Cost returns the cost of Stats without the counts other than Counts.
func (a StatsArgs) Cost() int {
	tests := testsCost(a.Filter)
	cost := len(a.Counts)*CostOfCount + CostOfCall + costOfPass + tests
	switch {
	case a.Days > 0 && tests > 0:
		cost += costOfPass + tests
	case a.Days > 0:
		cost += costOfDays
	}
	return cost
}

// testsCost returns the cost of testing all tasks.
func testsCost(filter *models.TaskFilter) int {
	if filter == nil {
		return 0
	}
	c := filterCheck{}
	if c.check(filter) != nil {
		return 0 // it is refused
	}
	if c.text {
		c.cost += costOfText
	}
	return c.cost
}
