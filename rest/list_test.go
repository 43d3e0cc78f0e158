package rest

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskql/models"
)

// listWords is what a list would show, such as "completed order=TITLE ASC limit=5".
func listWords(l list) string {
	var words []string
	for _, f := range l.Filter.And {
		switch {
		case f.Completed != nil:
			words = append(words, fmt.Sprint("completed=", *f.Completed))
		case f.Priority != nil:
			words = append(words, fmt.Sprint("priority=", f.Priority.In))
		case f.Tags != nil:
			words = append(words, fmt.Sprintf("tags=%q", f.Tags.Any))
		case f.Or != nil:
			words = append(words, fmt.Sprintf("search=%q", *f.Or[0].Title.Contains))
		}
	}
	const layout = "2006-01-02T15:04:05.999999"
	if l.DueFrom != nil {
		words = append(words, "from="+l.DueFrom.Format(layout))
	}
	if l.DueUntil != nil {
		words = append(words, "until="+l.DueUntil.Format(layout))
	}
	if key := l.Order[0]; key.Field != models.TaskOrderFieldCreatedAt || key.Direction != models.OrderDirectionDesc {
		words = append(words, fmt.Sprintf("order=%s %s", key.Field, key.Direction))
	}
	if l.Offset > 0 {
		words = append(words, fmt.Sprint("offset=", l.Offset))
	}
	if l.Limit > 0 {
		words = append(words, fmt.Sprint("limit=", l.Limit))
	}
	return strings.Join(words, " ")
}

func TestLongTextsOfLists(t *testing.T) {
	long := func(n int, text string) string { return strings.Repeat(text, n) }
	varied := ""
	for i := range 250 {
		varied += fmt.Sprintf("ä%03d", i)
	}
	for query, want := range map[string]string{
		"search=" + url.QueryEscape(varied):                         "",
		"q=" + long(1001, "%C3%A4"):                                 "q 1000",
		"tags=" + long(5000, "%C3%A4"):                              "",
		"tags=" + long(2500, "a") + "&tag=" + long(2499, "b"):       "",
		"tags=" + long(2500, "a") + "&tag=" + long(2500, "b"):       "tags 5000",
		"search=" + long(100_000, "a") + "&tags=" + long(9999, "a"): "search 1000, tags 5000",
	} {
		_, err := Seed.readList(httptest.NewRequest("GET", "/?"+query, nil))
		var got []string
		list, _ := err.(validationErrors)
		for _, f := range list {
			if f.Type == "string_too_long" && len(f.Input) < 100 {
				got = append(got, fmt.Sprint(f.Loc[1], " ", f.Context["max_length"]))
			}
		}
		if strings.Join(got, ", ") != want || len(got) != len(list) {
			t.Errorf("readList(%.20s…) = %v of %d errors, want %q", query, got, len(list), want)
		}
	}
}

// TestRepeatingSearch searches for a text that PostgreSQL would compare too often.
func TestRepeatingSearch(t *testing.T) {
	for query, refused := range map[string]bool{strings.Repeat("-", 64): false, strings.Repeat("-", 65): true, strings.Repeat("xX", 40): true, strings.Repeat("ein Wort ", 60): false} {
		_, err := Seed.readList(httptest.NewRequest("GET", "/?search="+url.QueryEscape(query), nil))
		list, _ := err.(validationErrors)
		if got := len(list) == 1 && list[0].Type == "value_error" && fmt.Sprint(list[0].Loc) == "[query search]"; got != refused {
			t.Errorf("readList(%q) = %v, want an error: %v", query, err, refused)
		}
	}
}

