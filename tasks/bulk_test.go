package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

func TestCreateAll(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		mustCreate(ctx, t, b.Service, "the first")
		inputs := numbered(tasks.MaxBulk, "task")
		inputs[3] = &models.CreateTaskInput{
			Title: "  all of it ? ' ", Description: ptr("notes"), Priority: models.PriorityHigh, Tags: []string{"b", "A", "a"},
			Due: &models.DueInput{Date: ptr(models.NewDate(2026, 5, 1))}, Completed: true,
		}
		writes, err := b.CreateAll(ctx, inputs, nil)
		if err != nil || len(writes.Tasks) != len(inputs) || writes.Number != 1+tasks.MaxBulk {
			t.Fatal(writes, err)
		}
		all := b.mine(t, "u")
		if got, want := idsOf(all[:len(all)-1]), idsOf(writes.Tasks); !slices.Equal(got, want) || all[len(all)-1].Title != "the first" {
			t.Errorf("on top are the tasks %v, want those that were made, in their order, %v", got, want)
		}
		for i, task := range writes.Tasks {
			if text(task) != text(all[i]) || task.Version != int64(i+2) || i != 3 && task.Title != inputs[i].Title {
				t.Errorf("input %d became %+v, kept is %+v", i, task, all[i])
			}
		}
		if task := all[3]; task.Title != "all of it ? '" || *task.Notes() != "notes" || !slices.Equal(task.Tags, []string{"b", "A"}) ||
			!task.DueOn(time.UTC).Equal(models.NewDate(2026, 5, 1).Time) || !task.CompletedAt.Equal(*b.clock) {
			t.Errorf("the fourth became %+v", task)
		}
		page, err := b.List(ctx, tasks.ListArgs{Search: ptr("notes")})
		if err != nil || len(page.Nodes) != 1 || page.Nodes[0].ID != all[3].ID {
			t.Errorf("a search finds %v, %v", page, err)
		}
		b.checkOrder(t, "u")
	})
}

// TestRefusedBulkWrites checks that a rejected bulk write reports all errors with their indexes and writes nothing.
func TestRefusedBulkWrites(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		made := b.mustMake(ctx, t, "a b c")
		b.mustDelete(ctx, t, made[2])
		others := b.mustMake(as(ctx, "another user"), t, "secret")
		full := b.mustCreateAll(ctx, t, &models.CreateTaskInput{Title: "full", Priority: models.PriorityLow, Tags: strings.Split("abcdefghijklmnopqrst", "")})
		a, trashed, theirs := idOf(made[0]), idOf(made[2]), idOf(others[0])
		many := func(n int) []string { return slices.Repeat([]string{a}, n) }
		title := models.UpdateTaskInput{Title: graphql.OmittableOf(ptr("new"))}

		create := func(inputs ...*models.CreateTaskInput) func() error {
			return func() error { _, err := b.CreateAll(ctx, inputs, nil); return err }
		}
		update := func(input models.UpdateTaskInput, ids ...string) func() error {
			return func() error { _, err := b.UpdateAll(ctx, ids, input, nil); return err }
		}
		remove := func(ids ...string) func() error {
			return func() error { _, err := b.DeleteAll(ctx, ids); return err }
		}
		restore := func(ids ...string) func() error {
			return func() error { _, err := b.RestoreAll(ctx, ids); return err }
		}
		wrong := numbered(4, "x")
		wrong[1].Title, wrong[3].Tags, wrong[3].Priority = "", []string{"a", ""}, "NONE"
		for name, c := range map[string]struct {
			do   func() error
			want string
		}{
			"create none":                      {create(), "EMPTY_LIST inputs"},
			"create too many":                  {create(numbered(101, "x")...), "TOO_MANY inputs of 100"},
			"create with faults":               {create(wrong...), "BLANK inputs.1.title, INVALID_FORMAT inputs.3.priority, BLANK inputs.3.tags.1"},
			"create with a bad key":            {func() error { _, err := b.CreateAll(ctx, wrong[:2], ptr("short")); return err }, "BLANK inputs.1.title, TOO_SHORT idempotencyKey of 16"},
			"update none":                      {update(title), "EMPTY_LIST ids"},
			"update too many":                  {update(title, many(101)...), "TOO_MANY ids of 100"},
			"update what is not there":         {update(title, a, "999999", a, "x", "", "0", "-1"), "NOT_FOUND ids.1, NOT_FOUND ids.3, NOT_FOUND ids.4, NOT_FOUND ids.5, NOT_FOUND ids.6"},
			"update another user's":            {update(title, a, theirs), "NOT_FOUND ids.1"},
			"update in the trash":              {update(title, trashed, a, theirs, trashed), "IN_TRASH ids.0, NOT_FOUND ids.2, IN_TRASH ids.3"},
			"update trash before fields":       {update(models.UpdateTaskInput{Title: graphql.OmittableOf(ptr(""))}, trashed), "IN_TRASH ids.0"},
			"update with faults":               {update(models.UpdateTaskInput{Title: graphql.OmittableOf[*string](nil), Tags: graphql.OmittableOf([]string{"a", " "})}, a, idOf(made[1])), "NULL_NOT_ALLOWED input.title, BLANK input.tags.1"},
			"update too many tags of the last": {update(models.UpdateTaskInput{AddTags: graphql.OmittableOf([]string{"new"})}, a, idOf(full[0])), "TOO_MANY input.addTags of 20"},
			"update with a bad key":            {func() error { _, err := b.UpdateAll(ctx, nil, title, ptr("short")); return err }, "EMPTY_LIST ids, TOO_SHORT idempotencyKey of 16"},
			"delete none":                      {remove(), "EMPTY_LIST ids"},
			"delete too many":                  {remove(many(101)...), "TOO_MANY ids of 100"},
			"delete what is not there":         {remove(a, theirs, "999999"), "NOT_FOUND ids.1, NOT_FOUND ids.2"},
			"restore none":                     {restore(), "EMPTY_LIST ids"},
			"restore too many":                 {restore(many(1001)...), "TOO_MANY ids of 1000"},
			"restore what is not there":        {restore(trashed, theirs), "NOT_FOUND ids.1"},
		} {
			before, theirsBefore := b.mine(t, "u"), b.mine(t, "another user")
			err := c.do()
			got := outcome(t, err)
			var refused models.UserErrors
			if errors.As(err, &refused) {
				if limit := models.Detail(refused[len(refused)-1]).Limit; limit != nil {
					got += fmt.Sprint(" of ", *limit)
				}
			}
			if got != c.want {
				t.Errorf("%s = %s, want %s", name, got, c.want)
			}
			if text(b.mine(t, "u")) != text(before) || text(b.mine(t, "another user")) != text(theirsBefore) {
				t.Errorf("%s has changed something", name)
			}
		}
		for i, do := range []func() error{update(title, many(100)...), restore(many(1000)...), remove(many(100)...)} {
			if got := outcome(t, do()); got != "ok" {
				t.Errorf("write %d of as many as are allowed = %s", i, got)
			}
		}
		b.checkOrder(t, "u")
	})
}

