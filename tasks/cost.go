package tasks

import (
	"slices"

	"taskql/models"
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
	// CostOfTags is the cost of counting tags, which are counted outside of the database.
	CostOfTags = 2_500
	// CostOfCount is the cost of one of the counts of Stats beside the pass over all tasks, CostOfDay that of a day.
	CostOfCount = 75
	CostOfDay   = 60

	costOfPass   = 500 // reads all tasks of the user
	costOfTotal  = 100 // counts them without reading them
	costOfTest   = 50  // on each task
	costOfText   = 300 // on each task, looking into a title or tags
	costOfNotes  = 500 // on each task, looking into a description
	costOfValue  = 5   // of a list, on each task
	costOfSearch = 1_500
	costOfWord   = 75 // of a search
)

// indexed are the fields by which an index sorts. Other orders read all tasks.
var indexed = []models.TaskOrderField{
	models.TaskOrderFieldCreatedAt, models.TaskOrderFieldUpdatedAt, models.TaskOrderFieldDue, models.TaskOrderFieldPriority,
	models.TaskOrderFieldPosition, models.TaskOrderFieldRelevance,
}

// Cost returns the cost of List without its answer.
func (a ListArgs) Cost() int {
	cost := CostOfCall + listCost(a.Filter, a.Order, a.Total)
	if a.Search != nil {
		cost += costOfSearch
		// A search that is too long is refused.
		if order, err := newOrder("", nil, a.Search); err == nil && order.search != nil {
			cost += costOfWord * len(order.search.Phrases)
		}
	}
	return cost
}

// Cost returns the cost of Slice without its answer.
func (a SliceArgs) Cost() int {
	return CostOfCall + listCost(a.Filter, a.Order, a.Offset > 0 || a.Limit > 0)
}

func listCost(filter *models.TaskFilter, order []*models.TaskOrder, total bool) int {
	tests, passes := testsCost(filter), 0
	if len(order) > 0 && !slices.Contains(indexed, order[0].Field) || tests > 0 {
		passes++ // a filter may match no task
	}
	switch {
	case total && tests > 0:
		passes++
	case total:
		return passes*costOfPass + costOfTotal
	}
	return passes * (costOfPass + tests)
}

// Cost returns the cost of Stats without its counts and days.
func (a StatsArgs) Cost() int { return CostOfCall + costOfPass + testsCost(a.Filter) }

// testsCost returns the cost of testing all tasks.
func testsCost(filter *models.TaskFilter) int {
	if filter == nil {
		return 0
	}
	c := filterCheck{}
	if c.check(filter) != nil {
		return 0 // it is refused
	}
	return c.cost
}
