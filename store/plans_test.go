package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
)

// shape is a kind of list that front ends ask for.
type shape struct {
	name  string
	query Query
	// index is what Postgres and SQLite say of the index that has the list in its order. Lists without one
	// sort the user's tasks.
	index [2]string
}

func by(field models.TaskOrderField, desc bool) Key { return Key{Field: field, Desc: desc} }

func open() *models.TaskFilter { return &models.TaskFilter{Completed: new(bool)} }

// shapes are the lists of a user, their first pages and, where it has an index, pages deep within.
func shapes(user string) []shape {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	query := func(filter *models.TaskFilter, order ...Key) Query {
		return Query{User: user, Trash: models.TrashScopeExclude, Filter: filter, Now: now, Zone: time.UTC, Order: order, Limit: 21}
	}
	after := func(q Query, id int64, values ...any) Query {
		q.After = &Keyset{Values: values, ID: id}
		return q
	}
	before := func(q Query, id int64, values ...any) Query {
		q.Before, q.FromEnd = &Keyset{Values: values, ID: id}, true
		return q
	}
	newest := query(nil, by(models.TaskOrderFieldCreatedAt, true))
	openByDue := query(open(), by(models.TaskOrderFieldDue, false))
	openByPriority := query(open(), by(models.TaskOrderFieldPriority, true), by(models.TaskOrderFieldDue, false))
	today := open()
	today.Due = []models.DueWindow{models.DueWindowOverdue, models.DueWindowToday}
	done, text := true, "MILK"
	doneLately := query(&models.TaskFilter{Completed: &done}, by(models.TaskOrderFieldCompletedAt, true))
	trash := newest
	trash.Trash = models.TrashScopeOnly
	withFacts := after(newest, 500, now)
	withFacts.Total, withFacts.Preceding = true, true
	created, due := "task_user_created", "task_open_due"
	list := []shape{
		{"newest", newest, [2]string{created, created}},
		{"newest, deep", after(newest, 500, now), [2]string{"ROW(created_at, id) < ROW", created + " (user_id=? AND created_at<?)"}},
		{"newest, backwards", before(newest, 500, now), [2]string{"ROW(created_at, id) > ROW", created + " (user_id=? AND created_at>?)"}},
		{"newest, with all facts", withFacts, [2]string{}},
		{"open by due", openByDue, [2]string{due, due}},
		{"open by due, deep", after(openByDue, 500, now), [2]string{"ROW(due_end, id) > ROW", due + " (user_id=? AND due_end>?)"}},
		{"open by due, deep in those without", after(openByDue, 500, nil), [2]string{") AND (due_end = ", due + " (user_id=? AND due_end=? AND id>?)"}},
		{"open by due, backwards", before(openByDue, 500, now), [2]string{"ROW(due_end, id) < ROW", due + " (user_id=? AND due_end<?)"}},
		{"open by priority", openByPriority, [2]string{}},
		{"open by priority, deep", after(openByPriority, 500, 2, now), [2]string{}},
		{"open by priority, backwards", before(openByPriority, 500, 2, nil), [2]string{}},
		{"today", query(today, by(models.TaskOrderFieldDue, false)), [2]string{due, due}},
		{"by tag", query(&models.TaskFilter{Tags: &models.TagsFilter{Any: []string{"tag7"}}}, by(models.TaskOrderFieldCreatedAt, true)), [2]string{created, created}},
		{"by many tags", query(&models.TaskFilter{Tags: &models.TagsFilter{Any: strings.Fields("a b c d e f g h i")}}, by(models.TaskOrderFieldCreatedAt, true)), [2]string{"hashed SubPlan", created}},
		{"by all of many tags", query(&models.TaskFilter{Tags: &models.TagsFilter{All: strings.Fields("a b c d e f g h i")}}, by(models.TaskOrderFieldCreatedAt, true)), [2]string{"hashed SubPlan", created}},
		{"text contains", query(&models.TaskFilter{Title: &models.TextFilter{Contains: &text}}, by(models.TaskOrderFieldCreatedAt, true)), [2]string{created, created}},
		{"updated since", query(&models.TaskFilter{UpdatedAt: &models.DateTimeFilter{Gte: &now}}, by(models.TaskOrderFieldUpdatedAt, false)), [2]string{}},
		{"done lately", doneLately, [2]string{"task_done", "task_done"}},
		{"done lately, deep", after(doneLately, 500, now), [2]string{"ROW(completed_at, id) < ROW", "task_done (user_id=? AND completed_at<?)"}},
		{"trash", trash, [2]string{}}, // which is small
	}
	for field, value := range map[models.TaskOrderField]any{
		models.TaskOrderFieldPosition: "h999999999999500", models.TaskOrderFieldTitle: "task 5", models.TaskOrderFieldCompleted: true,
		models.TaskOrderFieldCompletedAt: nil, models.TaskOrderFieldUpdatedAt: now, models.TaskOrderFieldDue: now, models.TaskOrderFieldPriority: 2,
	} {
		list = append(list, shape{"deep by " + string(field), after(query(nil, by(field, true)), 500, value), [2]string{}})
	}
	return list
}

