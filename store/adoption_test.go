package store

import (
	"strings"
	"testing"

	"taskql/store/storetest"
)

// TestOldIDPlan wants an old id to be found by the indexes of both tables, whatever the plan knows of the values.
func TestOldIDPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustOpenFilled(t, url, 1000)
		storetest.Exec(t, url, "INSERT INTO task_old_id (task_id, old_id) SELECT id, 'old-' || id FROM task", "ANALYZE")
		var seen statements
		seen.observe(s)
		for _, tt := range []struct {
			user, old string
			want      int64
		}{{smallUser, "old-7", 7}, {smallUser, "old-0", 0}, {bigUser, "old-7", 0}} {
			if id, any, err := s.TaskByOldID(t.Context(), tt.user, tt.old); id != tt.want || !any || err != nil {
				t.Errorf("TaskByOldID(%s, %s) = %d, %v, %v, want %d", tt.user, tt.old, id, any, err, tt.want)
			}
		}
		plans := []string{s.plan(t, seen.queries[0])}
		if s.postgres {
			plans = append(plans, strings.Join(s.explainGeneric(t, "VERBOSE false", seen.bound[0]), "\n"))
		}
		for _, plan := range plans {
			// The look at whether there are any old ids ends at the first.
			if !strings.Contains(plan, "task_old_id_unique") || strings.Contains(plan, "Seq Scan on task t") || scansAll(plan) || strings.Contains(plan, "SCAN o") {
				t.Errorf("the plan is\n%s", plan)
			}
		}
	})
}
