package transfer

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + harness.Secret, "PORT=0"}
		for range 2 { // the second time beside the first
			if out, err := harness.Command(t, environ, "seed", "--user", "u", "--tasks", "60"); err != nil || out != "created 60 tasks for the user u\n" {
				t.Fatalf("taskql seed = %q, %v", out, err)
			}
		}
		u := harness.Start(t, harness.Env(databaseURL)).As("u")
		var data struct {
			Outside, Trash, Done, Dated struct{ TotalCount int }
			Tags                        []struct{ Tag string }
		}
		u.GraphQL(`{ outside: tasks { totalCount } trash: tasks(trash: ONLY) { totalCount } done: tasks(filter: {completed: true}) { totalCount }
			dated: tasks(filter: {dueDate: {isNull: false}}) { totalCount } tags { tag } }`).Data(t, &data)
		if data.Outside.TotalCount+data.Trash.TotalCount != 120 || data.Trash.TotalCount == 0 || data.Done.TotalCount == 0 || data.Dated.TotalCount == 0 || len(data.Tags) < 8 {
			t.Errorf("after taskql seed: %+v, want 120 tasks of all kinds", data)
		}
	})
}

func TestSeedRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for arguments, want := range map[string]string{
		"--user u --tasks 0":  "--tasks must be 1 or more, not 0",
		"--user u --tasks -5": "--tasks must be 1 or more, not -5",
		"--tasks 5":           `Required flag "user" not set`,
		"--user u 5":          `unexpected argument "5"`,
	} {
		if _, err := harness.Command(t, nil, append([]string{"seed"}, strings.Fields(arguments)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("taskql seed %s = %v, want %s", arguments, err, want)
		}
	}
	if files, _ := filepath.Glob("*"); len(files) > 0 {
		t.Errorf("a command that was refused made %v", files)
	}
	environ := []string{"DATABASE_URL=" + storetest.SQLite(t), "BETTER_AUTH_SECRET=" + harness.Secret, "MAX_TASKS_PER_USER=10"}
	if _, err := harness.Command(t, environ, "seed", "--user", "u"); err == nil || !strings.Contains(err.Error(), "tasks created, then: the user may have 10 tasks at most (MAX_TASKS_PER_USER)") {
		t.Errorf("taskql seed beyond the quota = %v", err)
	}
}

// TestExamples runs what the playground offers on sample data.
func TestExamples(t *testing.T) {
	t.Parallel()
	examples, err := filepath.Glob(harness.File("web/src/playground/examples/*.graphql"))
	if err != nil || len(examples) < 8 {
		t.Fatalf("examples = %v, %v", examples, err)
	}
	texts := map[string]string{}
	for _, path := range examples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nsubscription ") || strings.HasPrefix(string(text), "subscription ") {
			continue // the page's own test runs it, over server-sent events
		}
		texts[strings.TrimSuffix(filepath.Base(path), ".graphql")] = string(text)
	}
	storetest.Each(t, func(t *testing.T, databaseURL string) {
		environ := []string{"DATABASE_URL=" + databaseURL, "BETTER_AUTH_SECRET=" + harness.Secret}
		if _, err := harness.Command(t, environ, "seed", "--user", "u"); err != nil {
			t.Fatal(err)
		}
		u := harness.Start(t, harness.Env(databaseURL)).As("u")
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(name string) bool { return name == "delete-task" || name == "restore-task" })
		for _, name := range append(names, "delete-task", "restore-task") { // all change the same task
			text := texts[name]
			a := u.GraphQL(text)
			if code, message, path := a.Problem(t); code != "" || a.Status != 200 || strings.Contains(a.Body, `"userErrors":[{`) {
				t.Errorf("%s: %d %s %s at %s", name, a.Status, code, message, path)
			}
			// Each view finds something.
			if strings.Contains(text, "nodes") && strings.Contains(a.Body, `"nodes":[]`) {
				t.Errorf("%s finds nothing: %s", name, a.Body)
			}
		}
	})
}
