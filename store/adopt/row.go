package adopt

import (
	"database/sql"
	"fmt"
	"time"
)

// oldRow is a row of the old table, with all values as text. A value without a column is NULL.
type oldRow struct {
	// Key is NULL if it is the ID.
	Key sql.NullString
	// ID is 0 if the source has no ids.
	ID int64
	// OldID is the id of a row that is renumbered.
	OldID                                      sql.NullString
	UserID, Title, Description, Priority, Tags sql.NullString
	Due, Completed, Status, Category, Deleted  sql.NullString
	CreatedAt, UpdatedAt                       sql.NullString
	CompletedAt, DeletedAt                     sql.NullString
	// Others are the additional columns of a rowSource.
	Others []sql.NullString
}

// name is the id of the row as people know it.
func (r *oldRow) name() string {
	if r.OldID.Valid {
		return r.OldID.String
	}
	return fmt.Sprint(r.key())
}

// key is the row's value of the key of its source.
func (r *oldRow) key() any {
	if r.Key.Valid {
		return r.Key.String
	}
	return r.ID
}

// adopter converts rows to tasks and counts what it changes.
type adopter struct {
	// now is the time of creation of a row that has none.
	now time.Time
	// undashed is true if user ids are UUIDs as SQLAlchemy stores them on SQLite, without dashes.
	undashed bool
	// undashedIDs is true if old ids are such UUIDs.
	undashedIDs bool
	// renumbered is true if the rows have old ids, and unnumbered if they have no new ones yet.
	renumbered, unnumbered bool
	// flagged is true if the table has a column completed, whatever its status says.
	flagged bool
	Counts
}

// Counts states what taking over a table changes in its rows: the number of rows, how many values of each field get another
// text, and how many due dates become each kind. A row that is refused counts in Rows only.
type Counts struct {
	Rows, UserIDs, Priorities, Tags int64
	Days, Times, Instants           int64
	// PriorityWords are those of the Priorities that are other words than HIGH, MEDIUM and LOW.
	PriorityWords int64
	// Trashed are in the trash.
	Trashed int64
	// Categories are kept in tags, and LongCategories are too long for that.
	Categories, LongCategories int64
	// Statuses are open rows whose status says more. Contradictions are those whose status says the opposite of their completed.
	Statuses, Contradictions int64
}
