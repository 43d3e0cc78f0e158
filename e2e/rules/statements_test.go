package rules

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// usersTables are the tables that are distributed by user in docs/scaling.md.
var usersTables = []string{"task", "task_counter", "task_tombstone", "task_idempotency", "task_import", "task_search_recent"}

// crossing are the statements of the program that may read the rows of several users, by a part of their text, and why they do.
var crossing = map[string]string{
	"FROM task_counter WHERE user_id IN (":                "a process asks for the numbers of all its subscribers at once",
	"EXISTS (SELECT 1 FROM task_counter WHERE era <> 0)":  "the start of a program asks whether anything was ever written",
	`(SELECT max(id) FROM "task")`:                        "taskql check asks how many ids are used up",
	`(SELECT * FROM "task" WHERE id = found.id OFFSET 0)`: "task_search has no user: the statement looks up what it finds there, and then selects by user",
}

// TestKeysOfUsers checks that docs/scaling.md names each unique key, foreign key and sequence that distributing by user would change.
func TestKeysOfUsers(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	if _, err := harness.Command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(harness.File("docs/scaling.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := storetest.Query(t, databaseURL, `SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
		WHERE indisunique AND relnamespace = current_schema()::regnamespace
			AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = indrelid AND attname = 'user_id' AND attnum = ANY (indkey))
		UNION ALL SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
		UNION ALL SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()`)
	if len(names) < 7 {
		t.Errorf("only %v are found", names)
	}
	for _, name := range append(names, usersTables...) {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/scaling.md does not name %s", name)
		}
	}
}

// TestStatementsNameTheirUser records the statements of every operation of the API, of the commands and of the work in the background. Each
// is then planned on tables that are partitioned by user, as they would be distributed: the rows of one user are in one partition, and so a
// statement that names its user reads no other.
func TestStatementsNameTheirUser(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.Postgres(t)
	proxy, through := harness.NewProxyOf(t, databaseURL)
	// The database is migrated before: a migration is for all users.
	if _, err := harness.Command(t, []string{"DATABASE_URL=" + databaseURL}, "migrate", "up"); err != nil {
		t.Fatal(err)
	}
	recorded := proxy.Record()
	walk(t, databaseURL, through)
	statements, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	p := newPartitions(t, databaseURL)
	for _, all := range []string{"SELECT * FROM task WHERE id = 1", "DELETE FROM task_import WHERE source = 'x'", "SELECT n FROM task_counter WHERE user_id IN ('ada', 'bob')"} {
		if used, err := p.used(t.Context(), harness.Statement{Text: all}); err != nil || len(used) < 2 {
			t.Fatalf("%s is planned with the partitions %v, %v: the test sees nothing", all, used, err)
		}
	}
	listed := map[string]int{}
	for _, s := range single(statements) {
		if utility.MatchString(s.Text) {
			continue
		}
		used, err := p.used(t.Context(), s)
		if err != nil {
			t.Errorf("%v\n%s", err, s.Text)
			continue
		}
		if len(used) < 2 {
			continue
		}
		known := false
		for part := range crossing {
			if strings.Contains(s.Text, part) {
				known = true
				listed[part]++
			}
		}
		if !known {
			t.Errorf("the statement may read the partitions %v:\n%s", used, s.Text)
		}
	}
	for part := range crossing {
		if listed[part] == 0 {
			t.Errorf("no statement that crosses users contains %q", part)
		}
	}
	t.Logf("%d statements", len(statements))
}

// single splits texts of several statements, which have no parameters.
func single(statements []harness.Statement) (each []harness.Statement) {
	for _, s := range statements {
		for text := range strings.SplitSeq(s.Text, ";\n") {
			s.Text = text
			each = append(each, s)
		}
	}
	return each
}

// utility is what has no plan, and touches no rows of tasks.
var utility = regexp.MustCompile(`^(-- ping|BEGIN|begin|COMMIT|commit|ROLLBACK|rollback|SET|SAVEPOINT|RELEASE|LISTEN|DEALLOCATE|;|$)`)

// ofUser is how a task that is selected by its id is compared with its user; see store/write.go. Distributed tables have keys that begin with the
// user, so that the comparison can be a plain one.
var ofUser = strings.NewReplacer("user_id || '' =", "user_id =")

// partitions are copies of the tables of users, each in four partitions by user.
type partitions struct{ conn *pgconn.PgConn }

func newPartitions(t *testing.T, databaseURL string) partitions {
	t.Helper()
	address, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	original := query.Get("search_path")
	apart := original + "_apart"
	storetest.Exec(t, databaseURL, "CREATE SCHEMA "+apart)
	t.Cleanup(func() { storetest.Exec(t, databaseURL, "DROP SCHEMA "+apart+" CASCADE") })
	for _, table := range usersTables {
		including := " INCLUDING INDEXES"
		if table == "task" {
			including = "" // its primary key is not of the user
		}
		storetest.Exec(t, databaseURL, fmt.Sprintf("CREATE TABLE %s.%s (LIKE %[2]s INCLUDING DEFAULTS%s) PARTITION BY LIST (user_id)", apart, table, including))
		for name, bounds := range map[string]string{"ada": "FOR VALUES IN ('ada')", "bob": "FOR VALUES IN ('bob')", "others": "DEFAULT"} {
			storetest.Exec(t, databaseURL, fmt.Sprintf("CREATE TABLE %s.%s_of_%s PARTITION OF %[1]s.%[2]s %[4]s", apart, table, name, bounds))
		}
	}
	query.Set("search_path", apart+","+original)
	address.RawQuery = query.Encode()
	conn, err := pgconn.Connect(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return partitions{conn}
}

var partition = regexp.MustCompile(`"Relation Name": "task\w*_of_(ada|bob|others)"`)

// used returns the partitions that the plan of a statement reads or changes.
func (p partitions) used(ctx context.Context, s harness.Statement) (names []string, err error) {
	result := p.conn.ExecParams(ctx, "EXPLAIN (FORMAT JSON) "+ofUser.Replace(s.Text), s.Values, s.Types, s.Formats, nil).Read()
	if result.Err != nil {
		return nil, result.Err
	}
	for _, row := range result.Rows {
		for _, found := range partition.FindAllSubmatch(row[0], -1) {
			names = append(names, string(found[1]))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