func TestReadList(t *testing.T) {
	beyond := fmt.Sprint("offset=", maxOffset)
	for query, want := range map[string]string{
		"": "", "other=5": "",
		"status=completed": "completed=true", "status=Done": "completed=true", "status_filter=completed": "completed=true", "filter=done": "completed=true",
		"status=pending": "completed=false", "status=incomplete": "completed=false", "status=active": "completed=false", "status=todo": "completed=false", "status=open": "completed=false",
		"status=all": "", "status=": "", "status=later": "", "status=&filter=done": "completed=true", "status=open&status=done": "completed=true",
		"completed=true": "completed=true", "completed=0": "completed=false", "completed=Yes": "completed=true", "is_completed=off": "completed=false", "completed=maybe&completed=1": "completed=true",
		"priority=high": "priority=[HIGH]", "priority=Medium": "priority=[MEDIUM]", "priority=all": "", "priority=ALL": "", "priority=": "", "priority=urgent": "priority=[]",
		"search=a%25_b": `search="a%_b"`, "q=x": `search="x"`, "search=": "", "search=+&q=": "", "search=%FF": "search=\"\ufffd\"",
		"tags=a,b": `tags=["a" "b"]`, "tag=a&tag=b,+c": `tags=["a" "b" "c"]`, "tags=,+,": "", "tags=a&tag=b": `tags=["a" "b"]`,
		"due_after=2026-03-01": "from=2026-03-01T00:00:00", "due_date_after=2026-03-01T10:00": "from=2026-03-01T10:00:00", "due_date_from=2026-03-01T10:00:00%2B02:00": "from=2026-03-01T08:00:00",
		"due_before=2026-03-01": "until=2026-03-01T23:59:59.999999", "due_date_before=2026-03-01T00:00:00": "until=2026-03-01T00:00:00", "due_date_to=2026-03-01T10:00:00Z": "until=2026-03-01T10:00:00",
		"due_date=2026-03-01":                      "from=2026-03-01T00:00:00 until=2026-03-01T23:59:59.999999",
		"due_date=2026-03-01T15:00":                "from=2026-03-01T00:00:00 until=2026-03-01T23:59:59.999999",
		"due_date=2026-03-01&due_after=2026-03-05": "from=2026-03-05T00:00:00 until=2026-03-01T23:59:59.999999",
		"due_after=&due_before=":                   "",
		"sort=created":                             "", "sort=created_at": "", "sort=createdAt": "", "sort_by=nonsense": "", "sort=": "", "order=asc": "order=CREATED_AT ASC",
		"sort=created_asc": "order=CREATED_AT ASC", "sort=created_desc&order=asc": "", "sort=updatedAt": "order=UPDATED_AT DESC", "sort=updated&order=ASC": "order=UPDATED_AT ASC",
		"sort=title": "order=TITLE ASC", "sort=title&order=desc": "order=TITLE DESC", "sort=title&sort_order=desc": "order=TITLE DESC", "sort=title&order=up": "order=TITLE ASC",
		"sort=due_date": "order=DUE ASC", "sort=dueDate": "order=DUE ASC", "sort=due_at&order=desc": "order=DUE DESC",
		"sort=priority": "order=PRIORITY DESC", "sort=completed": "order=COMPLETED ASC", "sort=completed_at": "order=COMPLETED ASC",
		"limit=1": "limit=1", "limit=1000": "limit=1000", "limit=%2B07": "limit=7", "limit=5&limit=6": "limit=6",
		"limit=5&offset=10": "offset=10 limit=5", "limit=5&skip=10": "offset=10 limit=5", "skip=10": "offset=10", "limit=5&page=3": "offset=10 limit=5",
		"page_size=5&page=3": "offset=10 limit=5", "page_size=5": "limit=5", "page=1": "", "page=2": beyond, "limit=5&page_size=9": "limit=5", "offset=0": "",
		"limit=5&page=9223372036854775807": beyond + " limit=5", "offset=99999999999999999999": beyond, "limit=5&page=99999999999999999999": beyond + " limit=5",
		"limit=5&page=2&offset=3": "offset=3 limit=5",
	} {
		l, err := Seed.readList(httptest.NewRequest("GET", "/?"+query, nil))
		if got := listWords(l); err != nil || got != want {
			t.Errorf("readList(?%s) = %q, %v, want %q", query, got, err, want)
		}
	}
	if l, err := Web.readList(httptest.NewRequest("GET", "/?priority=urgent", nil)); err != nil || listWords(l) != "priority=[HIGH]" {
		t.Errorf("readList(?priority=urgent) = %q, %v in the dialect web", listWords(l), err)
	}
}

