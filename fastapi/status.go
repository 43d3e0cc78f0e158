package fastapi

import (
	"slices"
	"strings"
)

// storedStatuses are the words beside Statuses with which backends store the state of a task. The value is whether it is completed.
var storedStatuses = map[string]bool{
	"complete": true, "finished": true, "closed": true,
	"to_do": false, "new": false, "not_started": false, "not_completed": false,
	"inprogress": false, "doing": false, "started": false, "blocked": false, "on_hold": false, "waiting": false, "backlog": false,
	"review": false, "in_review": false,
}

// plainStatuses are words for an open task that say nothing more of it.
var plainStatuses = []string{"pending", "todo", "to_do", "incomplete", "active", "open", "new", "not_started", "not_completed"}

// ParseStoredStatus reads the word that a backend has stored for the state of a task: one of Statuses or another one, in any letter case and with
// spaces or dashes for underscores. more is true if the word says more of an open task than that it is open. ok is false for a word that does
// not say whether the task is completed, such as cancelled.
func ParseStoredStatus(word string) (done, more, ok bool) {
	word = strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(word)))
	if done, ok = ParseStatus(word); !ok {
		done, ok = storedStatuses[word]
	}
	return done, ok && !done && !slices.Contains(plainStatuses, word), ok
}
