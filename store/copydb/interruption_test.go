package copydb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskql/store"
	"taskql/store/copydb"
	"taskql/store/storetest"
)

func TestCopyGoesOn(t *testing.T) {
	tasks := batch * 5 / 2
	eachDirection(t, func(t *testing.T, from, to string) {
		fill(t, from, tasks)
		partly := 0
		for interruption := 1; ; interruption++ {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			before := countRows(t, to)
			copied, err := copydb.Copy(ctx, from, to, func(store.Progress) {
				if calls++; calls == interruption {
					cancel()
				}
			})
			cancel()
			if err == nil {
				if interruption < 6 || before+copied.Written != rowsOf(tasks) {
					t.Errorf("Copy wrote %d rows after interruption %d, when there were %d, want %d together",
						copied.Written, interruption, before, rowsOf(tasks))
				}
				break
			}
			after := countRows(t, to)
			if copied != nil || !strings.HasPrefix(err.Error(), "interrupted") || !strings.Contains(err.Error(), "same command again") ||
				!strings.Contains(err.Error(), fmt.Sprintf("%d of %d rows", after, rowsOf(tasks))) || after < before {
				t.Fatalf("Copy, interrupted = %+v, %v; %d rows before, %d after", copied, err, before, after)
			}
			if after > 0 && after < rowsOf(tasks) {
				partly++
			}
		}
		if partly < 2 {
			t.Errorf("%d times a part of the rows was there, want it more often", partly)
		}
		wantSameContent(t, from, to)
	})
}

func TestCopyInterruptedAtOnce(t *testing.T) {
	from, to := storetest.SQLite(t), storetest.SQLite(t)
	fill(t, from, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := copydb.Copy(ctx, from, to, quiet); err == nil || !strings.HasPrefix(err.Error(), "interrupted") {
		t.Errorf("Copy = %v", err)
	}
}

// TestCopyAfterACut ends the connections to the source in the middle of what it sends.
func TestCopyAfterACut(t *testing.T) {
	const tasks = 2000
	from, to, name := storetest.Postgres(t), storetest.SQLite(t), fmt.Sprint("cut_", time.Now().UnixNano())
	fill(t, from, tasks)
	// More than is on the way at once.
	mustExec(t, from, "UPDATE task SET description = repeat('x', 5000), notes_lower = repeat('x', 5000)")
	_, err := copydb.Copy(t.Context(), from+"&application_name="+name, to, func(p store.Progress) {
		if p.Done > 0 {
			mustExec(t, from, fmt.Sprintf("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", name))
		}
	})
	if err == nil || !strings.Contains(err.Error(), "same command again") {
		t.Errorf("Copy over a cut connection = %v", err)
	}
	if copied := mustCopy(t, from, to); copied.Written == 0 || copied.Written >= rowsOf(tasks) || copied.Counts[0].Target != tasks {
		t.Errorf("Copy after the cut = %+v, want a part of the rows written", copied)
	}
}

// TestCopyFindsChanges has the source written to while it is copied, and while it is compared.
func TestCopyFindsChanges(t *testing.T) {
	for _, tt := range []struct{ when, change, want string }{
		{"copying", "UPDATE task SET title = 'changed', version = 2000000 WHERE id = 1", "in task 1:"},
		{"comparing", "UPDATE task_counter SET n = n + 1 WHERE user_id = 'user 7'", `"user 7"`},
	} {
		t.Run(tt.when, func(t *testing.T) {
			eachDirection(t, func(t *testing.T, from, to string) {
				fill(t, from, batch*3/2)
				copied, err := copydb.Copy(t.Context(), from, to, func(p store.Progress) {
					if p.Doing == tt.when && p.Done == int64(batch) {
						mustExec(t, from, tt.change)
					}
				})
				if err == nil || copied == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("Copy = %+v, %v, want an error with %q", copied, err, tt.want)
				}
				// Nothing makes it right but a new copy.
				if _, err := copydb.Copy(t.Context(), from, to, quiet); err == nil || !strings.Contains(err.Error(), "empty database") {
					t.Errorf("Copy once more = %v", err)
				}
			})
		})
	}
}
