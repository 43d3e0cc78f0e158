package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/words"
)

func mustMigrated(tb testing.TB, url string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustStore(tb testing.TB, s *Store, user, title, notes string, tags ...string) *models.Task {
	tb.Helper()
	now := models.Timestamp(time.Now())
	task := &models.Task{UserID: user, Title: title, Description: &notes, Tags: tags, Priority: models.PriorityLow, CreatedAt: now, UpdatedAt: now}
	if _, err := s.Create(tb.Context(), task, 100_000); err != nil {
		tb.Fatal(err)
	}
	return task
}

// searchList is the first page of a search.
func searchList(user, search string) Query {
	return Query{
		User: user, Trash: models.TrashScopeInclude, Search: words.Parse(search), Zone: time.UTC, Limit: 50, Total: true,
		Order: []Key{{Field: models.TaskOrderFieldRelevance, Desc: true}, {Field: models.TaskOrderFieldCreatedAt, Desc: true}},
	}
}

// mustFind returns the titles of the tasks that a search finds, with their relevance.
func mustFind(tb testing.TB, s *Store, user, search string) (found []string) {
	tb.Helper()
	if words.Parse(search) == nil {
		return nil
	}
	query := searchList(user, search)
	query.Limit = 2 * mergeEvery
	list, err := s.List(tb.Context(), query)
	if err != nil {
		tb.Fatalf("List(%q) = %v", search, err)
	}
	for i, task := range list.Tasks {
		found = append(found, fmt.Sprint(task.Title, " ", list.Relevance[i]))
	}
	return found
}

// TestSearchOfOldTasks has the migration make searchable what was there before it.
func TestSearchOfOldTasks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		mustStore(t, s, "u", "牛奶 and bread", "notes on it", "a tag", "of it")
		searches := map[string][]string{"奶": nil, "bread not": nil, `"a tag"`: nil, `"tag of"`: nil}
		for search := range searches {
			searches[search] = mustFind(t, s, "u", search)
		}
		for name := ""; name != "0003_search"; {
			var err error
			if name, err = s.MigrateDown(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		const more = 2*batch + 1
		_, err := s.write.NewRaw(`WITH RECURSIVE g(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM g WHERE i <= ?)
			INSERT INTO ?task (user_id, title, created_at, updated_at, position, version)
			SELECT 'u', 'old ' || i, ?, ?, 'h', i FROM g`, more, time.Now(), time.Now()).Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for search, before := range searches {
			if found := mustFind(t, s, "u", search); !slices.Equal(found, before) || (len(found) == 0) != (search == `"tag of"`) {
				t.Errorf("after the migration %q finds %q, before it was %q", search, found, before)
			}
		}
		if list, err := s.List(t.Context(), searchList("u", "old")); err != nil || list.Total != more {
			t.Errorf("after the migration %d old tasks are found, %v, want %d", list.Total, err, more)
		}
	})
}

// TestRelevanceOfManyWords has three words rated one by one, and the others by the best field that has all of them.
func TestRelevanceOfManyWords(t *testing.T) {
	const first = "a b c"
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		mustStore(t, s, "u", first+" g h ink", "")
		mustStore(t, s, "u", first+" g h in", "")
		mustStore(t, s, "u", first+" g", "", "h", "in")
		mustStore(t, s, "u", first, "", "in g h")
		mustStore(t, s, "u", first, "g h ink")
		mustStore(t, s, "u", first+" h in", "")
		for search, want := range map[string][]string{
			first + " g h in":   {first + " g h in 24", first + " g h ink 23", first + " 22", first + " 19", first + " g 19"},
			first + ` g h "in"`: {first + " g h in 24", first + " 22", first + " g 19"},
		} {
			if found := mustFind(t, s, "u", search); !slices.Equal(found, want) {
				t.Errorf("%s finds %q, want %q", search, found, want)
			}
		}
	})
}

