package tasks_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/store/storetest/opened"
	"taskql/tasks"
)

// restart opens the database as a server that starts does.
func restart(t *testing.T, url string) *tasks.Service {
	t.Helper()
	s := newService(opened.Migrated(t, url))
	if err := s.Store.BeginEra(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// stop closes the database of a service.
func stop(t *testing.T, s *tasks.Service) {
	t.Helper()
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustRetitle(ctx context.Context, t *testing.T, s *tasks.Service, id int64, title string) *tasks.Write {
	t.Helper()
	w, err := s.Update(ctx, strconv.FormatInt(id, 10), models.UpdateTaskInput{Title: graphql.OmittableOf(&title)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func mustToken(ctx context.Context, t *testing.T, s *tasks.Service, id tasks.ChangeID) string {
	t.Helper()
	token, err := s.Token(ctx, id)
	if err != nil || token == nil {
		t.Fatalf("Token = %v, %v", token, err)
	}
	return *token
}

// TestDatabasePutBack puts the database back to an earlier copy, and lets users write as much as was lost. Nothing that a client
// keeps of the lost writes may be taken for something that was written later.
func TestDatabasePutBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		t.Run("saved while the server runs", func(t *testing.T) { testPutBack(t, url, "u", "new", false) })
		t.Run("saved before the server starts", func(t *testing.T) { testPutBack(t, url, "v", "newer", true) })
	})
}

func testPutBack(t *testing.T, url, user, newUser string, started bool) {
	ctx := as(t.Context(), user)
	s := restart(t, url)
	kept := mustCreate(ctx, t, s, "kept")
	before, other := newReplica(s), newReplica(s)
	before.pullAll(ctx, t, 10)
	common := *before.token
	putBack := storetest.Save(t, url)
	if started { // so that the lost writes are of an era that the copy does not know
		stop(t, s)
		s = restart(t, url)
	}
	var lost []string
	var first int64 // the first lost version
	for _, title := range []string{"lost 1", "lost 2", "lost 3"} {
		w := mustRetitle(ctx, t, s, kept.ID, title)
		lost = append(lost, mustToken(ctx, t, s, w.ChangeID))
		if first == 0 {
			first = w.Task.Version
		}
	}
	version := 0
	for range 50 {
		version = int(mustRetitle(ctx, t, s, kept.ID, "lost "+strconv.Itoa(version)).Task.Version)
	}
	mustCreate(as(ctx, newUser), t, s, "lost")
	fresh := newReplica(s)
	fresh.pullAll(as(ctx, newUser), t, 10)
	other.s = s
	other.pull(ctx, t, 10)
	lost = append(lost, *other.token)
	stop(t, s)
	putBack()

	s = restart(t, url)
	for i, token := range lost { // before any write
		if page, err := s.Changes(ctx, &token, 10); err != nil || !page.Reset || len(page.Changes) != 1 || page.Changes[0].Task.Title != "kept" {
			t.Errorf("lost token %d before a write: %+v, %v, want a reset", i, page, err)
		}
	}
	if page, err := s.Changes(ctx, &common, 10); err != nil || page.Reset || len(page.Changes) != 0 || page.NextToken != common {
		t.Errorf("a token of before: %+v, %v, want it to hold", page, err)
	}
	var again []string
	for i := range 60 {
		w := mustRetitle(ctx, t, s, kept.ID, "again "+strconv.Itoa(i))
		again = append(again, mustToken(ctx, t, s, w.ChangeID))
		// Eras that both begin after the copy leave out a random number of versions each. Their versions may meet, but once in 16,384 times
		// at the same write only.
		if i == 0 && w.Task.Version == first || !started && w.Task.Version == int64(version) {
			t.Errorf("version %d has been given twice", w.Task.Version)
		}
	}
	for i, token := range lost {
		if slices.Contains(again, token) {
			t.Errorf("lost token %d has been given twice", i)
		}
		if page, err := s.Changes(ctx, &token, 10); err != nil || !page.Reset || len(page.Changes) != 1 || page.Changes[0].Task.Title != "again 59" {
			t.Errorf("lost token %d: %+v, %v, want a reset", i, page, err)
		}
		wantBadToken(t, s.Follow(ctx, &token, func() {}, nil))
	}
	if page, err := s.Changes(ctx, &common, 10); err != nil || page.Reset || len(page.Changes) != 1 {
		t.Errorf("a token of before: %+v, %v, want the change since", page, err)
	}
	for i, token := range again {
		if page, err := s.Changes(ctx, &token, 10); err != nil || page.Reset {
			t.Errorf("token %d of the new history: %+v, %v", i, page, err)
		}
	}
	title := "overwritten"
	_, err := s.Update(ctx, strconv.FormatInt(kept.ID, 10), models.UpdateTaskInput{Title: graphql.OmittableOf(&title)}, &version, nil)
	var refused models.UserErrors
	if !errors.As(err, &refused) {
		t.Errorf("an update that expects a lost version: %v, want a conflict", err)
	}
	// A user whose first write was lost gets other versions and tokens as well.
	mustCreate(as(ctx, newUser), t, s, "x")
	if task := mustCreate(as(ctx, newUser), t, s, "y"); task.Version < 1<<14 {
		t.Errorf("version %d of a user whose first write was lost", task.Version)
	}
	if page, err := s.Changes(as(ctx, newUser), fresh.token, 10); err != nil || !page.Reset || len(page.Changes) != 2 {
		t.Errorf("the lost token of a new user: %+v, %v, want a reset", page, err)
	}
}

// TestTokensOfEarlierReleases uses a database and a sync token from before the first era. Both continue without a reset.
func TestTokensOfEarlierReleases(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := as(t.Context(), "u")
		s := newService(opened.Migrated(t, url))
		task := mustCreate(ctx, t, s, "x")
		storetest.Exec(t, url, "UPDATE task_counter SET era = 0, eras = '', n = 5", "UPDATE task SET version = 5") // as the migration leaves it
		token := func(numbers ...byte) *string {                                                                   // number and snapshot
			sum := sha256.Sum256([]byte("a database\x00u\x00" + string(numbers)))
			return new(base64.RawURLEncoding.EncodeToString(append(sum[:8], numbers...)))
		}
		s = restart(t, url)
		if page, err := s.Changes(ctx, token(5, 5), 10); err != nil || page.Reset || len(page.Changes) != 0 {
			t.Errorf("before a write: %+v, %v, want nothing", page, err)
		}
		mustRetitle(ctx, t, s, task.ID, "y")
		for _, good := range []*string{token(4, 2), token(5, 0), token(0, 5)} {
			if page, err := s.Changes(ctx, good, 10); err != nil || page.Reset || len(page.Changes) != 1 {
				t.Errorf("after a write: %+v, %v, want it", page, err)
			}
		}
		if page, err := s.Changes(ctx, token(6, 0), 10); err != nil || !page.Reset {
			t.Errorf("a token of a change that was lost before the first era: %+v, %v, want a reset", page, err)
		}
	})
}

// TestManyEras starts servers again and again. Tokens must hold, numbers must rise, and a user who writes nothing must not notice.
func TestManyEras(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx, quiet := as(t.Context(), "u"), as(t.Context(), "quiet")
		s := restart(t, url)
		task := mustCreate(ctx, t, s, "x")
		if version := mustCreate(quiet, t, s, "x").Version; version != 1 || task.Version != 1 {
			t.Errorf("the first versions are %d and %d, want 1", version, task.Version)
		}
		asleep, awake := newReplica(s), newReplica(s)
		asleep.pullAll(quiet, t, 10)
		token := *asleep.token
		awake.pullAll(ctx, t, 10)
		var tokens []string
		last := task.Version
		for i := range 20 {
			if err := s.Store.BeginEra(ctx); err != nil {
				t.Fatal(err)
			}
			w := mustRetitle(ctx, t, s, task.ID, strconv.Itoa(i))
			if jump := w.Task.Version - last; jump < 1<<14 || jump > 1<<15 {
				t.Errorf("a new era leaves out %d numbers", jump-1)
			}
			if next := mustRetitle(ctx, t, s, task.ID, "next").Task.Version; next != w.Task.Version+1 {
				t.Errorf("version %d after %d in one era", next, w.Task.Version)
			}
			last = w.Task.Version + 1
			tokens = append(tokens, mustToken(ctx, t, s, w.ChangeID))
			if page := awake.pull(ctx, t, 10); page.Reset || len(page.Changes) != 1 {
				t.Errorf("era %d: %+v, want the change", i, page)
			}
		}
		for i, token := range tokens {
			if page, err := s.Changes(ctx, &token, 10); err != nil || page.Reset {
				t.Errorf("the token of era %d: %+v, %v", i, page, err)
			}
		}
		if asleep.pull(quiet, t, 10); *asleep.token != token || asleep.resets > 0 {
			t.Error("the token of a user who has not written has changed")
		}
	})
}

