package store

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard []Progress
		r := reporter{report: func(p Progress) { heard = append(heard, p) }}
		r.start()
		for i := range int64(100) {
			time.Sleep(100 * time.Millisecond)
			r.update("counting", i+1, 100)
		}
		if want := []Progress{{"counting", 30, 100}, {"counting", 60, 100}, {"counting", 90, 100}}; !slices.Equal(heard, want) {
			t.Errorf("of ten seconds was heard %v, want %v", heard, want)
		}
		r.report = nil
		time.Sleep(time.Minute)
		r.update("counting", 1, 1) // to nobody
	})
}
