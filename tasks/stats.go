package tasks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskql/auth"
	"taskql/models"
	"taskql/store"
)

// Count is the name of one of the counts in Stats.
type Count string

// The counts. Their meaning is documented at the methods of Stats.
const (
	CountTotal     Count = "total"
	CountOpen      Count = "open"
	CountCompleted Count = "completed"
	CountOverdue   Count = "overdue"
	CountToday     Count = "dueToday"
	CountNext7Days Count = "dueNext7Days"
	CountNoDueDate Count = "noDueDate"
	CountHigh      Count = "HIGH"
	CountMedium    Count = "MEDIUM"
	CountLow       Count = "LOW"
)

// MaxStatDays is the maximum number of days in Stats.CompletedPerDay.
const MaxStatDays = 90

// StatsArgs describes the requested counts.
type StatsArgs struct {
	// Filter selects the tasks to count; nil selects all.
	Filter *models.TaskFilter
	// Zone is the time zone for days; nil is UTC.
	Zone *time.Location
	// Counts contains the counts to compute.
	Counts []Count
	// Days is the number of days for CompletedPerDay, today included. More than MaxStatDays count as MaxStatDays.
	Days int
}

// Stats contains counts of the user's tasks outside the trash. Counts that were not requested are 0. GraphQL: TaskStats.
type Stats struct {
	counts map[Count]int
	// perDay contains the number of tasks completed on each day, the oldest day first.
	perDay []*models.DayCount
}

// Total returns the number of tasks.
func (s *Stats) Total() int { return s.counts[CountTotal] }

// Open returns the number of open tasks.
func (s *Stats) Open() int { return s.counts[CountOpen] }

// Completed returns the number of completed tasks.
func (s *Stats) Completed() int { return s.counts[CountCompleted] }

// Overdue returns the number of open tasks that are overdue.
func (s *Stats) Overdue() int { return s.counts[CountOverdue] }

// DueToday returns the number of open tasks that are due today.
func (s *Stats) DueToday() int { return s.counts[CountToday] }

// DueNext7Days returns the number of open tasks that are due today or on one of the next six days.
func (s *Stats) DueNext7Days() int { return s.counts[CountNext7Days] }

// NoDueDate returns the number of open tasks without a due date.
func (s *Stats) NoDueDate() int { return s.counts[CountNoDueDate] }

// OpenByPriority returns the number of open tasks of each priority, HIGH first.
func (s *Stats) OpenByPriority() []*models.PriorityCount {
	return []*models.PriorityCount{
		{Priority: models.PriorityHigh, Count: s.counts[CountHigh]},
		{Priority: models.PriorityMedium, Count: s.counts[CountMedium]},
		{Priority: models.PriorityLow, Count: s.counts[CountLow]},
	}
}

// CompletedPerDay returns the number of tasks completed on each of the last days, today included, the oldest day first. Days
// beyond StatsArgs.Days are missing. It fails with models.CodeBadUserInput unless days is 1 to MaxStatDays.
func (s *Stats) CompletedPerDay(days int) ([]*models.DayCount, error) {
	if days < 1 || days > MaxStatDays {
		return nil, invalidDays(days)
	}
	return s.perDay[max(0, len(s.perDay)-days):], nil
}

func invalidDays(days int) error {
	return &models.Error{
		Code: models.CodeBadUserInput, Path: []string{"days"}, Message: fmt.Sprintf("days must be 1 to %d, not %d.", MaxStatDays, days),
	}
}

// countFilters returns, for each count, the filter that selects the tasks to count.
func countFilters() map[Count]*models.TaskFilter {
	open, done := false, true
	priority := func(p models.Priority) *models.TaskFilter {
		return &models.TaskFilter{Completed: &open, Priority: &models.PriorityFilter{Eq: &p}}
	}
	due := func(window models.DueWindow) *models.TaskFilter {
		return &models.TaskFilter{Completed: &open, Due: []models.DueWindow{window}}
	}
	return map[Count]*models.TaskFilter{
		CountTotal:     {},
		CountOpen:      {Completed: &open},
		CountCompleted: {Completed: &done},
		CountOverdue:   due(models.DueWindowOverdue),
		CountToday:     due(models.DueWindowToday),
		CountNext7Days: due(models.DueWindowNext7Days),
		CountNoDueDate: due(models.DueWindowNoDueDate),
		CountHigh:      priority(models.PriorityHigh),
		CountMedium:    priority(models.PriorityMedium),
		CountLow:       priority(models.PriorityLow),
	}
}