// TestServersAlternate has two servers write in turn. The second one's start begins an era, which both must use from then on.
func TestServersAlternate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := as(t.Context(), "u")
		first := restart(t, url)
		task := mustCreate(ctx, t, first, "x")
		second := restart(t, url)
		for i := range 10 {
			mustRetitle(ctx, t, first, task.ID, "first "+strconv.Itoa(i))
			mustRetitle(ctx, t, second, task.ID, "second "+strconv.Itoa(i))
		}
		if eras := storetest.Query(t, url, "SELECT length(eras) - length(replace(eras, ',', '')) FROM task_counter"); eras[0] != "2" {
			t.Errorf("%s eras in the counter, want 2", eras[0])
		}
	})
}

// TestErasAreForgotten fills the list of eras. The oldest tokens expire, and the list stays bounded.
func TestErasAreForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := as(t.Context(), "u")
		s := restart(t, url)
		task := mustCreate(ctx, t, s, "x")
		old := newReplica(s)
		old.pullAll(ctx, t, 10)
		storetest.Exec(t, url, "UPDATE task_counter SET eras = '2:77,' || eras")
		for range 9 {
			storetest.Exec(t, url, "UPDATE task_counter SET eras = substr(eras || eras, 1, 7990)")
		}
		if err := s.Store.BeginEra(ctx); err != nil {
			t.Fatal(err)
		}
		w := mustRetitle(ctx, t, s, task.ID, "y")
		if length := storetest.Query(t, url, "SELECT length(eras) FROM task_counter"); length[0] != "8000" {
			t.Errorf("the list has %s characters", length[0])
		}
		recent := mustToken(ctx, t, s, w.ChangeID)
		if page, err := s.Changes(ctx, &recent, 10); err != nil || page.Reset {
			t.Errorf("the last token: %+v, %v", page, err)
		}
		storetest.Exec(t, url, "UPDATE task_counter SET eras = substr(eras, 1, 30) || substr('"+eightThousand()+"', 1, 7970)")
		if page := old.pull(ctx, t, 10); !page.Reset {
			t.Errorf("a token from before all eras that are known: %+v, want a reset", page)
		}
	})
}

