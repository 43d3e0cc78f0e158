package main

import (
	"context"
	"database/sql"
	"net/url"
	"runtime"
	"time"

	_ "modernc.org/sqlite"
)

const sqliteNumber = `INSERT INTO counter VALUES (?, 1) ON CONFLICT (user_id) DO UPDATE SET n = n + 1 RETURNING n`

var sqliteStatements = map[string]string{
	"W1": `SELECT ` + columns + ` FROM task WHERE user_id = ? AND NOT completed ORDER BY created_at DESC, id DESC LIMIT 21`,
	"W2": `SELECT ` + columns + ` FROM task WHERE user_id = ? AND id = ?`,
	"W3": `INSERT INTO task (version, created_at, updated_at, user_id, title, description, priority, tags, due_date, completed)
		VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, false) RETURNING ` + columns,
	"W4": `UPDATE task SET completed = NOT completed, version = ?1, updated_at = ?2 WHERE user_id = ?3 AND id = ?4 RETURNING ` + columns,
	"W6": `SELECT ` + columns + ` FROM task WHERE user_id = ?1 AND priority = 'HIGH' AND (title LIKE ?2 OR description LIKE ?2)
		AND (created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC LIMIT 21`,
}

// sqliteStore has one connection that writes and some that read, each with the settings of taskql.
type sqliteStore struct {
	writer     *sql.DB
	number     *sql.Stmt
	statements map[string]*sql.Stmt
}

func openSQLite(path string) (*sqliteStore, error) {
	open := func(conns int) (*sql.DB, error) {
		query := url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)", "journal_mode(WAL)"}, "_txlock": {"immediate"}}
		db, err := sql.Open("sqlite", "file:"+path+"?"+query.Encode())
		if err == nil {
			db.SetMaxOpenConns(conns)
			db.SetMaxIdleConns(conns)
		}
		return db, err
	}
	s := &sqliteStore{statements: map[string]*sql.Stmt{}}
	var err error
	if s.writer, err = open(1); err != nil {
		return nil, err
	}
	if s.number, err = s.writer.Prepare(sqliteNumber); err != nil {
		return nil, err
	}
	reader, err := open(max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, err
	}
	for operation, text := range sqliteStatements {
		db := reader
		if operation == "W3" || operation == "W4" {
			db = s.writer
		}
		if s.statements[operation], err = db.Prepare(text); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *sqliteStore) run(ctx context.Context, operation string, in *input, add func(*row)) error {
	switch operation {
	case "W3":
		i := in.Input
		return s.write(ctx, operation, in.user, []any{i.Title, i.Description, i.Priority, string(i.Tags), i.Due.At.UnixMicro()}, add)
	case "W4":
		return s.write(ctx, operation, in.user, []any{in.ID}, add)
	}
	args := []any{in.user}
	switch operation {
	case "W2":
		args = append(args, in.ID)
	case "W6":
		args = append(args, "%"+in.Search+"%", in.cursorAt, in.cursorID)
	}
	return scan(ctx, s.statements[operation], args, add)
}

// write takes the user's next number and writes the row, in one transaction.
func (s *sqliteStore) write(ctx context.Context, operation, user string, args []any, add func(*row)) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var number int64
	if err := tx.StmtContext(ctx, s.number).QueryRowContext(ctx, user).Scan(&number); err != nil {
		return err
	}
	args = append([]any{number, time.Now().UnixMicro(), user}, args...)
	if err := scan(ctx, tx.StmtContext(ctx, s.statements[operation]), args, add); err != nil {
		return err
	}
	return tx.Commit()
}

func scan(ctx context.Context, statement *sql.Stmt, args []any, add func(*row)) error {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r row
	var due sql.NullInt64
	for rows.Next() {
		if err := rows.Scan(&r.id, (*sql.RawBytes)(&r.user), (*sql.RawBytes)(&r.title), (*sql.RawBytes)(&r.description), (*sql.RawBytes)(&r.priority),
			(*sql.RawBytes)(&r.tags), &due, &r.completed, &r.created, &r.updated, &r.version); err != nil {
			return err
		}
		r.due, r.dueSet = due.Int64, due.Valid
		add(&r)
	}
	return rows.Err()
}