// TestUpdateAll updates tasks of which two occur twice and some already have the requested values.
func TestUpdateAll(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ctx, start := as(t.Context(), "u"), *b.clock
		made := b.mustMake(ctx, t, "a b c d")
		c, d := idOf(made[2]), idOf(made[3])
		high := models.UpdateTaskInput{Priority: graphql.OmittableOf(ptr(models.PriorityHigh))}
		if _, err := b.Update(ctx, c, high, nil, nil); err != nil { // number 5
			t.Fatal(err)
		}
		*b.clock = start.Add(time.Hour)
		names := []string{d, c, d, idOf(made[0]), c}
		writes, err := b.UpdateAll(ctx, names, high, nil)
		if err != nil || writes.Number != 7 || !slices.Equal(idsOf(writes.Tasks), names) {
			t.Fatal(writes, err)
		}
		for i, want := range []int64{6, 5, 6, 7, 5} {
			task, kept := writes.Tasks[i], b.task(ctx, t, names[i])
			if text(task) != text(kept) || task.Version != want || task.UpdatedAt.Equal(*b.clock) != (want > 5) || task.Priority != models.PriorityHigh {
				t.Errorf("task %d became %+v, kept is %+v, want version %d", i, task, kept, want)
			}
		}
		before := b.mine(t, "u")
		for range 2 {
			if writes, err = b.UpdateAll(ctx, names, high, nil); err != nil || writes.Number != 0 || len(writes.Tasks) != len(names) {
				t.Error("again:", writes, err)
			}
		}
		if after := b.mine(t, "u"); text(after) != text(before) || titlesOf(after) != "a b c d" {
			t.Errorf("an update that changes nothing has written something: %+v, before %+v", after, before)
		}
		b.checkOrder(t, "u")
	})
}

