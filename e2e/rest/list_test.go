package rest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"taskql/e2e/harness"
)

// TestLongList compares a list that is sent in batches with its pages, which are not.
func TestLongList(t *testing.T) {
	t.Parallel()
	harness.EachDialect(t, func(t *testing.T, s *harness.Server, _ bool) {
		u := s.As("u")
		for range 3 {
			u.GraphQL(`mutation { createTasks(inputs: [` + strings.Repeat(`{title: "\"[],", tags: ["a"]}, `, 100) + `]) { userErrors { code } } }`)
		}
		var pages []json.RawMessage
		for offset := range 3 {
			var page []json.RawMessage
			u.Send("GET", fmt.Sprintf("%s?limit=100&offset=%d", u.Tasks(), offset*100), "").JSON(t, &page)
			pages = append(pages, page...)
		}
		for _, query := range []string{"", "?limit=1000", "?limit=300&offset=0"} {
			a := u.Send("GET", u.Tasks()+query, "")
			var list []json.RawMessage
			a.JSON(t, &list)
			if !reflect.DeepEqual(list, pages) || len(list) != 300 {
				t.Errorf("%q: %d tasks, not the %d of the pages", query, len(list), len(pages))
			}
			head := u.Send("HEAD", u.Tasks()+query, "")
			for _, a := range []harness.Answer{a, head} {
				if a.Status != 200 || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("X-Total-Count") != "300" {
					t.Errorf("%q = %d %v", query, a.Status, a.Header)
				}
			}
			if (query != "") != (a.Header.Get("Link") != "") || head.Header.Get("Link") != a.Header.Get("Link") || head.Body != "" {
				t.Errorf("%q has the links %q, HEAD %q and a body of %d bytes", query, a.Header.Get("Link"), head.Header.Get("Link"), len(head.Body))
			}
		}
	})
}
