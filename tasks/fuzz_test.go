package tasks_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// FuzzFilter runs filters of any shape and with any text. Each must result in valid SQL and select the same tasks as the
// filter of the plain list.
func FuzzFilter(f *testing.F) {
	db := opened.Migrated(f, storetest.SQLite(f))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := &tasks.Service{Store: db, MaxTasks: 1000, Now: func() time.Time { return now }}
	r := &source{Rand: rand.New(rand.NewPCG(1, 1)), now: now}
	var all list
	for _, word := range words {
		input := r.newTask()
		input.Title = word
		write, err := s.Create(as(f.Context(), "u"), input, nil, nil)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, write.Task)
		r.known = all
	}
	for seed, word := range words {
		f.Add(uint64(seed), word)
	}
	f.Add(uint64(0), "\x00\xff' OR ?0 --")
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		r := &source{Rand: rand.New(rand.NewPCG(seed, 2)), now: now, known: all}
		v := r.view(t, now)
		texts, tags := r.textFilter(), r.tagsFilter()
		for _, s := range []*string{texts.Eq, texts.Neq, texts.Contains, texts.NotContains, texts.StartsWith, texts.EndsWith} {
			if s != nil {
				*s = text
			}
		}
		for _, list := range [][]string{texts.In, texts.NotIn, tags.Any, tags.All, tags.None} {
			if len(list) > 0 {
				list[0] = text
			}
		}
		v.filter = &models.TaskFilter{Or: []*models.TaskFilter{
			r.smallFilter(), {Title: texts}, {Description: texts}, {Tags: tags}, {ID: &models.IDFilter{Eq: &text}},
		}}
		page, err := s.List(as(t.Context(), "u"), tasks.ListArgs{
			Filter: v.filter, Order: v.order, Trash: v.trash, Zone: v.zone, First: ptr(tasks.MaxPage), Total: true,
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, describe(v))
		}
		if want := v.of(all); !slices.Equal(ids(page.Nodes), ids(want)) || page.TotalCount != len(want) {
			t.Errorf("tasks %v of %d, want %v of %d\n%s", ids(page.Nodes), page.TotalCount, ids(want), len(want), describe(v))
		}
	})
}
