package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"taskql/models"
	"taskql/words"
)

// A search reads the table task_search, which holds the terms of each task: a tsvector on PostgreSQL, an FTS5 index on
// SQLite. Package words splits the text into terms. The databases split nothing, so that both find the same tasks. Each term
// begins with the user's key, so that the tasks of other users do not slow a search down, however many contain its words.

// userKey returns the prefix of the terms of a user's tasks. Two users may share a key: that costs time only, because each
// query also selects by user. PostgreSQL stores it with each term of each task, so it is short there.
func (s *Store) userKey(user string) string {
	sum := sha256.Sum256([]byte(user))
	if s.postgres {
		return base64.StdEncoding.EncodeToString(sum[:3])
	}
	return hex.EncodeToString(sum[:4])
}

// BestMatch is the most that one group of phrases of a search (words.Search.Rated) adds to the relevance of a task; the least is 1. A
// group counts by the best field that contains it: the title, the tags or the description. It counts less if its last word matches as a
// prefix only.
// Relevance does not depend on other tasks, so that writes to them do not shift pages.
const BestMatch = 6

// searchAccess is how a statement combines a search with the other conditions.
type searchAccess int

const (
	// searchAll looks up every task that the search finds. It is for orders by relevance and for totals, and for SQLite, which
	// cannot look for words in one task.
	searchAll searchAccess = iota
	// searchFew does so unless the search finds more than fewFound tasks.
	searchFew
	// searchCounted looks up any of them, and tells with each task whether there are more.
	searchCounted
	// searchWalk reads the tasks in the order of the list, and looks for the words in each, until the page is full: with many
	// matches that is soon.
	searchWalk
)

// fewFound is the largest number of matches that are looked up one by one for a page of an order that does not need them all.
const fewFound = 2000

// tooMany is the condition that a search with the access searchFew has found more.
var tooMany = "(SELECT count(*) FROM found) > " + strconv.Itoa(fewFound)

// search reads a list that has a search. What it reads depends on the page and at most on the number of matches, not on the
// user's other tasks, and not on what PostgreSQL guesses of them. The exception is a walk whose filter matches few tasks: it reads
// all tasks of the user.
func (s *Store) search(ctx context.Context, q Query) (list *List, err error) {
	few := s.postgres && len(q.Search.Phrases) > 0 && !q.Total && !q.byRelevance()
	if few {
		q.access = searchCounted
	}
	q.sorted = s.postgres && q.sortsMatches()
	known, many := false, false
	if q.sorted && !q.hasFacts() {
		list, many, err = s.pageOfMatches(ctx, q)
		known = err != nil || !few || len(list.Tasks) > 0
	}
	if !known {
		if few {
			q.access = searchFew
		}
		list, many, err = s.listWithFacts(ctx, q)
	}
	if many {
		q.access, q.sorted = searchWalk, false
		list, _, err = s.listWithFacts(ctx, q)
	}
	return list, err
}

// hasFacts reports whether the list has facts beside its tasks and what a search finds of them anyway.
func (q Query) hasFacts() bool {
	return q.Total || q.Preceding && q.After != nil || q.Following && q.Before != nil || q.Relevance && !q.byRelevance()
}

// pageOfMatches reads a page of sorted matches without facts, with a third less work of PostgreSQL than listWithFacts. With
// searchCounted it reports whether more than fewFound tasks match; then the list is not complete. An empty list does not tell.
func (s *Store) pageOfMatches(ctx context.Context, q Query) (list *List, many bool, err error) {
	c := s.searching(q)
	found, page := c.found(q), s.page(q).ColumnExpr(columnsOfList)
	var relevance int
	var after []any
	if q.access == searchCounted {
		found = "SELECT *, count(*) OVER () AS matches FROM (" + found + ") AS found"
		page, after = page.ColumnExpr("found.matches > "+strconv.Itoa(fewFound)), append(after, &many)
	}
	if q.byRelevance() {
		page, after = page.ColumnExpr("found.relevance"), append(after, &relevance)
	}
	list = &List{Tasks: []*models.Task{}}
	query := page.With("found", s.read.NewRaw(found, c.args...))
	err = s.eachTask(ctx, s.read, query, newTaskScanner(nil, after), func(t *models.Task) {
		if list.Tasks = append(list.Tasks, t); q.Relevance {
			list.Relevance = append(list.Relevance, relevance)
		}
	})
	return list, many, err
}

