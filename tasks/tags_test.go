package tasks_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// TestTagsAgreeWithAPlainList compares the counts of random tags with a plain list; some tasks are in the trash.
func TestTagsAgreeWithAPlainList(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		w := newWorld(t, s, clock, 60)
		for range 20 {
			w.disturb(w.all[0])
			for _, start := range []string{"", "a", "A", "Ä", "ä", `\`, "\n", `a\`, "a\n", "%", "_", " ", "İ", "zzz", "\x00", "\xff"} {
				first := 1 + w.IntN(30)
				counts, err := s.Tags(w.ctx, start, first)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, c := range counts {
					got = append(got, fmt.Sprintf("%q %d/%d", c.Tag, c.Open, c.Total))
				}
				want := w.all.tags(start)
				if want = want[:min(len(want), first)]; !slices.Equal(got, want) {
					t.Fatalf("Tags(%q, %d) = %v\nwant %v", start, first, got, want)
				}
			}
		}
	})
}

// tags returns the tags of the list with their numbers of open and of all tasks, the most used tag first.
func (l list) tags(start string) (sorted []string) {
	l = slices.DeleteFunc(slices.Clone(l), (*models.Task).Trashed)
	slices.SortFunc(l, func(a, b *models.Task) int { return cmp.Compare(a.Version, b.Version) })
	open, total, spelled := map[string]int{}, map[string]int{}, map[string]string{}
	for _, t := range l {
		for _, tag := range t.Tags {
			folded := lower(tag)
			spelled[folded] = tag
			total[folded]++
			if !t.Completed {
				open[folded]++
			}
		}
	}
	var tags []string
	for tag := range total {
		if start != "\xff" && strings.HasPrefix(tag, lower(start)) {
			tags = append(tags, tag)
		}
	}
	slices.SortFunc(tags, func(a, b string) int { return cmp.Or(total[b]-total[a], strings.Compare(a, b)) })
	for _, tag := range tags {
		sorted = append(sorted, fmt.Sprintf("%q %d/%d", spelled[tag], open[tag], total[tag]))
	}
	return sorted
}

func TestRefusedTags(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		for _, first := range []int{-1, 0, tasks.MaxTags + 1} {
			_, err := s.Tags(as(t.Context(), "u"), "", first)
			var coded *models.Error
			if !errors.As(err, &coded) || coded.Code != models.CodeBadPageSize {
				t.Errorf("Tags of the first %d = %v, want %s", first, err, models.CodeBadPageSize)
			}
		}
	})
}
