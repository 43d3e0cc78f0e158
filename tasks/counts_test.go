package tasks

import (
	"fmt"
	"strconv"
	"testing"

	"taskql/store"
)

// TestDifferentTags counts more different tags than are kept: those that are known are counted on.
func TestDifferentTags(t *testing.T) {
	counts := tagCounts{most: 100, uses: map[string]*tagCount{}}
	for i := range 300 {
		tag := strconv.Itoa(i)
		counts.add(store.Tagged{Tags: []string{"Often", tag}, Lower: []string{"often", tag}, Completed: i%3 == 0, Version: int64(i + 1)})
	}
	often := counts.uses["often"]
	if got := fmt.Sprintln(len(counts.uses), often.Tag, often.Total, often.Open); got != "100 Often 300 200\n" {
		t.Errorf("the counts are %s", got)
	}
}
