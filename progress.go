package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
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
	p := &bytesProgress{w: w, doing: doing, total: total, last: time.Now()}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(doing),
			progressbar.OptionShowBytes(true), progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
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
