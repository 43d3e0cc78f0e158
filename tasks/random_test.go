package tasks_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

// source generates random tasks, filters and lists.
type source struct {
	*rand.Rand
	now time.Time
	// known contains the tasks whose values are used in filters.
	known list
}

// newSource returns a source with a random seed and logs the seed. The environment variable SEED repeats a run.
func newSource(t *testing.T, now time.Time) *source {
	t.Helper()
	seed := rand.Uint64()
	if given := os.Getenv("SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("SEED: %v", err)
		}
	}
	t.Logf("SEED=%d", seed)
	return &source{Rand: rand.New(rand.NewPCG(seed, 1)), now: now}
}

// rounds returns the number of repetitions of a random test: usual, or the value of the environment variable ROUNDS.
func rounds(t *testing.T, usual int) int {
	t.Helper()
	given := os.Getenv("ROUNDS")
	if given == "" {
		return usual
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatalf("ROUNDS: %v", err)
	}
	return n
}

func pick[T any](r *source, from []T) T { return from[r.IntN(len(from))] }

// some returns up to most elements. The result is never nil.
func some[T any](most int, r *source, one func() T) []T {
	all := make([]T, r.IntN(most+1))
	for i := range all {
		all[i] = one()
	}
	return all
}

// These texts are critical for letter case, wild cards, escapes and placeholders. There are few, so that ties occur.
var (
	words = []string{
		"alpha", "Alpha", "ALPHA beta", "ärger", "Ärger", "A\u0308rger", "İstanbul", "istanbul", "ISTANBUL", "i\u0307", "straße", "STRASSE", "ẞ",
		"Дело", "дЕЛО", "100%", "100_", "1000", "%", "_", `\`, `\\`, `a\nb`, "a\nb", "\t tab", `it's`, `"quoted"`, "'", "?", "?0 ?title", "$1 :x",
		"🙂", "🙂 smile", "👩\u200d👩\u200d👧", "e\u0301", "é", "É", "ǅ", "Ω", "Ω", "K", "k", "ſ", "s", "Σίσυφος", "ΣΊΣΥΦΟΣ", "\ufffd", "\u00a0x", "z", "zz", "~",
	}
	tagPool    = []string{"a", "A", "b", "a b", "a,b", "a\nb", `a\nb`, `a\`, `\`, `\n`, "n", "ä", "Ä", "İ", "i", "Д", "🙂", "%", "_", "'", `"`, "?", "ab"}
	priorities = []models.Priority{models.PriorityLow, models.PriorityMedium, models.PriorityHigh}
)

func (r *source) chance(of int) bool { return r.IntN(of) == 0 }

func (r *source) title() string {
	title := pick(r, words)
	for r.chance(2) {
		title += pick(r, []string{"", " "}) + pick(r, words)
	}
	return title
}

func (r *source) description() *string {
	switch r.IntN(6) {
	case 0, 1:
		return nil
	case 2:
		return ptr(pick(r, []string{"", " ", "\n\t"}))
	}
	return ptr(r.title())
}

func (r *source) tags() []string {
	tags := some(4, r, func() string { return pick(r, tagPool) })
	if r.chance(4) { // more than the store reads beside their lower-case form
		long := strings.Repeat(pick(r, []string{"long", "Long", "LONG"}), 12)
		for i := range 12 {
			tags = append(tags, long+strconv.Itoa(i))
		}
	}
	return tags
}

// moment returns an instant in the days around now. Many calls return the same instant.
func (r *source) moment() time.Time {
	at := r.now.Add(time.Duration(r.IntN(24*10)-24*4) * time.Hour)
	if r.chance(3) {
		at = at.Add(time.Duration(r.IntN(3)-1) * time.Microsecond)
	}
	return at
}

func (r *source) day() models.Date { return models.NewDate(r.moment().Date()) }

func (r *source) due() *models.DueInput {
	switch r.IntN(5) {
	case 0:
		return nil
	case 1:
		return &models.DueInput{Local: ptr(r.moment())}
	case 2:
		return &models.DueInput{At: ptr(r.moment())}
	case 3:
		return &models.DueInput{At: &pick(r, r.known).CreatedAt}
	}
	return &models.DueInput{Date: ptr(r.day())}
}

func (r *source) newTask() models.CreateTaskInput {
	input := models.CreateTaskInput{
		Title: r.title(), Description: r.description(), Priority: pick(r, priorities), Tags: r.tags(), Completed: r.chance(3),
	}
	if len(r.known) > 0 {
		input.Due = r.due()
	}
	return input
}

func (r *source) update() models.UpdateTaskInput {
	return models.UpdateTaskInput{
		Title:       graphql.OmittableOf(ptr(r.title())),
		Description: graphql.OmittableOf(r.description()),
		Priority:    graphql.OmittableOf(ptr(pick(r, priorities))),
		Tags:        graphql.OmittableOf(r.tags()),
		Due:         graphql.OmittableOf(r.due()),
		Completed:   graphql.OmittableOf(ptr(r.chance(2))),
	}
}

func (r *source) order() []*models.TaskOrder {
	order := some(4, r, func() *models.TaskOrder {
		return &models.TaskOrder{
			Field: pick(r, []models.TaskOrderField{
				models.TaskOrderFieldPosition, models.TaskOrderFieldDue, models.TaskOrderFieldPriority, models.TaskOrderFieldTitle,
				models.TaskOrderFieldCompleted, models.TaskOrderFieldCompletedAt, models.TaskOrderFieldCreatedAt, models.TaskOrderFieldUpdatedAt,
			}),
			Direction: pick(r, []models.OrderDirection{models.OrderDirectionAsc, models.OrderDirectionDesc}),
			Nulls:     pick(r, []models.NullsOrder{models.NullsOrderFirst, models.NullsOrderLast}),
		}
	})
	return order
}

func (r *source) zone(t *testing.T) *time.Location {
	return zoneOf(t, pick(r, []string{
		"UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu",
	}))
}

func (r *source) view(t *testing.T, now time.Time) view {
	v := view{
		order: r.order(), zone: r.zone(t), now: now,
		trash: pick(r, []models.TrashScope{
			models.TrashScopeExclude, models.TrashScopeExclude, models.TrashScopeOnly, models.TrashScopeInclude, models.TrashScopeInclude,
		}),
	}
	if !r.chance(4) {
		v.filter = r.filter()
	}
	return v
}

// part returns a part of a task's title or description, with its letter case changed.
func (r *source) part() string {
	task := pick(r, r.known)
	text := []rune(task.Title)
	if notes := task.Notes(); notes != nil && r.chance(2) {
		text = []rune(*notes)
	}
	from, to := 0, len(text)
	if !r.chance(3) {
		from = r.IntN(len(text) + 1)
		to = from + r.IntN(len(text)-from+1)
	}
	part := string(text[from:to])
	switch r.IntN(3) {
	case 0:
		return strings.ToUpper(part)
	case 1:
		return strings.ToLower(part)
	}
	return part
}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, ok := models.ParseTimeZone(name)
	if !ok {
		t.Fatalf("no zone %s", name)
	}
	return zone.Location
}