// Stats returns the requested counts, all of the same moment. It fails with models.CodeBadFilter for a filter that is too
// large.
func (s *Service) Stats(ctx context.Context, args StatsArgs) (*Stats, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkFilter(args.Filter); err != nil {
		return nil, err
	}
	now, zone := s.now(), zoneOrUTC(args.Zone)
	var filters []*models.TaskFilter
	for _, count := range args.Counts {
		filters = append(filters, countFilters()[count])
	}
	var days []models.Date
	today := models.Today(now, zone)
	for back := min(args.Days, MaxStatDays) - 1; back >= 0; back-- {
		days = append(days, models.Date{Time: today.AddDate(0, 0, -back)})
	}
	q := store.Query{User: user.ID, Trash: models.TrashScopeExclude, Filter: args.Filter, Now: now, Zone: zone}
	var counts, completed []int
	err = s.Store.Read(ctx, user.ID, func(ctx context.Context, db *store.Store) (err error) {
		counts, completed, err = db.Counts(ctx, q, filters, days)
		return err
	})
	if err != nil {
		return nil, err
	}
	stats := &Stats{counts: map[Count]int{}}
	for i, count := range args.Counts {
		stats.counts[count] = counts[i]
	}
	for i, day := range days {
		stats.perDay = append(stats.perDay, &models.DayCount{Date: day, Count: completed[i]})
	}
	return stats, nil
}

// MaxTags is the maximum number of tags that Tags returns.
const MaxTags = 200

// maxTagsCounted is how many different tags are counted, which bounds the memory: 100,000 tasks may have two million.
const maxTagsCounted = 100_000

// Tags returns the user's tags with the number of tasks outside the trash that have them, the most used tag first. It returns
// at most first tags, and only those that begin with start in any letter case. Tags that differ in letter case only
// count as one. If there are more than 100,000 different tags, some of them are not counted. It fails with models.CodeBadPageSize unless first is 1 to MaxTags, and with models.CodeBadUserInput if start has
// more than MaxSearch characters.
func (s *Service) Tags(ctx context.Context, start string, first int) ([]*models.TagCount, error) {
	user, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > MaxTags {
		return nil, &models.Error{Code: models.CodeBadPageSize, Message: fmt.Sprintf("first must be 1 to %d, not %d.", MaxTags, first)}
	}
	if err := checkText(start, "startsWith"); err != nil {
		return nil, err
	}
	if !utf8.ValidString(start) || strings.ContainsRune(start, 0) {
		return []*models.TagCount{}, nil // no tag contains such text
	}
	var sorted []*tagCount
	err = s.Store.Read(ctx, user.ID, func(ctx context.Context, db *store.Store) error {
		counts := tagCounts{start: models.Fold(start), most: maxTagsCounted, uses: map[string]*tagCount{}}
		if err := db.EachTagged(ctx, user.ID, counts.start, counts.add); err != nil {
			return err
		}
		sorted = slices.SortedFunc(maps.Values(counts.uses), func(a, b *tagCount) int {
			return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.lower, b.lower))
		})
		sorted = sorted[:min(first, len(sorted))]
		return spell(ctx, db, user.ID, sorted)
	})
	if err != nil {
		return nil, err
	}
	list := make([]*models.TagCount, len(sorted))
	for i, u := range sorted {
		list[i] = &u.TagCount
	}
	return list, nil
}

// spell looks up the spelling of tags that are in long lists only. A tag that its task has lost since is left in lower case.
func spell(ctx context.Context, db *store.Store, user string, tags []*tagCount) error {
	var ids []int64
	for _, u := range tags {
		if u.Tag == "" {
			ids = append(ids, u.task)
		}
	}
	tasks, err := db.Tasks(ctx, user, ids)
	if err != nil {
		return err
	}
	for _, u := range tags {
		if u.Tag != "" {
			continue
		}
		u.Tag = u.lower
		if task := tasks[u.task]; task != nil {
			if i := slices.IndexFunc(task.Tags, func(tag string) bool { return models.Fold(tag) == u.lower }); i >= 0 {
				u.Tag = task.Tags[i]
			}
		}
	}
	return nil
}

// tagCounts counts tags that begin with start, at most so many different ones, by their lower case.
type tagCounts struct {
	start string
	most  int
	uses  map[string]*tagCount
}

type tagCount struct {
	models.TagCount // Tag is "" if it is still to be looked up; see spell
	lower           string
	task, version   int64 // from which the spelling is
}

// add counts the tags of a task.
func (c tagCounts) add(t store.Tagged) {
	for i, lower := range t.Lower {
		if !strings.HasPrefix(lower, c.start) {
			continue
		}
		u := c.uses[lower]
		if u == nil {
			if len(c.uses) == c.most {
				continue
			}
			u = &tagCount{lower: strings.Clone(lower)}
			c.uses[u.lower] = u
		}
		if t.Version > u.version {
			u.task, u.version = t.ID, t.Version
			if t.Tags == nil {
				u.Tag = ""
			} else if u.Tag != t.Tags[i] {
				u.Tag = strings.Clone(t.Tags[i])
			}
		}
		u.Total++
		if !t.Completed {
			u.Open++
		}
	}
}
