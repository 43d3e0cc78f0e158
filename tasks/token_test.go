package tasks_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/tasks"
)

func isRefusal(err error) bool {
	var refused models.UserErrors
	return errors.As(err, &refused)
}

func wantBadToken(t *testing.T, err error) {
	t.Helper()
	var coded *models.Error
	if !errors.As(err, &coded) || coded.Code != models.CodeBadSyncToken {
		t.Errorf("the error is %v, want BAD_SYNC_TOKEN", err)
	}
}

// TestTokensOfNobody checks that tokens of other users and databases, and made-up ones, are rejected.
func TestTokensOfNobody(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		for range 3 {
			mustCreate(ctx, t, s, "x")
		}
		page, err := s.Changes(ctx, nil, 2)
		if err != nil {
			t.Fatal(err)
		}
		good := page.NextToken
		elsewhere := *s
		elsewhere.DatabaseID = "another database"
		if _, err := elsewhere.Changes(ctx, &good, 1); err == nil {
			t.Error("another database takes the token")
		} else {
			wantBadToken(t, err)
		}
		_, err = s.Changes(as(t.Context(), "another user"), &good, 1)
		wantBadToken(t, err)
		bad := []string{"", "1", "made-up", good + "A", "A" + good, good + "=", good + "\n", good[:4] + "\r\n" + good[4:], strings.ToUpper(good), "é", strings.Repeat("A", 1<<16)}
		for i := range good {
			other := byte('A')
			if good[i] == other {
				other = 'B'
			}
			bad = append(bad, good[:i], good[:i]+string(other)+good[i+1:])
		}
		for _, token := range bad {
			_, err := s.Changes(ctx, &token, 1)
			wantBadToken(t, err)
		}
		wantBadToken(t, s.Follow(ctx, &bad[2], func() { t.Error("Follow has started") }, nil))
		if page, err := s.Changes(ctx, &good, 10); err != nil || len(page.Changes) != 1 || page.Reset || page.HasMore {
			t.Errorf("Changes with a good token = %+v, %v, want the third", page, err)
		}
		for _, first := range []int{-1, 0, tasks.MaxChanges + 1} {
			var coded *models.Error
			if _, err := s.Changes(ctx, nil, first); !errors.As(err, &coded) || coded.Code != models.CodeBadPageSize {
				t.Errorf("first %d: %v, want BAD_PAGE_SIZE", first, err)
			}
		}
	})
}
