package models

import "time"

// ImportTaskInput is a task from a file: a new task here, with what it already was where it comes from.
type ImportTaskInput struct {
	CreateTaskInput
	// Source names the task where it comes from: alike in every file that has it, and of no other task.
	Source string
	// ID is the task's where it comes from, 0 where it had none.
	ID int64
	// CreatedAt and UpdatedAt are nil where the file does not say: then that is now. CompletedAt may be left out of a
	// task that is done, too: then it was done when it last changed.
	CreatedAt, UpdatedAt, CompletedAt *time.Time
}

// NewTask is CreateTaskInput.NewTask with the times of the file.
func (in ImportTaskInput) NewTask(user string, now time.Time) (*Task, UserErrors) {
	t, errs := in.CreateTaskInput.NewTask(user, now)
	if in.CompletedAt != nil && !in.Completed {
		errs = append(errs, InvalidInput{
			Code: UserErrorCodeInvalidFormat, Message: "A task that is not done cannot have been done at a time.", Field: []string{"input", "completedAt"},
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
