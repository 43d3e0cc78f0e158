package tasks_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/99designs/gqlgen/graphql"
	"golang.org/x/text/unicode/norm"

	"taskql/models"
	"taskql/store/storetest"
	"taskql/tasks"
)

// corpus contains texts that are difficult to search.
var corpus = []string{
	"Water the plants", "water PLANTS twice, then water again", "Wasser für die Pflanzen", "plantation", "Re-plant: foo-bar_baz/qux.txt",
	"Überraschung für Zoë", norm.NFD.String("Überraschung für Zoë"), "Uberraschung fur Zoe", "naïve café CAFÉ " + norm.NFD.String("café"),
	"Купить молоко и хлеб", "МОЛОКО для Ёжика", "Ο ΣΊΣΥΦΟΣ και ο Σίσυφος", "οδός ΟΔΌΣ οδοσ",
	"اشترِ الحليب غدًا", "شراء حليب ٣ لتر", "می\u200cخواهم بخوانم", "קנה חלב בָּבֹקֶר", "חלב ולחם",
	"买牛奶和面包", "牛奶 面包", "奶牛 牛 奶", "東京都に行く", "京都へ行く", "コーヒーを買う", "ｺｰﾋｰ カフェ", "がぎぐ " + norm.NFD.String("がぎぐ"), "abc中文def",
	"ซื้อนมและขนมปัง", "ขนมปังกับนม", "ຊື້ນົມ", "ទិញទឹកដោះគោ", "နို့ဝယ်ပါ", "우유 사기", "दूध खरीदें", "দুধ কিনুন",
	"👩\u200d👩\u200d👧\u200d👦 family 🎂", "👍🏽 done 👍", "🇩🇪 Reise 🇫🇷", "❤️ ❤ ☕️", "1️⃣ first ②",
	"don't won’t rock ´n roll", "C++ & C# 100% $5 a_b a\\b a/b", "'quoted' \"double\" “curly”", "' OR 1=1; --", "title : water NEAR(a b) AND NOT x* ^y",
	"('a' & 'b') <-> !c | d:*A", "? ?? ?task $1 {{.}} \\' \\\\", "e-mail: Ann.Lee@example.org", "https://example.org/a/b?c=d&e=f#g", "v1.2.3-rc4 2026-03-01 17:30",
	strings.Repeat("x", 60) + "a " + strings.Repeat("x", 60) + "b", "Donaudampfschifffahrtsgesellschaftskapitän", "İstanbul IŞIK ışık istanbul", "ﬁne ﬂow ½ m² ㎏",
	"soft\u00adhyphen zero\u200bwidth word\u2060joiner", "\u0301mark \u20e3", "foo\tbar\nbaz", "x y x y x", "water", "WATER the", "the water", "a", "ab abc abcd",
	"one two three four", "five six seven", "eight one five", "one two three four five six seven eight nine",
}

// These expressions implement the rules of package words independently.
var (
	unseen   = regexp.MustCompile(`[\x{fe00}-\x{fe0f}\x{1f3fb}-\x{1f3ff}\x{ad}\x{200c}-\x{200f}\x{2060}]`)
	unspaced = regexp.MustCompile(`[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}ー]`)
	word     = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}\p{M}]*|[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|\p{So}`)
	part     = regexp.MustCompile(`"([^"]*)("|$)|[^"\s]+`)
)

func plainWords(text string) []string {
	text = unseen.ReplaceAllString(norm.NFKC.String(text), "")
	text = strings.ReplaceAll(strings.Map(unicode.ToLower, text), "ς", "σ")
	return word.FindAllString(unspaced.ReplaceAllString(text, " $0 "), -1)
}

type plainPhrase struct {
	words  []string
	prefix bool
}

func plainSearch(text string) (phrases []plainPhrase) {
	text = strings.NewReplacer("“", `"`, "”", `"`).Replace(norm.NFKC.String(text))
	for _, match := range part.FindAllStringSubmatch(text, -1) {
		inner := match[0]
		if strings.HasPrefix(inner, `"`) {
			inner = match[1]
		}
		if found := plainWords(inner); len(found) > 0 {
			phrases = append(phrases, plainPhrase{found, match[2] == ""})
		}
	}
	var distinct []plainPhrase
	for i, phrase := range phrases {
		// A letter of a script without spaces is a whole word.
		phrase.prefix = phrase.prefix && i == len(phrases)-1 && !unspaced.MatchString(phrase.words[len(phrase.words)-1])
		if !slices.ContainsFunc(distinct, func(p plainPhrase) bool { return p.prefix == phrase.prefix && slices.Equal(p.words, phrase.words) }) {
			distinct = append(distinct, phrase)
		}
	}
	return distinct
}

