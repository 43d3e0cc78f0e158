package app

import (
	"context"
	"errors"
	"fmt"

	"taskql/auth"
	"taskql/config"
	"taskql/store"
	"taskql/store/adopt"
)

// OpenStore opens the configured database. Its errors name the setting to correct.
func OpenStore(ctx context.Context, c config.Config, options store.Options) (*store.Store, error) {
	options.URL, options.DirectURL, options.ReplicaURL, options.Table = c.DatabaseURL, c.DatabaseDirectURL, c.DatabaseReplicaURL, c.TaskTable
	options.Limits.Conns, options.Limits.Unprepared = c.DatabaseMaxConnections, !c.DatabasePreparedStatements
	db, err := store.Open(ctx, options)
	var wrong *store.AddressError
	switch {
	case err == nil:
		return db, nil
	case errors.As(err, &wrong) && wrong.Direct:
		return nil, fmt.Errorf("%s: %w", config.DatabaseDirectURL, err)
	case errors.As(err, &wrong) && wrong.Replica:
		return nil, fmt.Errorf("%s: %w", config.ReplicaURL, err)
	default:
		return nil, fmt.Errorf("%s: %w", config.DatabaseURL, err)
	}
}

// requestLimits bound what the requests of a server use of its database.
func requestLimits(c config.Config) store.Limits {
	return store.Limits{Timeout: c.RequestTimeout, User: auth.ID}
}

// MigrationError adds to the error of a failed migration the setting to correct.
func MigrationError(err error) error {
	var table *store.TableError
	var adoption *adopt.Error
	switch {
	case errors.As(err, &table):
		return fmt.Errorf("%s: %w", config.TaskTable, table)
	case errors.As(err, &adoption):
		return fmt.Errorf("%s: %w", config.DatabaseURL, adoption)
	default:
		return fmt.Errorf("%s: the tables cannot be brought up to date: %w", config.DatabaseURL, err)
	}
}