// TestRelevanceOfAPage has SQLite look up the relevance of each task of the page, instead of collecting all tasks that contain a word.
func TestRelevanceOfAPage(t *testing.T) {
	s := mustMigrated(t, storetest.SQLite(t))
	mustStore(t, s, "u", "milk and bread", "")
	var seen statements
	seen.observe(s)
	q := searchList("u", "milk br")
	q.Order, q.Relevance = []Key{{Field: models.TaskOrderFieldCreatedAt, Desc: true}}, true
	if list, err := s.List(t.Context(), q); err != nil || !slices.Equal(list.Relevance, []int{11}) {
		t.Fatalf("List = %v, %v", list, err)
	}
	var plans string
	for _, query := range seen.queries {
		plans += s.plan(t, query)
	}
	if strings.Contains(plans, "LIST SUBQUERY") || !strings.Contains(plans, "CORRELATED SCALAR SUBQUERY") {
		t.Errorf("the plan collects all matches:\n%s", plans)
	}
}

// TestSearchAccess has each way to read a search return the same pages and facts.
func TestSearchAccess(t *testing.T) {
	s := mustMigrated(t, storetest.Postgres(t))
	priorities := []models.Priority{models.PriorityLow, models.PriorityMedium, models.PriorityHigh}
	now := models.Timestamp(time.Now())
	for i := range 120 {
		user, title := "u", fmt.Sprint("milk ", i%7)
		if i%4 == 0 {
			user = "another user"
		}
		notes, created := "a note", now.Add(time.Duration(i*37%50)*time.Second) // some of them equal
		task := &models.Task{UserID: user, Title: title, Description: &notes, Tags: []string{fmt.Sprint("tag ", i%3)}, Priority: priorities[i%3], CreatedAt: created, UpdatedAt: now}
		if _, err := s.Create(t.Context(), task, 1000); err != nil {
			t.Fatal(err)
		}
	}
	low, high := priorities[0], priorities[2]
	filters := []*models.PriorityFilter{nil, {Eq: &low}, {Neq: &low}, {In: []models.Priority{low, high, low}}, {In: []models.Priority{}}, {Eq: &high, In: []models.Priority{low}}, {Gte: &high}}
	orders := [][]Key{
		{by(models.TaskOrderFieldCreatedAt, true)}, {by(models.TaskOrderFieldCreatedAt, false)}, {by(models.TaskOrderFieldTitle, true)}, {by(models.TaskOrderFieldDue, true)},
		searchList("u", "milk").Order, {by(models.TaskOrderFieldCreatedAt, true), by(models.TaskOrderFieldRelevance, false)},
	}
	for _, search := range []string{"milk", "mil", `"milk 3"`, "tag 1 not", "none", "-"} {
		for _, order := range orders {
			for _, priority := range filters {
				q := searchList("u", search)
				q.Order, q.Total, q.Relevance, q.Limit, q.Trash = order, false, true, 10, models.TrashScopeExclude
				if priority != nil {
					q.Filter = &models.TaskFilter{Priority: priority}
				}
				sameByEachAccess := func(name string) *List {
					var first *List
					for _, access := range []searchAccess{searchAll, searchFew, searchWalk} {
						for _, sorted := range []bool{false, true} {
							q := q
							q.access, q.sorted = access, sorted
							if access == searchWalk && (sorted || q.byRelevance() || len(q.Search.Phrases) == 0) || sorted && !q.sortsMatches() {
								continue
							}
							list, many, err := s.listWithFacts(t.Context(), q)
							if err != nil || many {
								t.Fatal(err, many)
							}
							if first == nil {
								first = list
							}
							if !reflect.DeepEqual(first, list) {
								t.Errorf("search %q by %v, priority %+v, %s, access %d, sorted %t = %+v, want %+v", search, order, priority, name, access, sorted, list, first)
							}
						}
					}
					whole := q // by the way that List chooses, as for a page without facts
					whole.Relevance, whole.Preceding, whole.Following = false, false, false
					list, err := s.List(t.Context(), whole)
					if err != nil {
						t.Fatal(err)
					}
					if q.FromEnd {
						slices.Reverse(list.Tasks)
						slices.Reverse(list.Relevance)
					}
					if !reflect.DeepEqual(first.Tasks, list.Tasks) || q.byRelevance() && !reflect.DeepEqual(first.Relevance, list.Relevance) {
						t.Errorf("search %q by %v, priority %+v, %s = %+v, want %+v", search, order, priority, name, list, first)
					}
					return first
				}
				page := sameByEachAccess("first page")
				if (len(page.Tasks) == 0) != (search == "none" || search == "-" || priority != nil && (priority.In != nil && len(priority.In) == 0 || priority.Eq == &high && priority.In != nil)) {
					t.Errorf("search %q with priority %+v finds %d tasks", search, priority, len(page.Tasks))
				}
				if len(page.Tasks) < 3 {
					continue
				}
				third := &Keyset{ID: page.Tasks[2].ID}
				for _, key := range order {
					if key.Field == models.TaskOrderFieldRelevance {
						third.Values = append(third.Values, page.Relevance[2])
					} else {
						third.Values = append(third.Values, SortValue(page.Tasks[2], key.Field))
					}
				}
				q.After, q.Preceding = third, true
				if after := sameByEachAccess("after the third"); !after.Preceding || len(page.Tasks) > 3 && after.Tasks[0].ID != page.Tasks[3].ID {
					t.Errorf("search %q by %v: the page after the third is %+v", search, order, after)
				}
				q.After, q.Preceding, q.Before, q.Following, q.FromEnd = nil, false, third, true, true
				if before := sameByEachAccess("before the third"); !before.Following || len(before.Tasks) != 2 || before.Tasks[0].ID != page.Tasks[1].ID {
					t.Errorf("search %q by %v: the page before the third is %+v", search, order, before)
				}
			}
		}
	}
}