func TestInvalidLists(t *testing.T) {
	number := func(name, input string) string {
		return errorJSON("int_parsing", `"query",`+inQuotes(name), "Input should be a valid integer, unable to parse string as an integer", inQuotes(input))
	}
	low := func(name, input string, bound int) string {
		return errorJSON("greater_than_equal", `"query",`+inQuotes(name), fmt.Sprint("Input should be greater than or equal to ", bound), inQuotes(input), fmt.Sprint(`"ge":`, bound))
	}
	high := func(name, input string) string {
		return errorJSON("less_than_equal", `"query",`+inQuotes(name), "Input should be less than or equal to 1000", inQuotes(input), `"le":1000`)
	}
	date := func(name, input, reason string) string {
		return errorJSON("datetime_from_date_parsing", `"query",`+inQuotes(name), "Input should be a valid datetime or date, "+reason, inQuotes(input), `"error":`+inQuotes(reason))
	}
	for query, want := range map[string]string{
		"limit=0": low("limit", "0", 1), "limit=-1": low("limit", "-1", 1), "limit=1001": high("limit", "1001"), "limit=99999999999999999999": high("limit", "99999999999999999999"),
		"limit=ten": number("limit", "ten"), "limit=": number("limit", ""), "limit=1.5": number("limit", "1.5"),
		"page_size=0": low("page_size", "0", 1), "page_size=1001": high("page_size", "1001"), "page=0": low("page", "0", 1), "page=x": number("page", "x"),
		"offset=-1": low("offset", "-1", 0), "skip=-5": low("skip", "-5", 0), "offset=x": number("offset", "x"),
		"due_after=x":                date("due_after", "x", "input is too short"),
		"due_date_to=2026-02-30":     date("due_date_to", "2026-02-30", "day value is outside expected range"),
		"due_date=tomorrow&limit=0":  date("due_date", "tomorrow", "input is too short") + "," + low("limit", "0", 1),
		"completed=maybe":            errorJSON("bool_parsing", `"query","completed"`, notBoolean, `"maybe"`),
		"completed=":                 errorJSON("bool_parsing", `"query","completed"`, notBoolean, `""`),
		"is_completed=2&limit=0":     errorJSON("bool_parsing", `"query","is_completed"`, notBoolean, `"2"`) + "," + low("limit", "0", 1),
		"limit=0&page=0&offset=-1":   low("limit", "0", 1) + "," + low("page", "0", 1) + "," + low("offset", "-1", 0),
		"due_before=%FF&due_after=1": date("due_before", "\ufffd", "input is too short"),
	} {
		_, err := Seed.readList(httptest.NewRequest("GET", "/?"+query, nil))
		if got := answered(t, err); got != `422 {"detail":[`+want+`]}` {
			t.Errorf("readList(?%s) = %s\nwant %s", query, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	for _, tt := range []struct {
		query string
		total int
		want  string
	}{
		{"", 5, ""},
		{"limit=2", 5, "first=offset=0 next=offset=2 last=offset=4"},
		{"limit=2&offset=2", 5, "first=offset=0 prev=offset=0 next=offset=4 last=offset=4"},
		{"limit=2&offset=1", 4, "first=offset=0 prev=offset=0 next=offset=3 last=offset=3"},
		{"limit=2&skip=4", 5, "first=skip=0 prev=skip=2 last=skip=4"},
		{"limit=2&page=2", 5, "first=page=1 prev=page=1 next=page=3 last=page=3"},
		{"page_size=2&page=9", 5, "first=page=1 prev=page=3 last=page=3"},
		{"limit=2&offset=9", 5, "first=offset=0 prev=offset=4 last=offset=4"},
		{"limit=5", 5, "first=offset=0 last=offset=0"},
		{"limit=5", 0, "first=offset=0 last=offset=0"},
	} {
		r := httptest.NewRequest("GET", "/api/a%2Fb/tasks?sort=title&"+tt.query, nil)
		l, err := Seed.readList(r)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for link := range strings.SplitSeq(l.links(r, tt.total), ", ") {
			if link == "" {
				continue
			}
			address, relation, _ := strings.Cut(link, `>; rel="`)
			address, ok := strings.CutPrefix(address, "</api/a%2Fb/tasks?")
			if !ok || !strings.Contains(address, "sort=title") {
				t.Errorf("link %s, want the path and the other parameters kept", link)
			}
			for pair := range strings.SplitSeq(address, "&") {
				if name, _, _ := strings.Cut(pair, "="); name == l.turner {
					got = append(got, strings.TrimSuffix(relation, `"`)+"="+pair)
				}
			}
		}
		if words := strings.Join(got, " "); words != tt.want {
			t.Errorf("links(?%s of %d) = %s, want %s", tt.query, tt.total, words, tt.want)
		}
	}
}

// Whatever the parameters hold, they are read or refused with 422.
func FuzzReadList(f *testing.F) {
	for _, seed := range []string{"limit=5&page=2", "due_before=2026-03-01", "tags=a,b&tag=c", "search=%00", "sort=created_asc", "page=99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		l, err := Web.readList(r)
		if err != nil {
			if got := answered(t, err); !strings.HasPrefix(got, "422 ") {
				t.Errorf("readList(?%q) = %s, want 422", query, got)
			}
			return
		}
		if l.Limit < 0 || l.Limit > maxLimit || l.Offset < 0 || l.Offset > maxOffset || len(l.Order) == 0 {
			t.Errorf("readList(?%q) = %s", query, listWords(l))
		}
		for _, at := range []*time.Time{l.DueFrom, l.DueUntil} {
			if at != nil && (at.Year() < 1 || at.Year() > 9999) {
				t.Errorf("readList(?%q) = %s, a time that no database takes", query, listWords(l))
			}
		}
		l.links(r, 7)
	})
}

// TestLinksOfLongQueries wants no header that repeats a long query.
func TestLinksOfLongQueries(t *testing.T) {
	for length, want := range map[int]bool{10: true, 60_000: false} {
		r := httptest.NewRequest("GET", "/?limit=1&other="+strings.Repeat("x", length), nil)
		l, err := Seed.readList(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.links(r, 7); (got != "") != want || len(got) > 8<<10 {
			t.Errorf("links of a query of %d bytes have %d bytes", length, len(got))
		}
	}
}