func (b *bench) task(ctx context.Context, t *testing.T, id string) *models.Task {
	t.Helper()
	task, err := b.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// TestOneOrAll checks that Update and UpdateAll with the same input return the same result and store the same columns, and
// that an input that changes nothing writes nothing.
func TestOneOrAll(t *testing.T) {
	day, at, local := models.NewDate(2026, 5, 1), time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	of := func(tags ...string) graphql.Omittable[[]string] { return graphql.OmittableOf(tags) }
	null := graphql.OmittableOf[[]string](nil)
	inputs := map[string]models.UpdateTaskInput{
		"nothing":          {},
		"title":            {Title: graphql.OmittableOf(ptr(" new "))},
		"the same title":   {Title: graphql.OmittableOf(ptr(" title "))},
		"no title":         {Title: graphql.OmittableOf[*string](nil)},
		"description":      {Description: graphql.OmittableOf(ptr("new"))},
		"no description":   {Description: graphql.OmittableOf[*string](nil)},
		"empty":            {Description: graphql.OmittableOf(ptr(""))},
		"priority":         {Priority: graphql.OmittableOf(ptr(models.PriorityHigh))},
		"no priority":      {Priority: graphql.OmittableOf[*models.Priority](nil)},
		"tags":             {Tags: of("c", "C", "A")},
		"the same tags":    {Tags: of("a", "B")},
		"other spelling":   {Tags: of("A", "b")},
		"empty tags":       {Tags: of()},
		"no tags":          {Tags: null},
		"add":              {AddTags: of("c", "b")},
		"add what is":      {AddTags: of("A", "b")},
		"remove":           {RemoveTags: of("b")},
		"remove what isnt": {RemoveTags: of("c")},
		"both":             {AddTags: of("c"), RemoveTags: of("A")},
		"too much":         {Tags: of("c"), AddTags: of("d")},
		"a day":            {Due: graphql.OmittableOf(&models.DueInput{Date: &day})},
		"an instant":       {Due: graphql.OmittableOf(&models.DueInput{At: &at})},
		"the same due":     {Due: graphql.OmittableOf(&models.DueInput{Local: &local})},
		"no due":           {Due: graphql.OmittableOf[*models.DueInput](nil)},
		"done":             {Completed: graphql.OmittableOf(ptr(true))},
		"not done":         {Completed: graphql.OmittableOf(ptr(false))},
		"neither":          {Completed: graphql.OmittableOf[*bool](nil)},
		"all": {
			Title: graphql.OmittableOf(ptr("all")), Description: graphql.OmittableOf(ptr("of it")), Priority: graphql.OmittableOf(ptr(models.PriorityHigh)),
			AddTags: of("new"), RemoveTags: of("b"), Due: graphql.OmittableOf(&models.DueInput{Date: &day}), Completed: graphql.OmittableOf(ptr(true)),
		},
	}
	nothing := map[string]bool{"nothing": true, "the same title": true, "the same tags": true, "add what is": true, "remove what isnt": true, "the same due": true, "not done": true}
	eachBench(t, func(t *testing.T, b *bench) {
		ctx := as(t.Context(), "u")
		for name, input := range inputs {
			first := models.CreateTaskInput{
				Title: "title", Description: ptr("notes"), Priority: models.PriorityLow, Tags: []string{"a", "B"}, Due: &models.DueInput{Local: &local},
			}
			made := b.mustCreateAll(ctx, t, &first, &first, &first)
			*b.clock = b.clock.Add(time.Hour)
			one, err := b.Update(ctx, idOf(made[0]), input, nil, nil)
			want := outcome(t, err)
			_, err = b.UpdateAll(ctx, idsOf(made[1:]), input, nil)
			if got := outcome(t, err); got != want {
				t.Errorf("%s: all = %s, one = %s", name, got, want)
			}
			if err == nil && one.Written == nothing[name] {
				t.Errorf("%s: written = %v", name, one.Written)
			}
			for i, was := range made {
				now, twin := b.task(ctx, t, idOf(was)), b.task(ctx, t, idOf(made[0]))
				if written := want == "ok" && !nothing[name]; !written && text(now) != text(was) || written && (now.Version <= was.Version || !now.UpdatedAt.Equal(*b.clock)) {
					t.Errorf("%s: task %d became %+v, it was %+v", name, i, now, was)
				}
				now.ID, now.Version, now.Position = twin.ID, twin.Version, twin.Position
				if text(now) != text(twin) {
					t.Errorf("%s: among others %+v, alone %+v", name, now, twin)
				}
			}
		}
		// The columns for filters and sort keys are stored too.
		b.mustDelete(ctx, t, b.mustMake(ctx, t, "x")...)
		checkDerived(t, b)
		for _, task := range b.list(t, "u", models.TrashScopeExclude) {
			page, err := b.List(ctx, tasks.ListArgs{Search: &task.Title, Filter: &models.TaskFilter{ID: &models.IDFilter{Eq: ptr(idOf(task))}}})
			if err != nil || len(page.Nodes) != 1 {
				t.Errorf("a search for %q does not find the task: %v", task.Title, err)
			}
		}
	})
}

// checkDerived checks that the derived columns equal those of a newly created task with the same values.
func checkDerived(t *testing.T, b *bench) {
	t.Helper()
	ctx := as(t.Context(), "the same again")
	for _, task := range b.mine(t, "u") {
		input := models.CreateTaskInput{Title: task.Title, Description: task.Description, Priority: task.Priority, Tags: task.Tags}
		if task.Due != nil {
			input.Due = map[models.DueKind]*models.DueInput{
				models.DueDay: {Date: &models.Date{Time: *task.Due}}, models.DueLocal: {Local: task.Due}, models.DueInstant: {At: task.Due},
			}[*task.DueKind]
		}
		write, err := b.Create(ctx, input, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		query := fmt.Sprintf(`SELECT count(*) FROM task a JOIN task b ON a.title_lower = b.title_lower AND a.tags_lower = b.tags_lower AND a.tags = b.tags
			AND coalesce(a.notes_lower, '-') = coalesce(b.notes_lower, '-')
			AND (a.due_end = b.due_end OR a.due_end IS NULL AND b.due_end IS NULL) WHERE a.id = %d AND b.id = %d`, task.ID, write.Task.ID)
		if n := b.numbers(t, query); n[0] != 1 {
			t.Errorf("%+v is not found as a new task would be", task)
		}
	}
}