// TestMatchesMigration has the migration and its way back keep the terms of existing tasks.
func TestMatchesMigration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		mustStore(t, s, "u", "milk 0bfe935e", "0bfe935e\nnotes on it", "a tag", "0bfe935e") // 0bfe935e is the key of the user before
		mustStore(t, s, "v", "", "")
		mustMergeTerms(t, s, "u")
		mustMergeTerms(t, s, "v")
		terms := func() (rows []string) {
			t.Helper()
			query := "SELECT task_search.*::text FROM task_search ORDER BY task_id"
			if !s.postgres {
				query = "SELECT rowid FROM task_search WHERE task_search MATCH '0bfe935e0bfe935e'"
			}
			if err := s.write.NewRaw(query).Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			return rows
		}
		before := terms()
		if len(before) == 0 {
			t.Fatal("there are no terms")
		}
		for name := ""; name != "0010_matches"; {
			var err error
			if name, err = s.MigrateDown(t.Context()); name == "" || err != nil {
				t.Fatal(name, err)
			}
		}
		if old := terms(); s.postgres && old[0] != `(1,"'0bfe935e' '0bfe935e0bfe935e':2A,7B,10C '0bfe935ea':4B '0bfe935eit':13C '0bfe935emilk':1A '0bfe935enotes':11C '0bfe935eon':12C '0bfe935etag':5B")` {
			t.Errorf("before the migration the terms are %s", old)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := terms(); !slices.Equal(before, after) {
			t.Errorf("after the migration the terms are %q, want %q", after, before)
		}
	})
}

