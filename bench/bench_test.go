package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, test := range []struct {
		sorted []time.Duration
		q      float64
		want   time.Duration
	}{
		{hundred, 0.50, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred[:1], 0.99, 1}, {hundred[:2], 0.50, 1}, {hundred[:3], 0.50, 2},
	} {
		if got := quantile(test.sorted, test.q); got != test.want {
			t.Errorf("quantile(1 to %d, %v) = %d, want %d", len(test.sorted), test.q, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
}

func TestParseStat(t *testing.T) {
	line := "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 20 5 20 0 8 0 1000 1 2"
	got, err := parseStat([]byte(line))
	if want := (processStat{parent: 7, cpu: 2250 * time.Millisecond}); err != nil || got != want {
		t.Errorf("parseStat(%q) = %+v, %v, want %+v", line, got, err, want)
	}
	if _, err := parseStat([]byte("42 (cut) S 7")); err == nil {
		t.Error("parseStat of a line that is cut off returns no error")
	}
}

func TestSumTree(t *testing.T) {
	all := map[int]processStat{1: {0, 1000}, 10: {1, 100}, 11: {10, 20}, 12: {11, 3}, 20: {1, 5000}}
	for _, test := range []struct {
		roots []int
		want  time.Duration
	}{{[]int{10}, 123}, {[]int{11, 20}, 5023}, {[]int{0}, 0}, {nil, 0}} {
		if got := sumTree(all, test.roots); got != test.want {
			t.Errorf("sumTree(%v) = %d, want %d", test.roots, got, test.want)
		}
	}
}

func TestDataset(t *testing.T) {
	data := newDataset([]int{2, 900, 700})
	var seen []int64
	users := map[string]int{}
	for task := range data.all {
		seen = append(seen, task.id)
		users[task.user]++
	}
	if len(seen) != 1602 || seen[0] != 1 || seen[1601] != 1602 || !slices.IsSorted(seen) {
		t.Errorf("%d tasks with the ids %d to %d, want 1602 in order from 1", len(seen), seen[0], seen[len(seen)-1])
	}
	if users["user-0000"] != 2 || users["user-0001"] != 900 || users["user-0002"] != 700 {
		t.Errorf("tasks by user: %v", users)
	}
	if page := data.secondPage(2); len(page) != pageSize || !slices.IsSortedFunc(page, func(a, b int64) int { return int(b - a) }) {
		t.Errorf("the second page is %v, want %d ids, the highest first", page, pageSize)
	}
}

// answered returns the answer to W2 as a server would give it, with a member replaced.
func answered(t *testing.T, want task, member string, value any) []byte {
	t.Helper()
	node := map[string]any{
		"id": "1", "userId": want.user, "title": want.title, "description": want.description, "priority": want.priority, "tags": json.RawMessage(want.tags),
		"dueAt": want.due, "completed": want.completed, "createdAt": want.created, "updatedAt": want.updated, "version": 1,
	}
	node[member] = value
	body, err := json.Marshal(map[string]any{"data": map[string]any{"task": node}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestCheckRefusesWrongAnswers(t *testing.T) {
	requests := newRequests(newDataset([]int{1}), []int{0}, "secret")
	sent, err := requests.random("W2", rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := requests.data.task(0, 0)
	if err := requests.check(sent, answered(t, want, "id", "1")); err != nil {
		t.Errorf("the right answer is refused: %v", err)
	}
	for member, value := range map[string]any{
		"id": "2", "userId": "user-0001", "title": "x", "description": nil, "priority": "LOW", "tags": []string{"x"}, "dueAt": time.Now(), "createdAt": time.Now(), "version": 0,
	} {
		if requests.check(sent, answered(t, want, member, value)) == nil {
			t.Errorf("an answer whose %s is %v passes", member, value)
		}
	}
	for _, body := range []string{`{"data":{"task":null}}`, `{"errors":[{"message":"no"}]}`, `<html>`, ``} {
		if requests.check(sent, []byte(body)) == nil {
			t.Errorf("the answer %q passes", body)
		}
	}
}

func TestTicksAround(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      []float64
	}{{130, 900, []float64{100, 200, 500, 1000}}, {100, 100, []float64{100}}, {2, 20, []float64{2, 5, 10, 20}}, {0.6, 0.7, []float64{0.5, 1}}} {
		if got := ticksAround(test.low, test.high); !slices.Equal(got, test.want) {
			t.Errorf("ticksAround(%v, %v) = %v, want %v", test.low, test.high, got, test.want)
		}
	}
}

func TestPlotIsXML(t *testing.T) {
	var svg strings.Builder
	p := plot{title: "a < b", x: "n", y: "µs", at: []float64{1, 1000}, lines: []line{{"W1", []float64{120, 480}}}}
	if err := p.write(&svg); err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(svg.String())); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, svg.String())
		}
	}
	for _, want := range []string{"1,000", "a &lt; b", "W1", `<polyline points="70.0,`} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the plot lacks %s:\n%s", want, svg.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Setenv("TEST_DATABASE_URL", "postgres://127.0.0.1/postgres")
	if o, _, err := parseFlags("compare", []string{"-workloads", "W4,W1"}); err != nil || !slices.Equal(o.workloads, []string{"W1", "W4"}) {
		t.Errorf("the workloads are %v (%v), want W1 and W4 in the order of a turn", o.workloads, err)
	}
	for _, args := range [][]string{{"-tasks", "10"}, {"-workloads", "W7"}, {"-databases", "mysql"}, {"-series", "users"}, {"-rounds", "0"}, {"more"}} {
		if _, _, err := parseFlags("compare", args); err == nil {
			t.Errorf("the flags %v pass", args)
		}
	}
}
