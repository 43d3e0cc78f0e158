package main

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const columns = `id, user_id, title, description, priority, tags, due_date, completed, created_at, updated_at, version`

// nextNumber takes the user's next number, as every write of taskql does.
const nextNumber = `WITH c AS (INSERT INTO counter VALUES ($1, 1) ON CONFLICT (user_id) DO UPDATE SET n = counter.n + 1 RETURNING n) `

// postgresStatements are prepared by pgx, once for each connection.
var postgresStatements = map[string]string{
	"W1": `SELECT ` + columns + ` FROM task WHERE user_id = $1 AND NOT completed ORDER BY created_at DESC, id DESC LIMIT 21`,
	"W2": `SELECT ` + columns + ` FROM task WHERE id = $2::text::integer AND user_id = $1`,
	"W3": nextNumber + `INSERT INTO task (user_id, title, description, priority, tags, due_date, completed, created_at, updated_at, version)
		SELECT $1, $2, $3, $4, $5, $6, false, now(), now(), c.n FROM c RETURNING ` + columns,
	"W4": nextNumber + `UPDATE task SET completed = NOT completed, updated_at = now(), version = c.n FROM c
		WHERE id = $2::text::integer AND user_id = $1 RETURNING ` + columns,
	"W6": `SELECT ` + columns + ` FROM task WHERE user_id = $1 AND priority = 'HIGH' AND (title ILIKE $2 OR description ILIKE $2)
		AND (created_at, id) < ($3, $4::bigint) ORDER BY created_at DESC, id DESC LIMIT 21`,
}

type postgresStore struct{ pool *pgxpool.Pool }

func openPostgres(ctx context.Context, url string) (*postgresStore, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16 // as taskql
	// With the default cost of a random read, that of a spinning disk, the generic plan of W6 sorts all matches.
	config.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	return &postgresStore{pool}, err
}

func (s *postgresStore) run(ctx context.Context, operation string, in *input, add func(*row)) error {
	args := []any{in.user}
	switch operation {
	case "W2", "W4":
		args = append(args, in.ID)
	case "W3":
		args = append(args, in.Input.Title, in.Input.Description, in.Input.Priority, string(in.Input.Tags), in.Input.Due.At)
	case "W6":
		args = append(args, "%"+in.Search+"%", time.UnixMicro(in.cursorAt), in.cursorID)
	}
	rows, err := s.pool.Query(ctx, postgresStatements[operation], args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r row
	for rows.Next() {
		r.read(rows)
		add(&r)
	}
	return rows.Err()
}

// postgresEpoch is 2000-01-01, from which PostgreSQL counts microseconds.
const postgresEpoch = 946_684_800_000_000

// read decodes the binary form, which pgx requests for all these types.
func (r *row) read(rows pgx.Rows) {
	v := rows.RawValues()
	micros := func(value []byte) int64 { return int64(binary.BigEndian.Uint64(value)) + postgresEpoch }
	r.id, r.version = int64(binary.BigEndian.Uint32(v[0])), int64(binary.BigEndian.Uint64(v[10]))
	r.user, r.title, r.description, r.priority, r.tags = v[1], v[2], v[3], v[4], v[5]
	if r.dueSet = v[6] != nil; r.dueSet {
		r.due = micros(v[6])
	}
	r.completed = v[7][0] != 0
	r.created, r.updated = micros(v[8]), micros(v[9])
}