// TestSearchFollowsWrites looks at what is stored beside the tasks.
func TestSearchFollowsWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := mustMigrated(t, url)
		// state changes with each write to the terms.
		state := func() (state string) {
			t.Helper()
			query := "SELECT hex(block) FROM task_search_data WHERE id = 10" // FTS5's list of its segments
			if s.postgres {
				query = "SELECT string_agg(place, ',') FROM (SELECT ctid || ' ' || xmin AS place FROM task_search UNION ALL SELECT ctid || ' ' || xmin FROM task_search_recent) AS terms"
			}
			if err := s.read.NewRaw(query).Scan(t.Context(), &state); err != nil {
				t.Fatal(err)
			}
			return state
		}
		task := mustStore(t, s, "u", "milk", "")
		update := func(change func(*models.Task)) {
			t.Helper()
			next := *task
			change(&next)
			if id, err := s.Update(t.Context(), task, &next); id == (ChangeID{}) || err != nil {
				t.Fatal(id, err)
			}
			task = &next
		}
		finds := func(search string, want bool) {
			t.Helper()
			if found := mustFind(t, s, "u", search); (len(found) > 0) != want {
				t.Errorf("%q finds %q", search, found)
			}
		}
		finds("milk", true)
		was := state()
		toggled, _, err := s.Apply(t.Context(), Toggle, "u", task.ID, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		task = toggled
		update(func(t *models.Task) { t.Completed = false })
		if state() != was {
			t.Error("a write that left the texts alone has written the terms")
		}
		update(func(t *models.Task) { t.Priority = models.PriorityHigh })
		if (state() != was) != s.postgres {
			t.Error("a write of the priority must write the terms on PostgreSQL only")
		}
		was = state()
		update(func(t *models.Task) { t.Title = "bread" })
		finds("milk", false)
		finds("bread", true)
		if state() == was {
			t.Error("a write to the title has left the terms as they were")
		}
		notes := "with butter"
		update(func(t *models.Task) { t.Description = &notes })
		update(func(t *models.Task) { t.Tags = []string{"kitchen"} })
		finds("bread butter kitchen", true)
		update(func(t *models.Task) { t.Description, t.Tags = nil, []string{} })
		finds("butter", false)
		finds("kitchen", false)

		late := *task
		late.Version--
		late.Title = "too late"
		if id, err := s.Update(t.Context(), task, &late); id != (ChangeID{}) || err != nil {
			t.Errorf("Update with an old version = %v, %v", id, err)
		}
		finds("late", false)

		// The terms of PostgreSQL contain the priority.
		list := searchList("u", "bread")
		low := models.PriorityLow
		list.Filter = &models.TaskFilter{Priority: &models.PriorityFilter{Eq: &low}}
		rated := func(priority models.Priority) int {
			t.Helper()
			next := *task
			next.Priority = priority
			err := s.Transaction(t.Context(), "u", func(s *Store) error {
				return s.UpdateAll(t.Context(), "u", []*models.Task{task}, []*models.Task{&next})
			})
			if err != nil {
				t.Fatal(err)
			}
			task = &next
			found, err := s.List(t.Context(), list)
			if err != nil {
				t.Fatal(err)
			}
			return found.Total
		}
		if low, high := rated(models.PriorityLow), rated(models.PriorityHigh); low != 1 || high != 0 {
			t.Errorf("%d tasks of the right priority are found, and %d of another one", low, high)
		}

		if _, err := s.write.NewRaw("DELETE FROM ?task WHERE id = ?", task.ID).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := s.read.NewRaw("SELECT count(*) FROM task_search").Scan(t.Context(), &left); err != nil || left != 0 {
			t.Errorf("of a deleted task %d rows of terms are left, %v", left, err)
		}
	})
}

