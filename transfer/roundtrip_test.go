package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"taskql/models"
)

// written is a file with the tasks.
func written(t testing.TB, format Format, tasks []*models.Task) string {
	t.Helper()
	var file strings.Builder
	w := NewWriter(&file, format)
	for _, task := range tasks {
		if err := w.Write(task); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// readAll reads a file to its end: its rows, and what is wrong with the others.
func readAll(t testing.TB, text string) (file *File, rows []*Row, bad []string) {
	t.Helper()
	file, err := Open(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := file.Next()
		var wrong *RowError
		switch {
		case errors.As(err, &wrong):
			bad = append(bad, wrong.Error())
		case errors.Is(err, io.EOF):
			if _, again := file.Next(); !errors.Is(again, io.EOF) {
				t.Errorf("after the end comes %v", again)
			}
			return file, rows, bad
		case err != nil:
			return file, rows, append(bad, "END "+err.Error())
		default:
			rows = append(rows, row)
		}
	}
}

// odd are the parts of texts that a format could lose.
var odd = []string{
	"=", "+", "-", "@", "'", "''", `"`, `""`, ",", ";", "\n", "\r\n", "\r", "\t", " ", "  ", "ä", "日本", "😀", "＝", `\`, `\n`, "null", "[", "{", "]", "1", "\uFEFF",
	"\u2028", "#", "<b>", "a", "NULL", "true",
}

func oddText(r *rand.Rand) string {
	text := ""
	for range r.IntN(6) {
		text += odd[r.IntN(len(odd))]
	}
	return text
}

func oddTask(r *rand.Rand, id int64) *models.Task {
	now := time.Date(2026, 3, 1, 12, 0, 0, r.IntN(1e6)*1000*r.IntN(2), time.UTC)
	in := models.CreateTaskInput{Title: "x" + oddText(r), Priority: models.AllPriority[r.IntN(3)], Completed: r.IntN(2) == 0}
	if r.IntN(2) == 0 {
		in.Title = oddText(r) + "x"
	}
	if r.IntN(4) > 0 {
		text := oddText(r)
		in.Description = &text
	}
	for range r.IntN(3) {
		in.Tags = append(in.Tags, oddText(r)+fmt.Sprint(len(in.Tags)))
	}
	day, at := models.NewDate(2026, 2, 1+r.IntN(28)), now.Add(time.Duration(r.Int64N(1e15))).Truncate(time.Microsecond)
	in.Due = []*models.DueInput{nil, {Date: &day}, {At: &at}, {Local: &at}, {Local: &day.Time}, {At: &day.Time}}[r.IntN(6)]
	task, errs := in.NewTask(oddText(r), now)
	if errs != nil {
		panic(errs)
	}
	task.ID, task.UpdatedAt = id, now.Add(time.Hour)
	return task
}

// imported is the task that a row makes.
func imported(t testing.TB, row *Row, user string) *models.Task {
	t.Helper()
	task, errs := row.Task.NewTask(user, time.Now())
	if errs != nil {
		t.Fatalf("line %d: %v", row.Line, errs)
	}
	task.ID = row.Task.ID
	return task
}

func TestNothingIsLost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var tasks []*models.Task
	for id := range int64(3000) {
		tasks = append(tasks, oddTask(r, id+1))
	}
	var tags []string
	for i := range models.MaxTags {
		tags = append(tags, fmt.Sprintf(`=a,"%d",`, i))
	}
	tasks[0].Tags = tags
	sources := map[string]int64{}
	for _, format := range []Format{JSON, CSV} {
		text := written(t, format, tasks)
		for name, text := range map[string]string{"": text, " with a byte order mark": "\uFEFF" + text} {
			file, rows, bad := readAll(t, text)
			if bad != nil || len(rows) != len(tasks) || file.Listed || file.Bytes() != int64(len(text)) || file.Ignored() != nil {
				t.Fatalf("%s%s: %d rows of %d, %d bytes of %d, bad %q", format, name, len(rows), len(tasks), file.Bytes(), len(text), bad)
			}
			for i, row := range rows {
				if got, want := imported(t, row, tasks[i].UserID), tasks[i]; !reflect.DeepEqual(got, want) {
					t.Fatalf("%s: task %d came back as\n%+v\nwant\n%+v", format, i, got, want)
				}
				if id, known := sources[row.Task.Source]; known && id != row.Task.ID {
					t.Fatalf("the tasks %d and %d have one source", id, row.Task.ID)
				}
				sources[row.Task.Source] = row.Task.ID
			}
		}
	}
	if len(sources) != len(tasks) {
		t.Errorf("%d sources of %d tasks: the formats differ", len(sources), len(tasks))
	}
}

// TestCSVIsGuarded looks at the CSV with another reader: each line ends as RFC 4180 says, and no cell is a formula.
func TestCSVIsGuarded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var tasks []*models.Task
	for id := range int64(1000) {
		tasks = append(tasks, oddTask(r, id+1))
	}
	text := written(t, CSV, tasks)
	if ends := strings.Count(strings.ReplaceAll(text, `""`, ""), "Z\r\n") + strings.Count(text, ",\r\n"); ends < len(tasks) || !strings.HasPrefix(text, strings.Join(columns, ",")+"\r\n") {
		t.Errorf("%d lines end with CR LF, want the header and %d", ends, len(tasks))
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) != len(tasks)+1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, record := range records[1:] {
		for i, cell := range record {
			if cell = strings.TrimLeft(cell, " "); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("%s is %q", columns[i], cell)
			}
		}
	}
	// Most texts are left alone.
	for _, plain := range []string{"Buy milk", "'tis", "a=b", "1+1", "it's", `"quoted"`, "–dash", "’"} {
		if got := guarded(&plain); got != plain {
			t.Errorf("guarded(%q) = %q", plain, got)
		}
	}
}

func FuzzGuarded(f *testing.F) {
	for _, text := range []string{"", "'", "''=", " =1", "＝", "\xff", "'a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := unguarded(guarded(&text)); got != text || guarded(&text) == "" {
			t.Errorf("unguarded(guarded(%q)) = %q", text, got)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, format := range []Format{JSON, CSV} {
		f.Add(written(f, format, []*models.Task{oddTask(r, 1), oddTask(r, 2)}))
	}
	f.Add(todoistSample)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Open(strings.NewReader(text))
		if err != nil {
			return
		}
		for range len(text) + 2 {
			row, err := file.Next()
			var wrong *RowError
			if err != nil && !errors.As(err, &wrong) {
				return
			}
			if err == nil && (row.Line < 1 || row.Task.Source == "") {
				t.Errorf("row %+v", row)
			}
		}
		t.Error("more rows than bytes")
	})
}

func TestEmptyExports(t *testing.T) {
	for _, format := range []Format{JSON, CSV} {
		if _, rows, bad := readAll(t, written(t, format, nil)); rows != nil || bad != nil {
			t.Errorf("%s without tasks has %d rows, bad %q", format, len(rows), bad)
		}
	}
}

// endless is a file without an end, and counts how much of it was read.
type endless struct {
	begin string
	row   []byte
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	from := io.MultiReader(strings.NewReader(e.begin), bytes.NewReader(e.row))
	e.begin = ""
	n, err := from.Read(p)
	e.read += n
	return n, err
}

func TestRowsWithoutEnd(t *testing.T) {
	for begin, row := range map[string]string{
		`[{"title":"`:                  "x",
		`[{"title":"a"},[`:             "1,",
		"id,title\n1,ok\n2,\"":         "x\n",
		"id,title\n1,ok\n2,":           "x",
		"TYPE,CONTENT\ntask,ok\ntask,": "x",
	} {
		in := &endless{begin: begin, row: []byte(strings.Repeat(row, 1000))}
		file, err := Open(in)
		for err == nil {
			_, err = file.Next()
		}
		if !strings.Contains(err.Error(), "in one row") || !strings.Contains(err.Error(), "line") || in.read > 2*maxRow {
			t.Errorf("%.20q… = %v after %d bytes", begin, err, in.read)
		}
	}
}
