package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The workloads, in the order in which they run: reads before writes, so that the reads meet the same rows in every turn.
var workloads = []string{"W1", "W2", "W6", "W3", "W4", "W5"}

var workloadTitles = map[string]string{
	"W1": "list, 20 newest open",
	"W2": "get one by id",
	"W3": "create",
	"W4": "toggle completed",
	"W5": "80 % W1 or W2, 20 % W3 or W4",
	"W6": "priority + text search, page 2",
}

const fields = `{ id userId title description priority tags dueAt completed createdAt updatedAt version }`

// queries are the GraphQL documents. The operation's name tells the limit handler, which does not parse them, what to do.
var queries = map[string]string{
	"W1": `query W1($first: Int!) { tasks(first: $first, filter: {completed: false}, orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes ` +
		fields + ` pageInfo { hasNextPage endCursor } } }`,
	"W2": `query W2($id: ID!) { task(id: $id) ` + fields + ` }`,
	"W3": `mutation W3($input: CreateTaskInput!) { createTask(input: $input) { task ` + fields + ` userErrors { code message } } }`,
	"W4": `mutation W4($id: ID!) { toggleTask(id: $id) { task ` + fields + ` userErrors { code message } } }`,
	"W6": `query W6($first: Int!, $after: String, $search: String) { tasks(first: $first, after: $after, filter: {priority: {eq: HIGH}}, search: $search,` +
		` orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes ` + fields + ` pageInfo { hasNextPage endCursor } } }`,
}

// request is one GraphQL request and what its answer must be.
type request struct {
	workload string
	user     int
	index    int // of the task, for W2 and W4
	title    string
	body     []byte
}

// requests makes the requests of a run: of random users and tasks among those given.
type requests struct {
	data    *dataset
	users   []int
	tokens  map[int]string
	cursors map[int]string // where the second page of W6 begins; see fetchCursors
}

func newRequests(data *dataset, users []int, secret string) *requests {
	r := &requests{data: data, users: users, tokens: map[int]string{}, cursors: map[int]string{}}
	for _, user := range users {
		r.tokens[user] = signToken(secret, userName(user), time.Now())
	}
	return r
}

func (r *requests) random(workload string, random *rand.Rand) (request, error) {
	if workload == "W5" {
		kinds := []string{"W1", "W1", "W1", "W1", "W2", "W2", "W2", "W2", "W3", "W4"}
		workload = kinds[random.IntN(len(kinds))]
	}
	user := r.users[random.IntN(len(r.users))]
	made := request{workload: workload, user: user, index: random.IntN(r.data.sizes[user])}
	var variables map[string]any
	switch workload {
	case "W1":
		variables = map[string]any{"first": pageSize}
	case "W2", "W4":
		variables = map[string]any{"id": fmt.Sprint(r.data.ids[user][made.index])}
	case "W3":
		made.title = fmt.Sprintf("%s creates %x", userName(user), random.Uint32())
		variables = map[string]any{"input": map[string]any{
			"title": made.title, "description": notes[0], "priority": "MEDIUM", "tags": []string{"bench", "new"},
			"due": map[string]any{"at": "2026-03-01T12:00:00Z"},
		}}
	case "W6":
		variables = map[string]any{"first": pageSize, "after": r.cursors[user], "search": searchWord}
	}
	var err error
	made.body, err = encodeBody(workload, variables)
	return made, err
}

// firstPage is the request for the page before that of W6, whose cursor W6 needs.
func (r *requests) firstPage(user int) (request, error) {
	body, err := encodeBody("W6", map[string]any{"first": pageSize, "after": nil, "search": searchWord})
	return request{workload: "W6", user: user, body: body}, err
}

func encodeBody(workload string, variables map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{"operationName": workload, "query": queries[workload], "variables": variables})
}

// answer is a GraphQL answer to any of the workloads.
type answer struct {
	Errors []struct{ Message string }
	Data   struct {
		Tasks *struct {
			Nodes    []answeredTask
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
		Task                   *answeredTask
		CreateTask, ToggleTask *struct {
			Task       *answeredTask
			UserErrors []struct{ Code, Message string }
		}
	}
}

type answeredTask struct {
	ID, UserID, Title, Priority string
	Description                 *string
	Tags                        []string
	DueAt                       *time.Time
	Completed                   bool
	CreatedAt, UpdatedAt        time.Time
	Version                     int64
}

// check compares an answer's body with the dataset.
func (r *requests) check(sent request, body []byte) error {
	var got answer
	if err := json.Unmarshal(body, &got); err != nil {
		return err
	}
	if len(got.Errors) > 0 {
		return errors.New(got.Errors[0].Message)
	}
	switch sent.workload {
	case "W1", "W6":
		if got.Data.Tasks == nil {
			return errors.New("no tasks")
		}
		return r.checkList(sent, got.Data.Tasks.Nodes)
	case "W2":
		return r.checkTask(sent, got.Data.Task)
	default:
		payload := got.Data.CreateTask
		if sent.workload == "W4" {
			payload = got.Data.ToggleTask
		}
		if payload == nil || len(payload.UserErrors) > 0 {
			return errors.New("the write was refused")
		}
		return r.checkTask(sent, payload.Task)
	}
}

func (r *requests) checkTask(sent request, got *answeredTask) error {
	if got == nil || got.UserID != userName(sent.user) || got.Version < 1 {
		return fmt.Errorf("not a task of %s: %+v", userName(sent.user), got)
	}
	if sent.workload == "W3" {
		if got.Title != sent.title || got.Priority != "MEDIUM" || !slices.Equal(got.Tags, []string{"bench", "new"}) || got.DueAt == nil || got.Completed {
			return fmt.Errorf("not the task that was created: %+v", got)
		}
		return nil
	}
	want := r.data.task(sent.user, sent.index)
	tags, err := json.Marshal(got.Tags)
	if err != nil {
		return err
	}
	if got.ID != fmt.Sprint(want.id) || got.Title != want.title || got.Description == nil || *got.Description != want.description ||
		got.Priority != want.priority || string(tags) != want.tags || !got.CreatedAt.Equal(want.created) ||
		(got.DueAt == nil) != (want.due == nil) || got.DueAt != nil && !got.DueAt.Equal(*want.due) {
		return fmt.Errorf("the answer is %+v, want %+v", got, want)
	}
	return nil
}

func (r *requests) checkList(sent request, nodes []answeredTask) error {
	if len(nodes) != pageSize {
		return fmt.Errorf("a page of %d tasks, want %d", len(nodes), pageSize)
	}
	var ids []int64
	for i, node := range nodes {
		switch {
		case node.UserID != userName(sent.user) || !strings.HasPrefix(node.Title, node.UserID+" "):
			return fmt.Errorf("a task of another user: %+v", node)
		case i > 0 && node.CreatedAt.After(nodes[i-1].CreatedAt):
			return errors.New("the page is not in the order of creation")
		case sent.workload == "W1" && node.Completed:
			return errors.New("a completed task among the open ones")
		}
		var id int64
		if _, err := fmt.Sscan(node.ID, &id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if want := r.data.secondPage(sent.user); sent.workload == "W6" && !slices.Equal(ids, want) {
		return fmt.Errorf("the second page is %v, want %v", ids, want)
	}
	return nil
}
