package tasks_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

func titles(l list) (all []string) {
	for _, t := range l {
		all = append(all, t.Title)
	}
	return all
}

func TestBoundsOfAPage(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		for i := range 5 {
			mustCreate(ctx, t, s, strconv.Itoa(i))
		}
		whole, err := s.List(ctx, tasks.ListArgs{})
		if err != nil {
			t.Fatal(err)
		}
		cursors := map[string]*string{}
		for _, edge := range whole.Edges() {
			cursors[edge.Node.Title] = ptr(edge.Cursor())
		}
		// The order of the list is 4 3 2 1 0.
		cases := []struct {
			name           string
			args           tasks.ListArgs
			want           []string
			next, previous bool
		}{
			{"all", tasks.ListArgs{}, []string{"4", "3", "2", "1", "0"}, false, false},
			{"as many as there are", tasks.ListArgs{First: ptr(5)}, []string{"4", "3", "2", "1", "0"}, false, false},
			{"between", tasks.ListArgs{After: cursors["4"], Before: cursors["0"]}, []string{"3", "2", "1"}, true, true},
			{"first between", tasks.ListArgs{First: ptr(2), After: cursors["4"], Before: cursors["0"]}, []string{"3", "2"}, true, true},
			{"last between", tasks.ListArgs{Last: ptr(2), After: cursors["4"], Before: cursors["0"]}, []string{"2", "1"}, true, true},
			{"first before", tasks.ListArgs{First: ptr(9), Before: cursors["3"]}, []string{"4"}, true, false},
			{"last after", tasks.ListArgs{Last: ptr(9), After: cursors["1"]}, []string{"0"}, false, true},
			{"after the last", tasks.ListArgs{First: ptr(1), After: cursors["0"]}, nil, false, true},
			{"before the first", tasks.ListArgs{Last: ptr(1), Before: cursors["4"]}, nil, true, false},
			{"between neighbours", tasks.ListArgs{After: cursors["3"], Before: cursors["2"]}, nil, true, true},
		}
		for _, c := range cases {
			c.args.Total, c.args.HasNext, c.args.HasPrevious = true, true, true
			page, err := s.List(ctx, c.args)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			info := page.PageInfo()
			if !slices.Equal(titles(page.Nodes), c.want) || info.HasNextPage != c.next || info.HasPreviousPage != c.previous || page.TotalCount != 5 {
				t.Errorf("%s: List = %v of %d, next %v, previous %v, want %v, %v, %v", c.name,
					titles(page.Nodes), page.TotalCount, info.HasNextPage, info.HasPreviousPage, c.want, c.next, c.previous)
			}
			if (info.StartCursor() == nil) != (len(c.want) == 0) || (info.EndCursor() == nil) != (len(c.want) == 0) {
				t.Errorf("%s: cursors %v and %v of %d tasks", c.name, info.StartCursor(), info.EndCursor(), len(c.want))
			}
		}
	})
}

func TestTrashScope(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "kept")
		gone := mustCreate(ctx, t, s, "gone")
		if _, err := s.Delete(ctx, strconv.FormatInt(gone.ID, 10), nil); err != nil {
			t.Fatal(err)
		}
		for scope, want := range map[models.TrashScope][]string{
			"": {"kept"}, models.TrashScopeExclude: {"kept"}, models.TrashScopeOnly: {"gone"}, models.TrashScopeInclude: {"gone", "kept"},
		} {
			page, err := s.List(ctx, tasks.ListArgs{Trash: scope, Total: true})
			if err != nil || !slices.Equal(titles(page.Nodes), want) || page.TotalCount != len(want) {
				t.Errorf("List(%q) = %v, %v, want %v", scope, page, err, want)
			}
		}
	})
}

// contains returns a filter of titles.
func contains(part string) *models.TaskFilter {
	return &models.TaskFilter{Title: &models.TextFilter{Contains: &part}}
}

// longWords returns a text of 2,000 words.
func longWords() string {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "word %d ", i)
	}
	return b.String()
}

func TestRefusedLists(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "x")
		page, err := s.List(ctx, tasks.ListArgs{})
		if err != nil {
			t.Fatal(err)
		}
		cursor := page.PageInfo().StartCursor()
		broken := "A" + (*cursor)[1:]
		if broken == *cursor {
			broken = "B" + (*cursor)[1:]
		}
		asc := []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionAsc}}
		cases := []struct {
			name string
			user string
			args tasks.ListArgs
			code models.Code
		}{
			{"first and last", "u", tasks.ListArgs{First: ptr(1), Last: ptr(1)}, models.CodeBadPageSize},
			{"first 0", "u", tasks.ListArgs{First: ptr(0)}, models.CodeBadPageSize},
			{"first 101", "u", tasks.ListArgs{First: ptr(101)}, models.CodeBadPageSize},
			{"last -1", "u", tasks.ListArgs{Last: ptr(-1)}, models.CodeBadPageSize},
			{"empty cursor", "u", tasks.ListArgs{After: ptr("")}, models.CodeBadCursor},
			{"no cursor", "u", tasks.ListArgs{After: ptr("nonsense!")}, models.CodeBadCursor},
			{"changed cursor", "u", tasks.ListArgs{Before: &broken}, models.CodeBadCursor},
			{"cut cursor", "u", tasks.ListArgs{Before: ptr((*cursor)[:12])}, models.CodeBadCursor},
			{"longer cursor", "u", tasks.ListArgs{Before: ptr(*cursor + "AA")}, models.CodeBadCursor},
			{"cursor of another order", "u", tasks.ListArgs{After: cursor, Order: asc}, models.CodeBadCursor},
			{"cursor of another user", "v", tasks.ListArgs{After: cursor}, models.CodeBadCursor},
			{"text that repeats itself", "u", tasks.ListArgs{Filter: contains(strings.Repeat("aA", 32) + "a")}, models.CodeBadFilter},
			{"five keys", "u", tasks.ListArgs{Order: slices.Repeat(asc, 5)}, models.CodeBadUserInput},
		}
		for name, filter := range map[string]*models.TaskFilter{
			"contains": contains(strings.Repeat("a", 64)), "a long text": contains(longWords()), "eq": {Title: &models.TextFilter{Eq: ptr(strings.Repeat("a", 200))}},
		} {
			if _, err := s.List(ctx, tasks.ListArgs{Filter: filter}); err != nil {
				t.Errorf("%s: List = %v", name, err)
			}
		}
		for _, c := range cases {
			_, err := s.List(as(t.Context(), c.user), c.args)
			var coded *models.Error
			if !errors.As(err, &coded) || coded.Code != c.code {
				t.Errorf("%s: List = %v, want %s", c.name, err, c.code)
			}
		}
	})
}

