package models

import "time"

// ImportTaskInput is a task from an import file. It has the fields of a new task and the history of the original.
type ImportTaskInput struct {
	CreateTaskInput
	// Source identifies the original task. It is the same in every file that contains the task, and unique to it.
	Source string
	// ID is the id of the original task, or 0 if it has none.
	ID int64
	// CreatedAt and UpdatedAt default to the time of the import, CompletedAt of a completed task to its UpdatedAt. Nil
	// stands for a time that the file does not contain.
	CreatedAt, UpdatedAt, CompletedAt *time.Time
}

// NewTask is CreateTaskInput.NewTask with the times of the original task. A CompletedAt without Completed is
// INVALID_FORMAT at "input.completedAt".
func (in ImportTaskInput) NewTask(user string, now time.Time) (*Task, UserErrors) {
	t, errs := in.CreateTaskInput.NewTask(user, now)
	if in.CompletedAt != nil && !in.Completed {
		errs = append(errs, InvalidInput{
			Code: UserErrorCodeInvalidFormat, Message: "A task that is not completed cannot have a completion time.", Field: []string{"input", "completedAt"},
		})
	}
	if errs != nil {
		return nil, errs
	}
	if in.CreatedAt != nil {
		t.CreatedAt = Timestamp(*in.CreatedAt)
	}
	if in.UpdatedAt != nil {
		t.UpdatedAt = Timestamp(*in.UpdatedAt)
	}
	if t.Completed {
		at := t.UpdatedAt
		if in.CompletedAt != nil {
			at = Timestamp(*in.CompletedAt)
		}
		t.CompletedAt = &at
	}
	return t, nil
}