// TestSearchPlan has Postgres use its indexes for a search, whatever others keep in the same tables.
func TestSearchPlan(t *testing.T) {
	url, rows := storetest.Postgres(t), storetest.Scale(12_000, 100_000)
	if rows < 100_000 {
		// A table of this size is cheap to scan. The plan then shows whether the index can serve the search. Whether PostgreSQL
		// chooses it by itself is what the full size shows.
		url += "&enable_seqscan=off"
	}
	s := mustMigrated(t, url)
	for _, statement := range []string{
		`INSERT INTO task (user_id, title, created_at, updated_at, position, version)
			SELECT CASE WHEN i % 3 = 0 THEN 'big' ELSE 'u' || (i % 1000) END, 'task', now(), now(), 'h', i FROM generate_series(1, ` + fmt.Sprint(rows) + `) AS i`,
		`INSERT INTO task_search (task_id, created_at, words)
			SELECT id, now(), CAST(format('''%1$s'' ''%1$stask'':1A ''%1$sx%2$s'':2A ''%1$snote'':4C', mark, id % 40) AS tsvector)
			FROM (SELECT id, left(encode(sha256(convert_to(user_id, 'UTF8')), 'base64'), 4) AS mark FROM task) AS t`,
		recentTerms(100),
		"ANALYZE task, task_search, task_search_recent",
	} {
		if _, err := s.write.NewRaw(statement).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var seen statements
	seen.observe(s)
	for _, tt := range []struct {
		user, search string
		found        int
	}{
		{"u5", "task", (rows/1000*2 + 2) / 3}, {"u5", "t", (rows/1000*2 + 2) / 3}, {"u5", `"task x5"`, (rows/1000*2 + 2) / 3}, {"u5", "none", 0}, {"big", "x7", rows / 120}, {"nobody", "t", 0},
	} {
		list, err := s.List(t.Context(), searchList(tt.user, tt.search))
		if err != nil || list.Total != tt.found {
			t.Fatalf("List(%q, %q) = %d tasks, %v, want %d", tt.user, tt.search, list.Total, err, tt.found)
		}
		last := seen.bound[len(seen.bound)-1]
		if times := s.timesPlanned(t, last); times > 5 { // as long as PostgreSQL compares plans
			t.Errorf("a search for %q is planned anew each time", tt.search)
		}
		text := s.plan(t, last.inline()) + "\n" + strings.Join(s.explainGeneric(t, "VERBOSE false", last), "\n")
		if strings.Contains(text, "Seq Scan") || strings.Count(text, "task_search_words") != 2 || strings.Count(text, "task_search_recent_pkey") != 2 {
			t.Errorf("the plan of %q for %q reads a whole table:\n%s", tt.search, tt.user, text)
		}
	}
}

// FuzzSearch has both databases find the same in any text by any search, and a text by itself.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{
		"milk", "' OR 1=1 --", `"a b" c`, "title : a NEAR(b c) ^d*", "'a':1A & 'b' <-> !c | d:*B", `\' \\ ? ?task $1`, "中文 and 文", "ก็ กำ",
		"👩\u200d💻 ❤\ufe0f", "Σίσυφος", "e\u0301 é", "\u200b", "x\x01y", "{title tags} : z", "a\nb", "\u00bd \ufdfa \u3316", "\U0001e900 𝔘𝔫𝔦", "ǅ İ ı ſ ß ẞ",
	} {
		f.Add(text, text)
	}
	stores := []*Store{mustMigrated(f, storetest.SQLite(f)), mustMigrated(f, storetest.Postgres(f))}
	tasks := make([]*models.Task, len(stores))
	for i, s := range stores {
		mustStore(f, s, "u", "title", "notes")
		tasks[i] = mustStore(f, s, "u", "x", "")
	}
	f.Fuzz(func(t *testing.T, text, search string) {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
		text = string([]rune(text)[:min(len([]rune(text)), models.MaxTitle)])
		var found [2][]string
		for i, s := range stores {
			next := *tasks[i]
			next.Title = text
			if id, err := s.Update(t.Context(), tasks[i], &next); id == (ChangeID{}) || err != nil {
				t.Fatal(id, err)
			}
			tasks[i] = &next
			found[i] = mustFind(t, s, "u", search)
			if p := words.Parse(text); p != nil && len(p.Phrases) > 0 && !slices.Contains(mustFind(t, s, "u", text), fmt.Sprint(text, " ", BestMatch*len(p.Rated()))) {
				t.Errorf("%s does not find %q by itself", s.Kind(), text)
			}
		}
		if !slices.Equal(found[0], found[1]) {
			t.Errorf("with %q, %q finds %q on SQLite and %q on PostgreSQL", text, search, found[0], found[1])
		}
	})
}
