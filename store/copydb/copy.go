// Package copydb copies everything that taskql stores from one database to another.
package copydb

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"taskql/store"
)

// Copied is the result of a copy.
type Copied struct {
	// Counts are the rows of both databases, one entry per kind.
	Counts []CopiedCount
	// Written is the number of rows that this copy has written. The target had the others.
	Written int64
	// LeftBehind describes for people what the source contains and a copy omits.
	LeftBehind []string
}

// CopiedCount is the number of rows of a kind in each database.
type CopiedCount struct {
	// Name is for people.
	Name           string
	Source, Target int64
}

// Copy makes the database at the address to equal to the one at from, with all ids, versions and numbers, so that the sync tokens
// and cursors of clients stay valid. Both addresses have the form that store.Open accepts. Copy only reads the source, which must
// have all migrations; it migrates the target.
//
// The target must be empty or hold what an interrupted copy from the same source has written; the copy then continues. Copy refuses
// any other target before it writes anything. At the end it compares both databases row by row. If they differ, it returns
// the result together with an error.
//
// Copy calls progress at the beginning and after each batch. Its errors are for the person who runs the command, and contain no
// address.
func Copy(ctx context.Context, from, to string, progress func(store.Progress)) (*Copied, error) {
	c := &copier{progress: progress}
	defer c.close()
	err := c.open(ctx, from, to)
	if err == nil {
		err = c.prepare(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return nil, errors.New("interrupted before the first row was copied")
	} else if err != nil {
		return nil, err
	}
	if err := c.copy(ctx); err != nil {
		return nil, err
	}
	return c.compare(ctx)
}

type copier struct {
	from, to *store.Store
	progress func(store.Progress)
	// done of total rows are processed in the phase doing.
	doing       string
	done, total int64
	// kept is the number of rows stored in the target; written, how many of them this copy has written.
	kept, written int64
}

func (c *copier) begin(doing string) {
	c.doing, c.done = doing, 0
	c.progress(store.Progress{Doing: doing, Total: c.total})
}

// refusal is an error that running the same command again does not fix.
type refusal struct{ error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// stopped explains an error of an unfinished copy.
func (c *copier) stopped(ctx context.Context, err error) error {
	var refused refusal
	const again = "run the same command again to continue"
	switch {
	case errors.As(err, &refused):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted, with %d of %d rows in the target: %s", c.kept, c.total, again)
	default:
		return fmt.Errorf("the copy stopped, with %d of %d rows in the target: %w: %s", c.kept, c.total, store.Cause(err), again)
	}
}

// copy writes the rows that the target lacks.
func (c *copier) copy(ctx context.Context) error {
	c.begin("copying")
	all := parts()
	for i, p := range all {
		w := &batchWriter{to: c.to, part: p}
		checked := false
		flush := func() error {
			if len(w.rows) > 0 && !checked {
				if err := c.wantEmpty(ctx, all[i+1:]); err != nil {
					return err
				}
				checked = true
			}
			rows, err := w.flush(ctx)
			if err != nil {
				return err
			}
			c.kept += rows
			c.written += rows
			return nil
		}
		_, err := c.pass(ctx, p, func(t tuple) error {
			if w.add(t) {
				return flush()
			}
			return nil
		})
		if err == nil {
			err = flush()
		}
		if err != nil {
			return c.stopped(ctx, err)
		}
	}
	for _, step := range []func(context.Context) error{c.raiseLastID, c.copyID} {
		if err := step(ctx); err != nil {
			return c.stopped(ctx, err)
		}
	}
	return nil
}

// compare reads both databases again and compares them.
func (c *copier) compare(ctx context.Context) (*Copied, error) {
	c.begin("comparing")
	result := &Copied{Written: c.written}
	var differs string
	for _, p := range parts() {
		found, err := c.pass(ctx, p, nil)
		if err != nil {
			return nil, c.stopped(ctx, err)
		}
		differs = cmp.Or(differs, found.differs)
		result.Counts = append(result.Counts, CopiedCount{p.name, found.source.rows, found.target.rows})
		if p.also != "" {
			result.Counts = append(result.Counts, CopiedCount{p.also, found.source.also, found.target.also})
		}
	}
	var err error
	if result.LeftBehind, err = leftBehind(ctx, c.from); err != nil {
		return nil, c.stopped(ctx, err)
	}
	if differs != "" {
		return result, fmt.Errorf("the databases differ, first in %s: something has written to one of them meanwhile. "+
			"Stop the servers of both, empty the target and copy once more", differs)
	}
	return result, nil
}

// tally counts a part of one database; findings are those of a pass over both.
type (
	tally    struct{ rows, also int64 }
	findings struct {
		source, target tally
		// differs names the first row that differs.
		differs string
	}
)

func (t *tally) count(row tuple, there bool) {
	if there {
		t.rows++
	}
	if row.counted {
		t.also++
	}
}

// pass reads a part of both databases side by side. If missing is set, it receives the rows after the end of the target, and
// any other difference is a refusal.
func (c *copier) pass(ctx context.Context, p part, missing func(tuple) error) (findings, error) {
	var f findings
	source, stopSource := iter.Pull2(p.tuples(ctx, c.from.Raw(), c.to.Raw(), true))
	defer stopSource()
	target, stopTarget := iter.Pull2(p.tuples(ctx, c.to.Raw(), c.to.Raw(), false))
	defer stopTarget()
	for {
		want, err, more := source()
		if err != nil {
			return f, err
		}
		got, err, found := target()
		if err != nil {
			return f, err
		}
		f.source.count(want, more)
		f.target.count(got, found)
		switch {
		case !more && !found:
			return f, nil
		case more && !found && missing != nil:
			if err := missing(want); err != nil {
				return f, err
			}
		case !bytes.Equal(want.text, got.text) && missing != nil:
			return f, refuse("the target contains %s, which differs in the source: the target is in use, or the source has changed since "+
				"an earlier copy. Copy into an empty database", cmp.Or(got.label, want.label))
		case !bytes.Equal(want.text, got.text):
			f.differs = cmp.Or(f.differs, want.label, got.label)
		case missing != nil:
			c.kept++
		}
		if c.done++; c.done%int64(copyRows) == 0 || c.done == c.total {
			c.progress(store.Progress{Doing: c.doing, Done: c.done, Total: c.total})
		}
	}
}