// matchIn returns 2 if the field contains the phrase, 1 if the phrase matches with its last word as a prefix, and 0
// otherwise.
func (p plainPhrase) matchIn(field []string) (best int) {
	for i := 0; i+len(p.words) <= len(field); i++ {
		last := len(p.words) - 1
		if !slices.Equal(field[i:i+last], p.words[:last]) {
			continue
		}
		if field[i+last] == p.words[last] {
			return 2
		}
		if p.prefix && strings.HasPrefix(field[i+last], p.words[last]) {
			best = 1
		}
	}
	return best
}

// plainIndex caches the words of texts. Computing them would take most of the test's time.
type plainIndex map[string][]string

func (known plainIndex) words(text string) []string {
	if known[text] == nil {
		known[text] = plainWords(text)
	}
	return known[text]
}

// relevance returns the expected relevance of a task; 0 if the search does not find it.
func (known plainIndex) relevance(phrases []plainPhrase, t *models.Task) float64 {
	if len(phrases) == 0 {
		return 0
	}
	// Those after the third count together.
	groups := slices.Collect(slices.Chunk(phrases[:min(len(phrases), 3)], 1))
	if len(phrases) > 3 {
		groups = append(groups, phrases[3:])
	}
	sum := 0
	for _, group := range groups {
		best := 0
		for _, field := range known.fields(t) {
			if found := matchIn(group, field.texts, known); found > 0 {
				best = max(best, field.points+found)
			}
		}
		for _, phrase := range group {
			if !slices.ContainsFunc(known.fields(t), func(f plainField) bool { return matchIn([]plainPhrase{phrase}, f.texts, known) > 0 }) {
				return 0
			}
		}
		sum += max(best, 1) // 1 if its phrases are in different fields
	}
	return float64(sum) / float64(6*len(groups))
}

// plainField is a field of a task with the points that it counts beside those of matchIn.
type plainField struct {
	points int
	texts  []string
}

func (plainIndex) fields(t *models.Task) []plainField {
	fields := []plainField{{4, []string{t.Title}}, {2, t.Tags}}
	if t.Description != nil {
		fields = append(fields, plainField{0, []string{*t.Description}})
	}
	return fields
}

// matchIn returns the worst match of the phrases, each in the best of the texts.
func matchIn(phrases []plainPhrase, texts []string, known plainIndex) int {
	worst := 2
	for _, phrase := range phrases {
		best := 0
		for _, text := range texts {
			best = max(best, phrase.matchIn(known.words(text)))
		}
		worst = min(worst, best)
	}
	return worst
}

// match is a task that a search finds.
type match struct {
	task      *models.Task
	relevance float64
}

func compareMatches(order []*models.TaskOrder, a, b match) int {
	rank := map[models.Priority]int{models.PriorityHigh: 3, models.PriorityMedium: 2, models.PriorityLow: 1}
	desc := true
	for _, key := range order {
		desc = key.Direction == models.OrderDirectionDesc
		c := 0
		switch key.Field {
		case models.TaskOrderFieldRelevance:
			c = cmp.Compare(a.relevance, b.relevance)
		case models.TaskOrderFieldPriority:
			c = cmp.Compare(rank[a.task.Priority], rank[b.task.Priority])
		case models.TaskOrderFieldTitle:
			c = cmp.Compare(models.Fold(a.task.Title), models.Fold(b.task.Title))
		default:
			c = a.task.CreatedAt.Compare(b.task.CreatedAt)
		}
		if c != 0 && desc {
			return -c
		} else if c != 0 {
			return c
		}
	}
	if desc {
		return -cmp.Compare(a.task.ID, b.task.ID)
	}
	return cmp.Compare(a.task.ID, b.task.ID)
}