// TestPlans reads how each database finds the tasks of a list: never by looking at all tasks of all users,
// and without sorting where an index has the list.
func TestPlans(t *testing.T) {
	for kind, name := range []string{"PostgreSQL", "SQLite"} {
		t.Run(name, func(t *testing.T) {
			url, rows := "", 1000 // SQLite plans by rules, not by numbers
			if name == "SQLite" {
				url = storetest.SQLite(t)
			} else if url, rows = storetest.Postgres(t), storetest.Scale(20_000, 1_000_000); rows < 1_000_000 {
				// A table of this size is cheap to scan and to sort. Without these two the plan shows whether an index can
				// serve the list. Whether PostgreSQL chooses it by itself is what the full size shows.
				url += "&enable_seqscan=off&enable_sort=off&enable_bitmapscan=off"
			}
			s := mustOpenFilled(t, url, rows)
			var seen statements
			seen.observe(s)
			explain := func(name, index string, read func() error) {
				t.Helper()
				seen.queries, seen.bound = nil, nil
				if err := read(); err != nil || len(seen.queries) != 1 {
					t.Fatalf("%s: %q, %v, want one statement", name, seen.queries, err)
				}
				query := seen.queries[0]
				plans := []string{s.plan(t, query)}
				if s.postgres {
					plans = append(plans, strings.Join(s.explainGeneric(t, "VERBOSE false", seen.bound[0]), "\n"))
				}
				for _, plan := range plans {
					sorts := strings.Contains(plan, "Sort Key") || strings.Contains(plan, "TEMP B-TREE")
					if strings.Contains(plan, "Seq Scan on task") || scansAll(plan) || index != "" && (sorts || !strings.Contains(plan, index)) {
						t.Errorf("%s: the plan looks at all tasks, sorts them, or has no %q:\n%s\n%s", name, index, query, plan)
					}
				}
			}
			for _, user := range []string{smallUser, bigUser} {
				for _, shape := range shapes(user) {
					explain(user+": "+shape.name, shape.index[kind], func() error { _, err := s.List(t.Context(), shape.query); return err })
					if q := shape.query; !s.postgres && !q.hasFacts() {
						// SQLite sorts ids, and looks up the tasks of the page.
						plan := s.plan(t, seen.queries[0])
						if sorts := strings.Contains(plan, "TEMP B-TREE"); sorts == q.Indexed() || sorts != strings.Contains(plan, "INTEGER PRIMARY KEY") {
							t.Errorf("%s, indexed: %v: the plan is\n%s", shape.name, q.Indexed(), plan)
						}
					}
				}
				explain(user+": all counts", "", func() error {
					_, _, err := s.Counts(t.Context(), shapes(user)[0].query, []*models.TaskFilter{{}, open()}, nil)
					return err
				})
				explain(user+": counts of what is open", "", func() error {
					_, _, err := s.Counts(t.Context(), shapes(user)[0].query, []*models.TaskFilter{open()}, nil)
					return err
				})
				explain(user+": tags", "", func() error { return s.EachTagged(t.Context(), user, "", func(Tagged) {}) })
			}
		})
	}
}

// scansAll finds SQLite's words for a look at a whole table or index of tasks.
func scansAll(plan string) bool {
	return slices.ContainsFunc(strings.Split(plan, "\n"), func(line string) bool {
		return line == "SCAN t" || strings.HasPrefix(line, "SCAN t ")
	})
}

func (s *Store) plan(t *testing.T, query string) string {
	t.Helper()
	var lines []string
	var err error
	if s.postgres {
		err = s.reader.NewRaw("EXPLAIN "+strings.ReplaceAll(query, "?", "??")).Scan(t.Context(), &lines)
	} else {
		var steps []struct {
			ID, Parent, Notused int
			Detail              string
		}
		err = s.reader.NewRaw("EXPLAIN QUERY PLAN "+query).Scan(t.Context(), &steps)
		for _, step := range steps {
			lines = append(lines, step.Detail)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func mustOpenFilled(tb testing.TB, url string, rows int) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	s.fill(tb, rows)
	return s
}
