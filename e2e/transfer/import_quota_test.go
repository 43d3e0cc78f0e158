package transfer

import (
	"strings"
	"testing"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// TestImportBeyondAQuota tells the person who imports for a user which quota does not suffice.
func TestImportBeyondAQuota(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.SQLite(t)
	if _, _, err := importing(t, databaseURL, "title\nfirst\n", "--user", "u"); err != nil {
		t.Fatal(err)
	}
	// Of long descriptions, a user may have 100 MB in all.
	storetest.Exec(t, databaseURL, "UPDATE task SET description = hex(zeroblob(50000000))")
	for _, tt := range []struct {
		text, args, want string
	}{
		{"title\nsecond\nthird\n", "", "stopped before line 2: the user may have 2 tasks at most (MAX_TASKS_PER_USER)"},
		{"title\nsecond\nthird\n", "--dry-run", "stopped before line 2: the user may have 2 tasks at most (MAX_TASKS_PER_USER)"},
		{"title,description\nsecond," + strings.Repeat("x", 2000) + "\n", "",
			"stopped before line 2: the user's long descriptions would be larger than the server allows: shorten or delete some, and empty the trash"},
	} {
		environ := []string{"DATABASE_URL=" + databaseURL, "MAX_TASKS_PER_USER=2"}
		args := append([]string{"import", "--user", "u"}, strings.Fields(tt.args)...)
		out, _, err := harness.CommandWithInput(t, environ, tt.text, append(args, "-")...)
		if err == nil || err.Error() != tt.want || !strings.HasPrefix(out, "0 tasks ") {
			t.Errorf("import %s = %v, %s, want %q", tt.args, err, out, tt.want)
		}
	}
}
