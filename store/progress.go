package store

import "time"

// Progress is how far a long step has come.
type Progress struct {
	// Doing says what is being done to the rows, in words for people.
	Doing       string
	Done, Total int64
}

// progressPause lies between two reports.
const progressPause = 3 * time.Second

// reporter passes progress on, though not more often than a person wants to hear of it.
type reporter struct {
	report func(Progress)
	last   time.Time
}

// start begins a step, of which nothing is heard until the first pause is over.
func (r *reporter) start() { r.last = time.Now() }

func (r *reporter) tell(doing string, done, total int64) {
	if r.report != nil && time.Since(r.last) >= progressPause {
		r.last = time.Now()
		r.report(Progress{doing, done, total})
	}
}