// from returns the table expression of the tasks of a list, t, and of a search, found. For a search it makes both databases look
// up each match by its id: PostgreSQL would choose by guesses, and compare each task with each match for a user who is not in
// its statistics. If the matches can be sorted, it looks up no more of them than the page needs.
func (s *Store) from(q Query) string {
	const lookedUp = " CROSS JOIN LATERAL (SELECT * FROM ?task WHERE id = found.id OFFSET 0) AS t"
	switch {
	case q.Search == nil || q.access == searchWalk:
		return tableExpr
	case q.sorted:
		keys := make([]string, 0, len(q.Order)+1)
		for _, c := range q.columns(nil) {
			keys = append(keys, c.sql+direction(c.desc != q.FromEnd))
		}
		return "(SELECT * FROM found ORDER BY " + strings.Join(keys, ", ") + ") AS found" + lookedUp
	case s.postgres:
		return "found" + lookedUp
	default:
		return "found CROSS JOIN ?task AS t"
	}
}

// matching adds the conditions of a search.
func (s *Store) matching(query *bun.SelectQuery, q Query) *bun.SelectQuery {
	switch {
	case q.access == searchWalk:
		c := s.searching(q)
		condition := "(SELECT s.words @@ " + c.arg(c.allPhrases(q.Search.Phrases)) + " FROM " + c.termsOf("t.id") + " AS s)"
		// The range of users contains one user. It makes PostgreSQL expect few tasks and read them in the order of the list, by its index.
		return query.Where("t.user_id BETWEEN ?0 AND ?0", q.User).Where(condition, c.args...)
	case q.access == searchFew:
		return query.Where("NOT " + tooMany)
	case s.postgres:
		return query
	default:
		return query.Where("t.id = found.id")
	}
}

// withSearch adds what from and List.Relevance need to the statement. Relevance is computed for the page only, unless it is a key of the order.
func (s *Store) withSearch(rows *bun.SelectQuery, q Query) *bun.SelectQuery {
	if q.access != searchWalk {
		c := s.searching(q)
		found := s.read.NewRaw(c.found(q), c.args...)
		// Computed once for the page and all facts.
		rows = rows.WithQuery(bun.NewWithQuery("found", found).Materialized())
	}
	if q.Relevance && !q.byRelevance() && len(q.Search.Phrases) > 0 {
		c := s.searching(q)
		if c.row = ofPage; s.postgres {
			rows = rows.Join("LEFT JOIN LATERAL "+c.termsOf(ofPage)+" AS s ON TRUE", c.args...)
			c.args = nil
		}
		relevance := c.relevance(q.Search)
		rows = rows.ColumnExpr(relevance+" AS relevance", c.args...)
	}
	return rows
}

// searching renders a user's search in SQL. Terms consist of letters, combining marks, digits and symbols that have no
// special meaning in either query language.
type searching struct {
	*conditions
	user, userKey string
	// row is the id of the task whose relevance is computed, on SQLite; PostgreSQL computes it from s.words.
	row string
}

// ofPage is the id of a task of the page.
const ofPage = "page.id"

func (s *Store) searching(q Query) searching {
	return searching{&conditions{postgres: s.postgres}, q.User, s.userKey(q.User), "s.rowid"}
}

// terms returns the table of the terms of all tasks of the user on PostgreSQL; see mergeEvery.
func (s searching) terms() string {
	return "(SELECT task_id, created_at, words FROM task_search UNION ALL SELECT task_id, created_at, words FROM task_search_recent WHERE user_id = " +
		s.arg(s.user) + ")"
}

// termsOf returns the table of the terms of one task on PostgreSQL. OFFSET has it look up the task, whatever it guesses.
func (s searching) termsOf(task string) string {
	return "(SELECT words FROM task_search WHERE task_id = " + task + " UNION ALL SELECT words FROM task_search_recent WHERE user_id = " +
		s.arg(s.user) + " AND task_id = " + task + " OFFSET 0)"
}

// found selects the id of each task that matches, and of its relevance and time of creation what the order has, at most one more
// than fewFound unless all are read. The result is not filtered by user, and may have tasks that the filter excludes; the caller must do that.
func (s searching) found(q Query) string {
	search, result := q.Search, ""
	if q.sorted {
		result = ", s.created_at"
	}
	if len(search.Phrases) == 0 {
		return "SELECT 0 AS id, 0 AS relevance" + strings.Replace(result, "s.created_at", "CAST(NULL AS timestamptz) AS created_at", 1) + " WHERE " + never
	}
	if q.byRelevance() {
		result += ", " + s.relevance(search) + " AS relevance"
	}
	var query string
	if s.postgres {
		terms := s.allPhrases(search.Phrases) + s.priorities(q.Filter)
		// The subquery hides the terms from PostgreSQL's estimates. With them it expects less cost than without, and would plan each
		// call of a prepared statement anew, which takes a third of the time of a page.
		query = "SELECT s.task_id AS id" + result + " FROM " + s.terms() + " AS s WHERE s.words @@ (SELECT CAST(" + s.arg(terms) + " AS tsquery))"
	} else {
		query = "SELECT s.rowid AS id" + result + " FROM task_search AS s WHERE s.task_search MATCH " + s.arg(s.allPhrases(search.Phrases))
	}
	if q.access != searchAll {
		query += " LIMIT " + strconv.Itoa(fewFound+1)
	}
	return query
}

