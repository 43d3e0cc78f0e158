package main

import (
	"fmt"
	"strings"
	"time"
)

// dataset is the tasks that every database is filled with. It computes each task from its place, so that the driver
// knows the right answers without reading the database.
type dataset struct {
	sizes []int     // how many tasks each user has
	ids   [][]int32 // by user and index
	total int
}

type task struct {
	id                       int64
	user, title, description string
	priority, tags           string // tags is a JSON array
	due                      *time.Time
	completed                bool
	created, updated         time.Time
	index                    int
}

// pageSize is the length of the lists that W1 and W6 request. searchWord is in the title of one task in five.
const (
	pageSize   = 20
	searchWord = "report"
)

// newDataset gives the users' tasks their ids in turn. So the tasks of one user lie far apart in the table, as they
// do where many users write over time.
func newDataset(sizes []int) *dataset {
	d := &dataset{sizes: sizes, ids: make([][]int32, len(sizes))}
	for index, more := 0, true; more; index++ {
		more = false
		for user, size := range sizes {
			if index < size {
				d.total++
				d.ids[user] = append(d.ids[user], int32(d.total))
				more = true
			}
		}
	}
	return d
}

func equalSizes(users, tasks int) []int {
	sizes := make([]int, users)
	for i := range sizes {
		sizes[i] = tasks
	}
	return sizes
}

func userName(user int) string { return fmt.Sprintf("user-%04d", user) }

var (
	subjects   = []string{"review the " + searchWord, "team meeting", "code review", "customer call", "release notes"}
	priorities = []string{"HIGH", "MEDIUM", "LOW"}
	tagLists   = []string{`[]`, `["work"]`, `["home","errand"]`, `["work","q3","urgent"]`}
	notes      = []string{
		"Collect what is missing, ask the others for comments and write down the decision.",
		"Call back before noon and send a short summary to everybody who was there.",
		"Check the sums twice: the last version had two errors in the column of totals.",
		"Book a room, invite the others and publish the agenda a day in advance.",
	}
	firstCreated = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)
)

// task returns the task of a user at an index from 0; a higher index is a newer task.
func (d *dataset) task(user, index int) task {
	id := int64(d.ids[user][index])
	created := firstCreated.Add(time.Duration(id) * 31 * time.Second)
	t := task{
		id: id, user: userName(user), index: index,
		title:       fmt.Sprintf("%s task %d: %s", userName(user), index, subjects[index%len(subjects)]),
		description: fmt.Sprintf("Part %d. %s", index, notes[(index+user)%len(notes)]),
		priority:    priorities[index%len(priorities)],
		tags:        tagLists[(index/2+user)%len(tagLists)],
		completed:   (index*7+user)%10 < 5,
		created:     created, updated: created.Add(time.Duration(index%600) * time.Minute),
	}
	if index%10 != 0 {
		due := created.Add(time.Duration(1+index%30)*24*time.Hour + time.Minute)
		t.due = &due
	}
	return t
}

// all iterates over the tasks in the order of their ids.
func (d *dataset) all(yield func(task) bool) {
	next := make([]int, len(d.sizes))
	for done := 0; done < d.total; {
		for user, size := range d.sizes {
			if next[user] == size {
				continue
			}
			if !yield(d.task(user, next[user])) {
				return
			}
			next[user]++
			done++
		}
	}
}

// secondPage returns the ids that W6 must answer with: of the user's tasks with priority HIGH and the search word,
// the newest but for the first page.
func (d *dataset) secondPage(user int) (ids []int64) {
	matches := 0
	for index := d.sizes[user] - 1; index >= 0 && len(ids) < pageSize; index-- {
		t := d.task(user, index)
		if t.priority == "HIGH" && strings.Contains(t.title, searchWord) {
			if matches++; matches > pageSize {
				ids = append(ids, t.id)
			}
		}
	}
	return ids
}