func TestNoUser(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := t.Context()
		calls := map[string]func() error{
			"Create":   func() error { _, err := s.Create(ctx, models.CreateTaskInput{Title: "x"}, nil, nil); return err },
			"Get":      func() error { _, err := s.Get(ctx, "1"); return err },
			"Update":   func() error { _, err := s.Update(ctx, "1", models.UpdateTaskInput{}, nil, nil); return err },
			"Complete": func() error { _, err := s.Complete(ctx, "1", nil, nil); return err },
			"Reopen":   func() error { _, err := s.Reopen(ctx, "1", nil, nil); return err },
			"Toggle":   func() error { _, err := s.Toggle(ctx, "1", nil, nil); return err },
			"Delete":   func() error { _, err := s.Delete(ctx, "1", nil); return err },
			"Restore":  func() error { _, err := s.Restore(ctx, "1"); return err },
			"List":     func() error { _, err := s.List(ctx, tasks.ListArgs{}); return err },
			"Slice":    func() error { _, err := s.Slice(ctx, tasks.SliceArgs{}); return err },
			"Stats":    func() error { _, err := s.Stats(ctx, tasks.StatsArgs{}); return err },
			"Tags":     func() error { _, err := s.Tags(ctx, "", 1); return err },
			"Export":   func() error { _, err := s.Export(ctx, nil); return err },
			"Import":   func() error { _, err := (&tasks.Importer{Service: s}).Import(ctx, nil); return err },
			"Edge":     func() error { _, err := s.Edge(ctx, &models.Task{}, nil); return err },
		}
		for name, call := range calls {
			var coded *models.Error
			if err := call(); !errors.As(err, &coded) || coded.Code != models.CodeUnauthenticated {
				t.Errorf("%s without a user = %v, want %s", name, err, models.CodeUnauthenticated)
			}
		}
	})
}

// TestTextThatCannotBe filters by text that no task can contain.
func TestTextThatCannotBe(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "a\ufffdb")
		for text, want := range map[string]int{"\ufffd": 1, "\xff": 0, "a\xffb": 0, "\x00": 0} {
			page, err := s.List(ctx, tasks.ListArgs{Filter: &models.TaskFilter{Title: &models.TextFilter{Contains: &text}}})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Nodes) != want {
				t.Errorf("tasks whose title contains %q: %v, want %d", text, titles(page.Nodes), want)
			}
		}
	})
}

// TestLargestFilters runs filters at the limits of tests, values and bytes, of every kind. No database may reject them or
// take long.
func TestLargestFilters(t *testing.T) {
	values := make([]string, 100)
	var days []*models.Date
	for i := range values {
		values[i] = fmt.Sprint("value ", i)
		days = append(days, ptr(models.NewDate(2026, 1, 1+i)))
	}
	text := &models.TextFilter{In: values}
	filters := map[string]*models.TaskFilter{
		"titles":       {Title: text},
		"no titles":    {Title: &models.TextFilter{NotIn: values}},
		"descriptions": {Description: text},
		"tags":         {Tags: &models.TagsFilter{Any: values}},
		"all tags":     {Tags: &models.TagsFilter{All: values}},
		"days":         {DueDate: &models.DateFilter{In: days}},
		"windows":      {Due: slices.Repeat([]models.DueWindow{models.DueWindowOverdue}, 100)},
		"ids":          {ID: &models.IDFilter{NotIn: values}},
	}
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "value 7")
		for name, filter := range filters {
			const tests = 10 // of 100 values
			for combined, filter := range map[string]*models.TaskFilter{
				"all": {And: slices.Repeat([]*models.TaskFilter{filter}, tests)}, "one": {Or: slices.Repeat([]*models.TaskFilter{filter}, tests)},
			} {
				_, err := s.List(ctx, tasks.ListArgs{Filter: filter, Zone: zoneOf(t, "America/Sao_Paulo"), Total: true, HasNext: true})
				if err != nil {
					t.Errorf("List with %d tests of 100 %s, %s of them = %v, want no error", tests, name, combined, err)
				}
			}
		}
	})
}