// allPhrases returns the query, in the language of the database, that matches a task with all the phrases.
func (s searching) allPhrases(phrases []words.Phrase) string {
	if s.postgres {
		return "'" + s.userKey + "' & " + s.all(phrases, "")
	}
	return s.all(phrases, "")
}

// priorities returns what limits the query on PostgreSQL to the priorities that a filter names.
func (s searching) priorities(f *models.TaskFilter) string {
	if f == nil || f.Priority == nil {
		return ""
	}
	named := f.Priority.In
	if f.Priority.Eq != nil {
		named = []models.Priority{*f.Priority.Eq}
	}
	var terms []string
	for _, p := range priorities {
		if slices.Contains(named, p) {
			terms = append(terms, "'"+s.userKey+priorityTerm(p)+"'")
		}
	}
	if len(terms) == 0 {
		return ""
	}
	return " & (" + strings.Join(terms, " | ") + ")"
}

// all returns the query that matches the phrases, on PostgreSQL limited to the fields of that weight; "" means any field.
func (s searching) all(phrases []words.Phrase, weight string) string {
	each := make([]string, len(phrases))
	for i, p := range phrases {
		if s.postgres {
			each[i] = "(" + s.tsquery(p, weight) + ")"
		} else {
			each[i] = s.fts(p)
		}
	}
	if s.postgres {
		return strings.Join(each, " & ")
	}
	return strings.Join(each, " AND ")
}

// relevance returns the expression of the relevance of a task that matches the search.
func (s searching) relevance(search *words.Search) string {
	var each []string
	for _, group := range search.Rated() {
		each = append(each, s.points(group))
	}
	return strings.Join(each, " + ")
}

// points returns the expression of what a group of phrases adds to the relevance of a task that matches all of them.
func (s searching) points(group []words.Phrase) string {
	var b strings.Builder
	b.WriteString("CASE")
	last := len(group) - 1
	for i, field := range searchFields {
		points := BestMatch - 2*i
		if group[last].Unfinished {
			whole := slices.Clone(group)
			whole[last].Prefix = false
			b.WriteString(" WHEN " + s.has(whole, field) + " THEN " + strconv.Itoa(points))
			points--
		}
		// A single phrase is in the last field if it is in none of the others.
		if i < len(searchFields)-1 || len(group) > 1 {
			b.WriteString(" WHEN " + s.has(group, field) + " THEN " + strconv.Itoa(points))
			points = 1
		}
		if i == len(searchFields)-1 {
			b.WriteString(" ELSE " + strconv.Itoa(points) + " END")
		}
	}
	return b.String()
}

// has returns the condition that a field of a task contains phrases.
func (s searching) has(phrases []words.Phrase, in searchField) string {
	if s.postgres {
		return "s.words @@ " + s.arg(s.all(phrases, in.weight))
	}
	match := "task_search MATCH " + s.arg(in.column+" : ("+s.all(phrases, "")+")")
	if s.row == ofPage { // few tasks, each of which is looked up
		return "EXISTS (SELECT 1 FROM task_search WHERE " + match + " AND rowid = " + s.row + ")"
	}
	return s.row + " IN (SELECT rowid FROM task_search WHERE " + match + ")"
}

// tsquery returns a phrase in PostgreSQL's syntax, limited to the fields of that weight; "" means any field.
func (s searching) tsquery(p words.Phrase, weight string) string {
	var b strings.Builder
	for i, term := range p.Terms {
		if i > 0 {
			b.WriteString(" <-> ")
		}
		b.WriteString("'" + s.userKey + term + "':" + weight)
		if p.Prefix && i == len(p.Terms)-1 {
			b.WriteString("*")
		}
	}
	return b.String()
}

// fts returns a phrase in FTS5's syntax.
func (s searching) fts(p words.Phrase) string {
	phrase := `"` + s.userKey + strings.Join(p.Terms, " "+s.userKey) + `"`
	if p.Prefix {
		phrase += "*"
	}
	return phrase
}
