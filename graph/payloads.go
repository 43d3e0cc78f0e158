package graph

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
	"taskql/tasks"
)

// refused returns the user errors in err for the payload, or else err itself.
func refused(err error) ([]models.UserError, error) {
	var refusal models.UserErrors
	if errors.As(err, &refusal) {
		return refusal, nil
	}
	return []models.UserError{}, err
}

// payload has the fields of every mutation payload.
type payload struct {
	userErrors []models.UserError
	syncToken  *string
}

// payload converts the result of an operation. id is the change, zero if nothing was written.
func (r *Resolver) payload(ctx context.Context, id tasks.ChangeID, err error) (payload, error) {
	userErrors, err := refused(err)
	if err != nil {
		return payload{}, err
	}
	token, err := r.Service.Token(ctx, id)
	return payload{userErrors, token}, err
}

func (r *Resolver) createPayload(ctx context.Context, write *tasks.Write, err error) (*models.CreateTaskPayload, error) {
	p, err := r.payload(ctx, changeOf(write), err)
	if err != nil {
		return nil, err
	}
	return &models.CreateTaskPayload{Task: taskOf(write), UserErrors: p.userErrors, SyncToken: p.syncToken, Query: &models.Query{}}, nil
}

func (r *Resolver) taskPayload(ctx context.Context, write *tasks.Write, err error) (*models.TaskPayload, error) {
	p, err := r.payload(ctx, changeOf(write), err)
	if err != nil {
		return nil, err
	}
	return &models.TaskPayload{Task: taskOf(write), UserErrors: p.userErrors, SyncToken: p.syncToken, Query: &models.Query{}}, nil
}

func (r *Resolver) deletePayload(ctx context.Context, write *tasks.Write, err error) (*models.DeleteTaskPayload, error) {
	p, err := r.payload(ctx, changeOf(write), err)
	if err != nil {
		return nil, err
	}
	result := &models.DeleteTaskPayload{Task: taskOf(write), UserErrors: p.userErrors, SyncToken: p.syncToken, Query: &models.Query{}}
	if result.Task != nil {
		id := strconv.FormatInt(result.Task.ID, 10)
		result.DeletedTaskID = &id
	}
	return result, nil
}

func (r *Resolver) tasksPayload(ctx context.Context, writes *tasks.Writes, err error) (*models.TasksPayload, error) {
	if writes == nil {
		writes = &tasks.Writes{Tasks: []*models.Task{}}
	}
	p, err := r.payload(ctx, writes.ChangeID, err)
	if err != nil {
		return nil, err
	}
	return &models.TasksPayload{Tasks: writes.Tasks, UserErrors: p.userErrors, SyncToken: p.syncToken, Query: &models.Query{}}, nil
}

func (r *Resolver) leftPayload(ctx context.Context, left *tasks.Removal, err error) (*models.DeleteTasksPayload, error) {
	if left == nil {
		left = &tasks.Removal{}
	}
	p, err := r.payload(ctx, left.ChangeID, err)
	if err != nil {
		return nil, err
	}
	result := &models.DeleteTasksPayload{
		DeletedTaskIds: make([]string, len(left.IDs)), Count: left.Count, UserErrors: p.userErrors, SyncToken: p.syncToken, Query: &models.Query{},
	}
	for i, id := range left.IDs {
		result.DeletedTaskIds[i] = strconv.FormatInt(id, 10)
	}
	return result, nil
}

func (r *Resolver) purgePayload(ctx context.Context, left *tasks.Removal, err error) (*models.DeleteTaskPayload, error) {
	all, err := r.leftPayload(ctx, left, err)
	if err != nil {
		return nil, err
	}
	result := &models.DeleteTaskPayload{UserErrors: all.UserErrors, SyncToken: all.SyncToken, Query: all.Query}
	if all.Count > 0 {
		result.DeletedTaskID = &all.DeletedTaskIds[0]
	}
	return result, nil
}

func changeOf(write *tasks.Write) (id tasks.ChangeID) {
	if write != nil {
		id = write.ChangeID
	}
	return id
}

func taskOf(write *tasks.Write) *models.Task {
	if write == nil {
		return nil
	}
	return write.Task
}

// node returns task as a Node. A nil task becomes a nil Node, not an interface that holds a nil pointer.
func node(task *models.Task, err error) (models.Node, error) {
	if task == nil {
		return nil, err
	}
	return task, err
}

// noneIfBlank returns nil for a blank description, as GraphQL defines it. REST stores blank text.
func noneIfBlank(description *string) *string {
	if description != nil && strings.TrimSpace(*description) == "" {
		return nil
	}
	return description
}

// blankIsNone applies noneIfBlank to an update.
func blankIsNone(input models.UpdateTaskInput) models.UpdateTaskInput {
	if description, ok := input.Description.ValueOK(); ok {
		input.Description = graphql.OmittableOf(noneIfBlank(description))
	}
	return input
}
