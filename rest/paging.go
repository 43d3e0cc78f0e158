package rest

import (
	"fmt"
	"math"
	"math/big"
	"net/http"
	"strconv"
	"strings"
)

// paging reads limit or page_size, and offset, skip or page.
func (q *query) paging(l *list) {
	l.Limit, _ = q.number("limit", 1, maxLimit)
	if size, given := q.number("page_size", 1, maxLimit); given && l.Limit == 0 {
		l.Limit = size
	}
	page, paged := q.number("page", 1, math.MaxInt64)
	if paged {
		l.turner = "page"
		// Without a limit the first page has all.
		l.Offset = maxOffset
		if page == 1 || l.Limit > 0 && page < maxOffset/l.Limit {
			l.Offset = (page - 1) * l.Limit
		}
	}
	for _, name := range []string{"skip", "offset"} {
		if offset, given := q.number(name, 0, math.MaxInt64); given {
			l.turner, l.Offset = name, min(offset, maxOffset)
		}
	}
	if l.turner == "" {
		l.turner = "offset"
	}
}

// number reads a whole number from low to high. given is false if it is absent or invalid.
func (q *query) number(name string, low, high int64) (n int64, given bool) {
	if !q.values.Has(name) {
		return 0, false
	}
	text := q.values[name][len(q.values[name])-1] // the last counts, as in FastAPI
	number, err := integer(text, "query", name)
	if err != nil {
		q.errs = append(q.errs, err.(validationErrors)...)
		return 0, false
	}
	outside := func(kind, words, key string, bound int64) {
		q.errs = append(q.errs, validationError{
			Type: kind, Loc: []any{"query", name}, Message: fmt.Sprintf("Input should be %s %d", words, bound),
			Input: quoted(text), Context: map[string]any{key: bound},
		})
	}
	switch {
	case number.Cmp(big.NewInt(low)) < 0:
		outside("greater_than_equal", "greater than or equal to", "ge", low)
	case high == math.MaxInt64 && !number.IsInt64():
		return high, true // like any other number beyond the end
	case number.Cmp(big.NewInt(high)) > 0:
		outside("less_than_equal", "less than or equal to", "le", high)
	default:
		return number.Int64(), true
	}
	return 0, false
}

// links returns the Link header of a page (RFC 8288) with the addresses of the first, previous, next and last page. It is
// empty for a list without a limit, and for a long query, which it would repeat four times: proxies refuse responses with
// headers of more than a few KB.
func (l list) links(r *http.Request, total int) string {
	if l.Limit == 0 || len(r.URL.RawQuery) > maxLinkQuery {
		return ""
	}
	size, end := l.Limit, int64(total)
	last := max(0, (end-1)/size*size)
	if l.turner != "page" && l.Offset < end {
		// Pages need not begin at a multiple of their size.
		last = l.Offset + (end-1-l.Offset)/size*size
	}
	links := []string{l.link(r, "first", 0)}
	if l.Offset > 0 {
		links = append(links, l.link(r, "prev", max(0, min(l.Offset-size, last))))
	}
	if l.Offset < end-size {
		links = append(links, l.link(r, "next", l.Offset+size))
	}
	return strings.Join(append(links, l.link(r, "last", last)), ", ")
}

func (l list) link(r *http.Request, relation string, offset int64) string {
	values := r.URL.Query()
	if l.turner == "page" {
		offset = offset/l.Limit + 1
	}
	values.Set(l.turner, strconv.FormatInt(offset, 10))
	return fmt.Sprintf(`<%s?%s>; rel="%s"`, r.URL.EscapedPath(), values.Encode(), relation)
}
