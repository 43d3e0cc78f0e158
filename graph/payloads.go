package graph

import (
	"errors"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// refused splits what an operation returned into what belongs in the payload and what does not.
func refused(err error) ([]models.UserError, error) {
	var refusal models.UserErrors
	if errors.As(err, &refusal) {
		return refusal, nil
	}
	return []models.UserError{}, err
}

func createPayload(write *tasks.Write, err error) (*models.CreateTaskPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	return &models.CreateTaskPayload{Task: taskOf(write), UserErrors: userErrors, Query: &models.Query{}}, nil
}

func taskPayload(write *tasks.Write, err error) (*models.TaskPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	return &models.TaskPayload{Task: taskOf(write), UserErrors: userErrors, Query: &models.Query{}}, nil
}

func deletePayload(write *tasks.Write, err error) (*models.DeleteTaskPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	payload := &models.DeleteTaskPayload{Task: taskOf(write), UserErrors: userErrors, Query: &models.Query{}}
	if payload.Task != nil {
		id := strconv.FormatInt(payload.Task.ID, 10)
		payload.DeletedTaskID = &id
	}
	return payload, nil
}

func tasksPayload(writes *tasks.Writes, err error) (*models.TasksPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	payload := &models.TasksPayload{Tasks: []*models.Task{}, UserErrors: userErrors, Query: &models.Query{}}
	if writes != nil {
		payload.Tasks = writes.Tasks
	}
	return payload, nil
}

func leftPayload(left *tasks.Left, err error) (*models.DeleteTasksPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	payload := &models.DeleteTasksPayload{DeletedTaskIds: []string{}, UserErrors: userErrors, Query: &models.Query{}}
	if left != nil {
		payload.Count = left.Count
		for _, id := range left.IDs {
			payload.DeletedTaskIds = append(payload.DeletedTaskIds, strconv.FormatInt(id, 10))
		}
	}
	return payload, nil
}

func purgePayload(left *tasks.Left, err error) (*models.DeleteTaskPayload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return nil, err
	}
	payload := &models.DeleteTaskPayload{UserErrors: userErrors, Query: &models.Query{}}
	if left != nil {
		id := strconv.FormatInt(left.IDs[0], 10)
		payload.DeletedTaskID = &id
	}
	return payload, nil
}

func taskOf(write *tasks.Write) *models.Task {
	if write == nil {
		return nil
	}
	return write.Task
}

// node keeps a missing task from becoming a Node that is not nil.
func node(task *models.Task, err error) (models.Node, error) {
	if task == nil {
		return nil, err
	}
	return task, err
}

// noneIfBlank is how GraphQL takes a description: blank text is none. REST keeps it.
func noneIfBlank(description *string) *string {
	if description != nil && strings.TrimSpace(*description) == "" {
		return nil
	}
	return description
}

// blankIsNone is noneIfBlank for a change.
func blankIsNone(input models.UpdateTaskInput) models.UpdateTaskInput {
	if description, ok := input.Description.ValueOK(); ok {
		input.Description = graphql.OmittableOf(noneIfBlank(description))
	}
	return input
}
