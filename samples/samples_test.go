package samples_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"taskql/models"
	"taskql/samples"
)

func TestTasks(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	all := slices.Collect(samples.Tasks(1, 200, now))
	if !reflect.DeepEqual(all, slices.Collect(samples.Tasks(1, 200, now))) {
		t.Error("the same seed gives other tasks")
	}
	if reflect.DeepEqual(all, slices.Collect(samples.Tasks(2, 200, now))) {
		t.Error("another seed gives the same tasks")
	}
	count := map[string]int{}
	for i, sample := range all {
		if _, errs := sample.NewTask("u", sample.CreatedAt); errs != nil {
			t.Errorf("%q breaks the rules: %v", sample.Title, errs)
		}
		if i > 0 && sample.CreatedAt.Before(all[i-1].CreatedAt) || !sample.CreatedAt.Before(now) {
			t.Errorf("task %d was made at %v, out of order", i, sample.CreatedAt)
		}
		for _, later := range []*time.Time{sample.DoneAt, sample.TrashedAt} {
			if later != nil && (later.Before(sample.CreatedAt) || later.After(now)) {
				t.Errorf("%q of %v was done or trashed at %v", sample.Title, sample.CreatedAt, later)
			}
		}
		for what, is := range map[string]bool{
			"done": sample.DoneAt != nil, "open": sample.DoneAt == nil, "in the trash": sample.TrashedAt != nil,
			"never due": sample.Due == nil, "with notes": sample.Description != nil, "of two tags": len(sample.Tags) == 2,
			"due on a day":             sample.Due != nil && sample.Due.Date != nil,
			"due at an instant":        sample.Due != nil && sample.Due.At != nil,
			"due at a wall clock":      sample.Due != nil && sample.Due.Local != nil,
			"open and due days ago":    sample.DoneAt == nil && sample.Due != nil && sample.Due.Date != nil && sample.Due.Date.Before(now.AddDate(0, 0, -1)),
			"due today":                sample.Due != nil && sample.Due.Date != nil && *sample.Due.Date == models.NewDate(2026, 3, 1),
			string(sample.Priority):    true,
			"tagged " + sample.Tags[0]: true,
		} {
			if is {
				count[what]++
			}
		}
	}
	if len(count) != 11+3+8 {
		t.Errorf("of 200 tasks there are %v, want some of each kind", count)
	}
	for what, n := range count {
		if n < 2 {
			t.Errorf("of 200 tasks %d are %s", n, what)
		}
	}
}

func TestManyTasks(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	last, n := now.AddDate(0, 0, -60), 0
	for sample := range samples.Tasks(1, 5000, now) {
		if sample.CreatedAt.Before(last) || !sample.CreatedAt.Before(now) {
			t.Fatalf("task %d was made at %v, after one of %v", n, sample.CreatedAt, last)
		}
		last, n = sample.CreatedAt, n+1
	}
	if n != 5000 {
		t.Errorf("%d tasks, want 5000", n)
	}
}
