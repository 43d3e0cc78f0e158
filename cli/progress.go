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

// progressPause lies between two lines about the progress.
const progressPause = 3 * time.Second

// bytesProgress shows how much of a file was worked on: with a bar on a terminal, elsewhere with a line every few
// seconds.
type bytesProgress struct {
	w     io.Writer
	doing string
	total int64                    // -1 where it is not known
	bar   *progressbar.ProgressBar // on a terminal
	last  time.Time
}

func newBytesProgress(w io.Writer, doing string, total int64) *bytesProgress {
	return &bytesProgress{w: w, doing: doing, total: total, last: time.Now(), bar: newBar(w, doing, total, progressbar.OptionShowBytes(true))}
}

// newBar returns a bar on the terminal w, and nil where w is none.
func newBar(w io.Writer, doing string, total int64, options ...progressbar.Option) *progressbar.ProgressBar {
	if file, ok := w.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return progressbar.NewOptions64(total, append(options, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(doing),
		progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond))...)
}

// report shows that so many bytes are done, with what has come of them in words.
func (p *bytesProgress) report(done int64, result string) {
	switch {
	case p.bar != nil:
		_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
	case time.Since(p.last) < progressPause:
	default:
		p.last = time.Now()
		if p.total > 0 {
			result += fmt.Sprintf(", at %d %% of the file", 100*done/p.total)
		}
		fmt.Fprintf(p.w, "%s: %s\n", p.doing, result)
	}
}

// say prints a line above the bar.
func (p *bytesProgress) say(line string) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
}

// end takes the bar away.
func (p *bytesProgress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// rowsProgress shows how far each step of work on a database has come, in the same two ways.
type rowsProgress struct {
	w     io.Writer
	doing string
	bar   *progressbar.ProgressBar // on a terminal
	last  time.Time
}

// report shows how far it is now. A step that is called otherwise than the one before begins anew.
func (p *rowsProgress) report(now store.Progress) {
	next := now.Doing != p.doing
	if next {
		p.end()
		p.doing, p.bar = now.Doing, newBar(p.w, now.Doing, now.Total, progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"))
	}
	switch {
	case p.bar != nil:
		_ = p.bar.Set64(now.Done) // a bar that cannot be drawn is no reason to stop
	case next || now.Done == now.Total || time.Since(p.last) >= progressPause:
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s: %d of %d rows\n", now.Doing, now.Done, now.Total)
	}
}

// end leaves the line of the bar.
func (p *rowsProgress) end() {
	if p.bar != nil {
		p.bar = nil
		fmt.Fprintln(p.w)
	}
}