func randomText(random *rand.Rand) string {
	text := corpus[random.IntN(len(corpus))]
	for range random.IntN(3) {
		text += " " + corpus[random.IntN(len(corpus))]
	}
	return text
}

// randomSearch returns a search made of parts of the stored texts. Their letter case, encoding, quotes and word order vary.
func randomSearch(random *rand.Rand) string {
	var search string
	for range 1 + random.IntN(3) {
		runes := []rune(randomText(random))
		from := random.IntN(len(runes))
		text := string(runes[from : from+random.IntN(min(12, len(runes)-from)+1)])
		switch random.IntN(8) {
		case 0:
			text = strings.ToUpper(text)
		case 1:
			text = norm.NFD.String(text)
		case 2, 3:
			text = `"` + text + `"`
		case 4:
			text = `"` + text
		case 5:
			all := strings.Fields(text)
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			text = strings.Join(all, " ")
		case 6:
			text = randomText(random)
		}
		search += text + []string{"", " ", " ", " - ", "*"}[random.IntN(5)]
	}
	return search
}

func randomTask(random *rand.Rand) models.CreateTaskInput {
	title := func(text string) string { return string([]rune(text)[:min(len([]rune(text)), models.MaxTitle)]) }
	input := models.CreateTaskInput{
		Title:    title(randomText(random)),
		Priority: []models.Priority{models.PriorityHigh, models.PriorityMedium, models.PriorityLow}[random.IntN(3)],
	}
	for range random.IntN(3) {
		tag := []rune(corpus[random.IntN(len(corpus))])
		input.Tags = append(input.Tags, strings.TrimSpace(string(tag[:min(len(tag), models.MaxTag)])))
	}
	if random.IntN(2) == 0 {
		input.Description = ptr(randomText(random))
	}
	return input
}

// TestSearch compares random searches with a plain search in memory, in both directions and while tasks are written. It
// compares the tasks, their relevance and order, and the counts and flags of each page.
func TestSearch(t *testing.T) {
	desc, asc := models.OrderDirectionDesc, models.OrderDirectionAsc
	by := func(field models.TaskOrderField, direction models.OrderDirection) *models.TaskOrder {
		return &models.TaskOrder{Field: field, Direction: direction}
	}
	standard := []*models.TaskOrder{by(models.TaskOrderFieldRelevance, desc), by(models.TaskOrderFieldCreatedAt, desc)}
	orders := [][]*models.TaskOrder{
		nil,
		{by(models.TaskOrderFieldRelevance, asc)},
		{by(models.TaskOrderFieldRelevance, desc), by(models.TaskOrderFieldTitle, asc)},
		{by(models.TaskOrderFieldPriority, desc), by(models.TaskOrderFieldRelevance, desc)},
		{by(models.TaskOrderFieldTitle, desc)},
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		random := rand.New(rand.NewPCG(seed, 1))
		ctx := as(t.Context(), "searcher")
		all := map[int64]*models.Task{}
		write := func() {
			*clock = clock.Add(time.Duration(random.IntN(2)) * time.Second)
			disturbTexts(ctx, t, s, all, random)
		}
		for i := range storetest.Scale(120, 250) {
			create(ctx, t, s, all, randomTask(random))
			*clock = clock.Add(time.Duration(random.IntN(2)) * time.Second)
			if i%5 == 0 {
				create(as(t.Context(), "other"), t, s, map[int64]*models.Task{}, randomTask(random))
			}
		}
		searches, hits, known := storetest.Scale(80, 300), 0, plainIndex{}
		for range searches {
			search := randomSearch(random)
			if strings.TrimSpace(search) == "" {
				continue
			}
			order := orders[random.IntN(len(orders))]
			compareBy := order
			if order == nil {
				compareBy = standard
			}
			hits += compareSearch(ctx, t, s, all, known, search, order, compareBy, random, write)
		}
		t.Logf("%d tasks found", hits)
		if hits < searches/4 {
			t.Errorf("the searches found %d tasks, too few to prove something", hits)
		}
	})
}

