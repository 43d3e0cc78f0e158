package store

import "time"

// Progress is the state of a long operation.
type Progress struct {
	// Doing describes the operation for people, such as "reading the rows".
	Doing       string
	Done, Total int64
}

// progressPause is the shortest time between two reports.
const progressPause = 3 * time.Second

// reporter passes progress on, at most once in progressPause.
type reporter struct {
	report func(Progress)
	last   time.Time
}

// start begins an operation. The first report follows after one pause at the earliest.
func (r *reporter) start() { r.last = time.Now() }

func (r *reporter) update(doing string, done, total int64) {
	if r.report != nil && time.Since(r.last) >= progressPause {
		r.last = time.Now()
		r.report(Progress{doing, done, total})
	}
}
