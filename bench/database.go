package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"
)

// database has two filled databases, one of taskql and one of the limit handler. A server works on a copy, so that
// each turn begins with the same rows, indexes and statistics.
type database interface {
	name() string
	// pid is the process whose tree's CPU counts as the database's; 0 where the database runs inside the server.
	pid() int
	// copy returns the URL of a new copy, and what removes it.
	copy(ctx context.Context, kind kind) (url string, remove func(context.Context) error, err error)
	close(ctx context.Context) error
}

// kind is whose database it is.
type kind string

const (
	taskqlKind kind = "taskql"
	limitKind  kind = "limit"
)

// turnName is what the name of the copy ends with.
const turnName = "turn"

// The table of a FastAPI backend, which taskql adopts. So the driver needs to know nothing of taskql's own schema.
const fastAPITable = `CREATE TABLE task (id %s, user_id %[2]s NOT NULL, title %[2]s NOT NULL, description %[2]s, priority %[2]s NOT NULL, tags %[2]s NOT NULL,
	due_date %[3]s, completed boolean NOT NULL, created_at %[3]s NOT NULL, updated_at %[3]s NOT NULL)`

var columns = []string{"id", "user_id", "title", "description", "priority", "tags", "due_date", "completed", "created_at", "updated_at"}

// limitColumns are those of the limit handler's table. Its version is the user's number of the change, as in taskql.
var limitColumns = append(columns[:len(columns):len(columns)], "version")

func (t task) values(kind kind) []any {
	values := []any{t.id, t.user, t.title, t.description, t.priority, t.tags, t.due, t.completed, t.created, t.updated}
	if kind == limitKind {
		values = append(values, int64(t.index+1))
	}
	return values
}

// adopt has taskql make its tables of that of the FastAPI backend.
func adopt(ctx context.Context, taskql, dir, databaseURL string) error {
	command := exec.CommandContext(ctx, taskql, "migrate", "up")
	command.Dir = dir
	command.Env = []string{"DATABASE_URL=" + databaseURL, "HOME=" + dir}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("taskql migrate up: %w\n%s", err, out)
	}
	return nil
}

// postgres is a PostgreSQL server on this machine. The databases' names begin with prefix.
type postgres struct {
	admin      *pgx.Conn
	url        *url.URL
	prefix     string
	postmaster int
}

func newPostgres(ctx context.Context, adminURL, dir string, programs programs, data *dataset) (_ *postgres, err error) {
	p := &postgres{prefix: fmt.Sprintf("bench_%d_", os.Getpid())}
	if p.url, err = url.Parse(adminURL); err != nil {
		return nil, errors.New("TEST_DATABASE_URL is not a valid URL")
	}
	if p.admin, err = pgx.Connect(ctx, adminURL); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close(context.WithoutCancel(ctx)))
		}
	}()
	var backend int
	if err = p.admin.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL must run on this machine, for its CPU time to be read: %w", err)
	}
	stat, err := parseStat(text)
	if err != nil {
		return nil, err
	}
	p.postmaster = stat.parent
	for _, kind := range []kind{taskqlKind, limitKind} {
		if err = p.fill(ctx, kind, dir, programs, data); err != nil {
			return nil, fmt.Errorf("filling PostgreSQL for %s: %w", kind, err)
		}
	}
	return p, nil
}

func (p *postgres) fill(ctx context.Context, kind kind, dir string, programs programs, data *dataset) error {
	name := p.prefix + string(kind)
	if _, err := p.admin.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, p.urlOf(name))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	before, names, after := fmt.Sprintf(fastAPITable, "serial PRIMARY KEY", "varchar", "timestamptz"), columns, `SELECT setval('task_id_seq', (SELECT max(id) FROM task))`
	if kind == limitKind {
		before, names = fmt.Sprintf(fastAPITable, "serial", "text", "timestamptz")+`; ALTER TABLE task ADD COLUMN version bigint NOT NULL`, limitColumns
		after += `; ALTER TABLE task ADD PRIMARY KEY (id); CREATE INDEX ON task (user_id, created_at, id);
			CREATE TABLE counter AS SELECT user_id, max(version) AS n FROM task GROUP BY user_id; ALTER TABLE counter ADD PRIMARY KEY (user_id)`
	}
	if _, err := conn.Exec(ctx, before); err != nil {
		return err
	}
	next, stop := iter.Pull(data.all)
	defer stop()
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"task"}, names, pgx.CopyFromFunc(func() ([]any, error) {
		t, more := next()
		if !more {
			return nil, nil
		}
		return t.values(kind), nil
	})); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, after); err != nil {
		return err
	}
	if kind == taskqlKind {
		if err := adopt(ctx, programs.taskql, dir, p.urlOf(name)); err != nil {
			return err
		}
	}
	// Both tables are compact, however they were filled.
	_, err = conn.Exec(ctx, `VACUUM (FULL, ANALYZE)`)
	return err
}