func create(ctx context.Context, t *testing.T, s *tasks.Service, all map[int64]*models.Task, input models.CreateTaskInput) {
	t.Helper()
	write, err := s.Create(ctx, input, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	all[write.Task.ID] = write.Task
}

// disturbTexts creates, changes, toggles and deletes some tasks.
func disturbTexts(ctx context.Context, t *testing.T, s *tasks.Service, all map[int64]*models.Task, random *rand.Rand) {
	t.Helper()
	for _, task := range all { // the order is random
		id := strconv.FormatInt(task.ID, 10)
		next := randomTask(random)
		var input models.UpdateTaskInput
		switch random.IntN(7) {
		case 0:
			create(ctx, t, s, all, next)
			return
		case 1:
			if _, err := s.Delete(ctx, id, nil); err != nil {
				t.Fatal(err)
			}
			delete(all, task.ID)
			return
		case 2:
			input.Title = graphql.OmittableOf(&next.Title)
		case 3:
			input.Tags = graphql.OmittableOf(next.Tags)
			if next.Tags == nil {
				input.Tags = graphql.OmittableOf([]string{})
			}
		case 4:
			input.Description = graphql.OmittableOf(next.Description)
		case 5:
			input.Completed = graphql.OmittableOf(ptr(!task.Completed))
		default:
			return
		}
		write, err := s.Update(ctx, id, input, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all[task.ID] = write.Task
		return
	}
}

// compareSearch reads all pages of a search and returns the number of tasks found.
func compareSearch(ctx context.Context, t *testing.T, s *tasks.Service, all map[int64]*models.Task, known plainIndex, search string,
	order, by []*models.TaskOrder, random *rand.Rand, write func()) (met int) {
	t.Helper()
	phrases := plainSearch(search)
	backward := random.IntN(2) == 0
	var cursor *string
	var at *match
	for {
		size := 1 + random.IntN(20)
		// Without the total and an order by relevance, the list is read in another way.
		args := tasks.ListArgs{Search: &search, Order: order, Total: random.IntN(2) == 0, HasNext: true, HasPrevious: true, Relevance: true}
		if backward {
			args.Last, args.Before = &size, cursor
		} else {
			args.First, args.After = &size, cursor
		}
		page, err := s.List(ctx, args)
		if err != nil {
			t.Fatalf("List(%q) = %v", search, err)
		}
		var plain []match
		for _, task := range all {
			if relevance := known.relevance(phrases, task); relevance > 0 {
				plain = append(plain, match{task, relevance})
			}
		}
		slices.SortFunc(plain, func(a, b match) int { return compareMatches(by, a, b) })
		from, end := 0, len(plain)
		if backward {
			if at != nil {
				end, _ = slices.BinarySearchFunc(plain, *at, func(a, b match) int { return compareMatches(by, a, b) })
			}
			from = max(0, end-size)
		} else {
			if at != nil {
				found := false
				if from, found = slices.BinarySearchFunc(plain, *at, func(a, b match) int { return compareMatches(by, a, b) }); found {
					from++
				}
			}
			end = min(len(plain), from+size)
		}
		var got, want []string
		edges := page.Edges()
		for _, edge := range edges {
			got = append(got, fmt.Sprintf("%d %.4f %q", edge.Node.ID, *edge.Relevance(), edge.Node.Title))
		}
		for _, m := range plain[from:end] {
			want = append(want, fmt.Sprintf("%d %.4f %q", m.task.ID, m.relevance, m.task.Title))
		}
		info := page.PageInfo()
		if !slices.Equal(got, want) || args.Total && page.TotalCount != len(plain) || info.HasPreviousPage != (from > 0) || info.HasNextPage != (end < len(plain)) {
			t.Fatalf("List(%q, %d, backward %v, after %v) =\n%s\nof %d, previous %v, next %v\nwant\n%s\nof %d, previous %v, next %v\nphrases %v", search, size, backward, at,
				strings.Join(got, "\n"), page.TotalCount, info.HasPreviousPage, info.HasNextPage,
				strings.Join(want, "\n"), len(plain), from > 0, end < len(plain), phrases)
		}
		met += len(edges)
		if len(edges) == 0 || backward && from == 0 || !backward && end == len(plain) {
			return met
		}
		edge := edges[len(edges)-1]
		if backward {
			edge = edges[0]
		}
		at, cursor = &match{edge.Node, *edge.Relevance()}, ptr(edge.Cursor())
		for range random.IntN(3) {
			write()
		}
	}
}

func TestSearchAndTheRest(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, clock *time.Time) {
		ctx := as(t.Context(), "u")
		all := map[int64]*models.Task{}
		add := func(title string, priority models.Priority) *models.Task {
			*clock = clock.Add(time.Second)
			write, err := s.Create(ctx, models.CreateTaskInput{Title: title, Priority: priority, Description: ptr("milk")}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			all[write.Task.ID] = write.Task
			return write.Task
		}
		add("milk high", models.PriorityHigh)
		add("milk low", models.PriorityLow)
		add("bread", models.PriorityHigh)
		gone := add("sour milk", models.PriorityHigh)
		if _, err := s.Delete(ctx, strconv.FormatInt(gone.ID, 10), nil); err != nil {
			t.Fatal(err)
		}
		high := &models.TaskFilter{Priority: &models.PriorityFilter{Eq: ptr(models.PriorityHigh)}}
		cases := []struct {
			args tasks.ListArgs
			want []string
		}{
			{tasks.ListArgs{Search: ptr("milk")}, []string{"milk low", "milk high", "bread"}},
			{tasks.ListArgs{Search: ptr("milk"), Filter: high}, []string{"milk high", "bread"}},
			{tasks.ListArgs{Search: ptr("milk"), Trash: models.TrashScopeOnly}, []string{"sour milk"}},
			{tasks.ListArgs{Search: ptr("sour"), Trash: models.TrashScopeInclude}, []string{"sour milk"}},
			{tasks.ListArgs{Search: ptr("milk bread")}, []string{"bread"}},
			{tasks.ListArgs{Search: ptr("bread butter")}, nil},
			{tasks.ListArgs{Search: ptr(" \t\u3000")}, []string{"bread", "milk low", "milk high"}},
			{tasks.ListArgs{}, []string{"bread", "milk low", "milk high"}},
			{tasks.ListArgs{Search: ptr("-")}, nil},
			{tasks.ListArgs{Search: ptr(`""`)}, nil},
			{tasks.ListArgs{Search: ptr("- bre")}, []string{"bread"}},
		}
		for _, c := range cases {
			c.args.Total = true
			page, err := s.List(ctx, c.args)
			if err != nil || !slices.Equal(titles(page.Nodes), c.want) || page.TotalCount != len(c.want) {
				t.Errorf("List(%+v) = %+v, %v, want %q", c.args, page, err, c.want)
			}
		}
		for _, edge := range mustList(ctx, t, s, tasks.ListArgs{Search: ptr("  ")}).Edges() {
			if edge.Relevance() != nil {
				t.Errorf("Relevance without a search = %v, want nil", *edge.Relevance())
			}
		}
	})
}

func mustList(ctx context.Context, t *testing.T, s *tasks.Service, args tasks.ListArgs) *tasks.Page {
	t.Helper()
	page, err := s.List(ctx, args)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestRefusedSearches(t *testing.T) {
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, s, "milk and bread")
		of := func(args tasks.ListArgs) *string { return mustList(ctx, t, s, args).PageInfo().StartCursor() }
		relevance := []*models.TaskOrder{{Field: models.TaskOrderFieldRelevance, Direction: models.OrderDirectionDesc}}
		created := []*models.TaskOrder{{Field: models.TaskOrderFieldCreatedAt, Direction: models.OrderDirectionDesc}}
		cases := []struct {
			name string
			args tasks.ListArgs
			code models.Code
		}{
			{"relevance without a search", tasks.ListArgs{Order: relevance}, models.CodeBadUserInput},
			{"relevance with a blank search", tasks.ListArgs{Order: relevance, Search: ptr(" ")}, models.CodeBadUserInput},
			{"the cursor of another search", tasks.ListArgs{Search: ptr("bread"), After: of(tasks.ListArgs{Search: ptr("milk")})}, models.CodeBadCursor},
			{"the cursor of a search", tasks.ListArgs{After: of(tasks.ListArgs{Search: ptr("milk"), Order: created}), Order: created}, models.CodeBadCursor},
			{"a cursor without a search", tasks.ListArgs{Search: ptr("milk"), After: of(tasks.ListArgs{Order: created}), Order: created}, models.CodeBadCursor},
		}
		for _, c := range cases {
			_, err := s.List(ctx, c.args)
			var coded *models.Error
			if !errors.As(err, &coded) || coded.Code != c.code {
				t.Errorf("%s: List = %v, want %s", c.name, err, c.code)
			}
		}
		// Clients call Edge after the task is stored, so it must not fail.
		if edge, err := s.Edge(ctx, &models.Task{}, relevance); err != nil || edge.Cursor() == "" {
			t.Errorf("Edge by relevance = %v, %v, want an edge", edge, err)
		}
	})
}