func eightThousand() string {
	text := ""
	for len(text) < 8000 {
		text += "2:77,"
	}
	return text
}

// TestKeysAfterPutBack checks that a key of a lost write is free again, and that an older one still protects its write.
func TestKeysAfterPutBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := as(t.Context(), "u")
		create := func(s *tasks.Service, key string) *tasks.Write {
			t.Helper()
			w, err := s.Create(ctx, models.CreateTaskInput{Title: key, Priority: models.PriorityLow}, nil, new("the key of the write "+key))
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		s := restart(t, url)
		kept := create(s, "kept")
		stop(t, s)
		putBack := storetest.Save(t, url)
		s = restart(t, url)
		lost := mustToken(ctx, t, s, create(s, "lost").ChangeID)
		stop(t, s)
		putBack()
		s = restart(t, url)
		if w := create(s, "kept"); w.Written || w.ChangeID != kept.ChangeID || w.Task.ID != kept.Task.ID {
			t.Errorf("a key from before: %+v, want the first write", w)
		}
		w := create(s, "lost")
		if !w.Written || mustToken(ctx, t, s, w.ChangeID) == lost {
			t.Errorf("a key of a lost write: %+v, want a new write with another token", w)
		}
		if again := create(s, "lost"); again.Written || again.ChangeID != w.ChangeID {
			t.Errorf("the key again: %+v, want the write %+v", again, w.ChangeID)
		}
	})
}

// TestQuotaAfterJump checks that numbers that eras left out do not count as tasks.
func TestQuotaAfterJump(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := as(t.Context(), "u")
		s := restart(t, url)
		s.MaxTasks = 3
		mustCreate(ctx, t, s, "x")
		if err := s.Store.BeginEra(ctx); err != nil {
			t.Fatal(err)
		}
		mustCreate(ctx, t, s, "y")
		if n, err := s.Store.Written(ctx, "u"); err != nil || n != 2 {
			t.Errorf("Written = %d, %v, want 2", n, err)
		}
		mustCreate(ctx, t, s, "z")
		if _, err := s.Create(ctx, models.CreateTaskInput{Title: "too many", Priority: models.PriorityLow}, nil, nil); err == nil {
			t.Error("the quota does not hold in a later era")
		}
	})
}

// TestFollowerOfALostHistory puts the database back under a live subscriber, who must not wait in silence.
func TestFollowerOfALostHistory(t *testing.T) {
	url := storetest.Postgres(t)
	ctx := as(t.Context(), "u")
	s := restart(t, url)
	task := mustCreate(ctx, t, s, "x")
	for _, writes := range []int{1, 20} { // fewer and more than were lost
		putBack := storetest.Save(t, url)
		since := newReplica(s)
		since.pullAll(ctx, t, 10)
		changes, ended := make(chan *tasks.Change, 100), make(chan error, 1)
		go func() {
			ended <- s.Follow(ctx, since.token, func() {}, func(c *tasks.Change) error { changes <- c; return nil })
		}()
		for i := range 10 {
			mustRetitle(ctx, t, s, task.ID, "lost "+strconv.Itoa(i))
		}
		for (<-changes).Task.Title != "lost 9" {
		}
		putBack()
		for i := range writes { // by another server, whose notifications do not arrive
			mustRetitle(ctx, t, newService(opened.Migrated(t, url)), task.ID, "again "+strconv.Itoa(i))
		}
		s.Events.Announce("u")
		select {
		case err := <-ended:
			wantBadToken(t, err)
		case <-time.After(20 * time.Second):
			t.Fatal("the subscriber waits in silence")
		}
	}
}
