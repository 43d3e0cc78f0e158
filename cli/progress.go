package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"taskql/store"
)

// progress shows how far a command has come: as a bar on a terminal, elsewhere as a line every few seconds. It may go
// through several phases, one after the other.
type progress struct {
	w     io.Writer
	unit  string // what is counted, such as "rows"
	phase string
	bar   *progressbar.ProgressBar // nil where w is no terminal
	last  time.Time
}

// bytes is the unit of progress through a file. Its size may be unknown, so lines have a percentage or nothing.
const bytes = "bytes"

// progressInterval is the least time between two lines.
const progressInterval = 3 * time.Second

func newProgress(w io.Writer, unit string) *progress {
	return &progress{w: w, unit: unit, last: time.Now()}
}

// report shows that done of total units of a phase are done; total is -1 where it is unknown. result, which may be
// empty, is what has come of it.
func (p *progress) report(phase string, done, total int64, result string) {
	begins := phase != p.phase
	if begins {
		p.end()
		p.phase, p.bar = phase, p.newBar(phase, total)
	}
	switch {
	case p.bar != nil:
		_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
	case time.Since(p.last) >= progressInterval || p.unit != bytes && (begins || done == total):
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s: %s\n", phase, p.line(done, total, result))
	}
}

func (p *progress) line(done, total int64, result string) string {
	switch {
	case p.unit != bytes:
		return fmt.Sprintf("%d of %d %s", done, total, p.unit)
	case total > 0:
		return fmt.Sprintf("%s, at %d %% of the file", result, 100*done/total)
	}
	return result
}

func (p *progress) newBar(phase string, total int64) *progressbar.ProgressBar {
	if file, ok := p.w.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	counted := []progressbar.Option{progressbar.OptionShowBytes(true)}
	if p.unit != bytes {
		counted = []progressbar.Option{progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(p.unit)}
	}
	return progressbar.NewOptions64(total, append(counted, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(phase),
		progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond))...)
}

// println prints a line above the bar.
func (p *progress) println(line string) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}

// database shows the progress of work on a database's rows.
func (p *progress) database(now store.Progress) { p.report(now.Doing, now.Done, now.Total, "") }