// TestLargeSearches runs searches at the limits of the databases.
func TestLargeSearches(t *testing.T) {
	long := strings.Repeat("ä", 3000)
	var many, chinese strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&many, "w%d ", i)
		chinese.WriteString("的" + string(rune('一'+i)))
	}
	eachDB(t, func(t *testing.T, s *tasks.Service, _ *time.Time) {
		ctx := as(t.Context(), "u")
		for title, description := range map[string]string{
			"long": long, "many": many.String(), "chinese": chinese.String(),
			"repeats": strings.Repeat("spam ", 300) + "end",
		} {
			create(ctx, t, s, map[int64]*models.Task{}, models.CreateTaskInput{Title: title, Description: &description, Priority: models.PriorityLow})
		}
		for search, want := range map[string]string{
			long[:2000]: "long", long[:1000]: "long", `"` + long[:1000] + `"`: "",
			many.String()[:1000]: "many", "w1499 w0": "many", `"` + many.String()[:999]: "many", strings.Repeat("w7 ", 333): "many",
			string([]rune(chinese.String())[:1000]): "chinese", string([]rune(chinese.String())[2990:]): "chinese",
			"spam": "repeats", "end spam": "repeats", strings.Repeat("-", 1000): "", strings.Repeat(`"a`, 500): "",
		} {
			page, err := s.List(ctx, tasks.ListArgs{Search: &search, Total: true})
			if err != nil || strings.Join(titles(page.Nodes), ",") != want {
				t.Errorf("List(%.20q…, %d bytes) = %v, %.200v, want %s", search, len(search), page, err, want)
			}
		}
		tooLong := long[:2000] + "ä"
		_, err := s.List(ctx, tasks.ListArgs{Search: &tooLong})
		if coded := (*models.Error)(nil); !errors.As(err, &coded) || coded.Code != models.CodeBadUserInput || !slices.Equal(coded.Path, []string{"search"}) {
			t.Errorf("List(%.20q…, %d characters) = %v, want BAD_USER_INPUT at search", tooLong, 1001, err)
		}
	})
}
