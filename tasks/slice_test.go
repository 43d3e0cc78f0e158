package tasks_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

// TestSliceInBatches reads parts of a list of several batches.
func TestSliceInBatches(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		var all []string
		for range 5 {
			var inputs []*models.CreateTaskInput
			for range 100 {
				inputs = append(inputs, &models.CreateTaskInput{Title: strconv.Itoa(len(all)), Priority: models.PriorityLow})
				all = append(all, strconv.Itoa(len(all)))
			}
			if _, err := s.CreateAll(ctx, inputs, nil); err != nil {
				t.Fatal(err)
			}
		}
		oldest := []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionAsc}}
		read := func(args tasks.SliceArgs, between func()) (titles []string, total int) {
			t.Helper()
			args.Order = oldest
			slice, err := s.Slice(ctx, args)
			for batch := slice.Tasks; err == nil && len(batch) > 0; batch, err = slice.Next(ctx) {
				if len(batch) > 200 {
					t.Errorf("%+v: a batch of %d tasks", args, len(batch))
				}
				for _, task := range batch {
					titles = append(titles, task.Title)
				}
				between()
			}
			if err != nil {
				t.Fatalf("%+v: %v", args, err)
			}
			return titles, slice.Total
		}
		for _, offset := range []int64{0, 1, 299, 300, 301, 499, 500, 1 << 40} {
			for _, limit := range []int64{0, 1, 199, 200, 201, 399, 400, 500, 1000} {
				want := all[min(offset, 500):]
				if limit > 0 {
					want = want[:min(limit, int64(len(want)))]
				}
				got, total := read(tasks.SliceArgs{Offset: offset, Limit: limit}, func() {})
				if !slices.Equal(got, want) || total != 500 {
					t.Errorf("Slice(%d, %d) = %d tasks of %d, want %d of 500", offset, limit, len(got), total, len(want))
				}
			}
		}
		// A write between two batches.
		last := fmt.Sprint(mustCreate(ctx, t, s, "late").ID - 1)
		deleted := false
		got, total := read(tasks.SliceArgs{}, func() {
			if !deleted {
				deleted = true
				if _, err := s.Delete(ctx, last, nil); err != nil {
					t.Fatal(err)
				}
				mustCreate(ctx, t, s, "later")
			}
		})
		if want := append(slices.Clone(all[:499]), "late"); !slices.Equal(got, want) || total != 501 {
			t.Errorf("Slice during writes = %d tasks of %d, want %d of 501", len(got), total, len(want))
		}
	})
}