func (p *postgres) urlOf(name string) string {
	u := *p.url
	u.Path = "/" + name
	return u.String()
}

func (p *postgres) name() string { return "PostgreSQL" }
func (p *postgres) pid() int     { return p.postmaster }

func (p *postgres) copy(ctx context.Context, kind kind) (string, func(context.Context) error, error) {
	name := p.prefix + turnName
	remove := func(ctx context.Context) error {
		_, err := p.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
		return err
	}
	// Copying files ends with a checkpoint, so that none falls into the measurement.
	if _, err := p.admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy`, name, p.prefix+string(kind))); err != nil {
		return "", nil, err
	}
	return p.urlOf(name), remove, nil
}

func (p *postgres) close(ctx context.Context) error {
	var errs []error
	for _, name := range []string{string(taskqlKind), string(limitKind), turnName} {
		_, err := p.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+p.prefix+name+` WITH (FORCE)`)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, p.admin.Close(ctx))...)
}

// sqlite has the filled databases as files in dir.
type sqlite struct{ dir string }

func newSQLite(ctx context.Context, dir string, programs programs, data *dataset) (*sqlite, error) {
	s := &sqlite{dir}
	for _, kind := range []kind{taskqlKind, limitKind} {
		if err := s.fill(ctx, kind, programs, data); err != nil {
			return nil, fmt.Errorf("filling SQLite for %s: %w", kind, err)
		}
	}
	return s, nil
}

func (s *sqlite) path(kind kind) string { return filepath.Join(s.dir, string(kind)+".db") }

func (s *sqlite) fill(ctx context.Context, kind kind, programs programs, data *dataset) (err error) {
	db, err := sql.Open("sqlite", s.path(kind))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	before, insert, after := fmt.Sprintf(fastAPITable, "integer PRIMARY KEY", "varchar", "datetime"), `INSERT INTO task VALUES (?,?,?,?,?,?,?,?,?,?)`, ""
	if kind == limitKind {
		// Times are microseconds, which take the least work to read.
		before = fmt.Sprintf(fastAPITable, "integer PRIMARY KEY", "text", "integer") + `; ALTER TABLE task ADD COLUMN version integer NOT NULL DEFAULT 0`
		insert = `INSERT INTO task VALUES (?,?,?,?,?,?,?,?,?,?,?)`
		after = `CREATE INDEX task_created ON task (user_id, created_at, id); CREATE TABLE counter (user_id text PRIMARY KEY, n integer NOT NULL) WITHOUT ROWID;
			INSERT INTO counter SELECT user_id, max(version) FROM task GROUP BY user_id`
	}
	if _, err := db.ExecContext(ctx, before); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	statement, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	for t := range data.all {
		if _, err := statement.ExecContext(ctx, sqliteValues(t, kind)...); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, after); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if kind == taskqlKind {
		return adopt(ctx, programs.taskql, s.dir, "sqlite:"+s.path(kind))
	}
	return nil
}

func sqliteValues(t task, kind kind) []any {
	values := t.values(kind)
	at := map[int]int64{8: t.created.UnixMicro(), 9: t.updated.UnixMicro()}
	if t.due != nil {
		at[6] = t.due.UnixMicro()
	} else {
		values[6] = nil
	}
	for i, micros := range at {
		values[i] = micros
		if kind == taskqlKind {
			values[i] = time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000000") // as SQLAlchemy writes it
		}
	}
	return values
}

func (s *sqlite) name() string { return "SQLite" }
func (s *sqlite) pid() int     { return 0 }

func (s *sqlite) copy(_ context.Context, kind kind) (string, func(context.Context) error, error) {
	turn := filepath.Join(s.dir, "turn.db")
	remove := func(context.Context) error { return removeSQLite(turn) }
	content, err := os.ReadFile(s.path(kind))
	if err == nil {
		err = os.WriteFile(turn, content, 0o600)
	}
	return "sqlite:" + turn, remove, err
}

func (s *sqlite) close(context.Context) error {
	return errors.Join(removeSQLite(s.path(taskqlKind)), removeSQLite(s.path(limitKind)))
}

// removeSQLite removes a database with the files beside it.
func removeSQLite(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
