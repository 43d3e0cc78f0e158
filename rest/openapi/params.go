package openapi

import (
	"taskql/models"
)

// parameters are those that several routes share.
func parameters() map[string]*parameter {
	all := map[string]*parameter{}
	for _, p := range []*parameter{
		withSchema(inPath("user_id"), text().lengths(1, 0), "The token's user, percent-encoded.", "ada"),
		withSchema(inPath("id"), integer(),
			"The task. An integer that no task has, such as 0, is 404.", 1),
		withSchema(inHeader("If-None-Match"), text(),
			"The `ETag` of what the client has, or several of them: 304 when it is still the same.", `"7"`),
		withSchema(inHeader("If-Match"), text(),
			"The `ETag` of the task as the client read it: 412, and nothing written, when it has changed since. `*` and none: any.", `"7"`),
		withSchema(inHeader("Idempotency-Key"),
			text().lengths(models.MinIdempotencyKey, models.MaxIdempotencyKey),
			"16 to 128 characters that are new for each write, such as a UUID. For 24 hours, the same request with the same key writes "+
				"nothing more and is answered with the task as it now is; another request with that key is 422.",
			"8e03978e-40d5-43dd-bc93-6894a57f9324"),
	} {
		all[p.Name] = p
	}
	return all
}

func uses(names ...string) []*parameter {
	used := []*parameter{}
	for _, name := range names {
		used = append(used, &parameter{Ref: "#/components/parameters/" + name})
	}
	return used
}

// withSchema sets the schema and an example of a parameter. Swagger UI fills in the example of a parameter, which is useful for
// required ones only. It merely shows an example of a schema.
func withSchema(p *parameter, schema *schema, description string, example any) *parameter {
	p.Description = description
	if p.Required {
		p.Example = example
	} else {
		schema.Examples = []any{example}
	}
	p.Schema = schema
	return p
}

// queries are the names of one query parameter. The first name is the recommended one.
type queries struct {
	names       []string
	schema      *schema
	description string
	example     any
}

func (q queries) parameters() []*parameter {
	var all []*parameter
	for i, name := range q.names {
		p := withSchema(inQuery(name), q.schema, q.description, q.example)
		if i > 0 {
			p.Description = "Another name of `" + q.names[0] + "`."
		}
		all = append(all, p)
	}
	return all
}

func completedParameters() []*parameter {
	return queries{
		[]string{"completed", "is_completed"}, named("BooleanWord"),
		"Where the body does not say it: true completes, false opens again. If both names are given, they must agree.", true,
	}.parameters()
}

// listParameters are the filters, the order and the paging of a list.
func (a API) listParameters() []*parameter {
	var all []*parameter
	number := func(least float64) *schema { return integer().atLeast(least) }
	for _, q := range []queries{
		{[]string{"status", "status_filter", "filter"}, text(),
			"`completed` or `done`; `pending`, `incomplete`, `active`, `todo`, `open` or `in_progress`. `all`, nothing and other words do not filter.", "pending"},
		{[]string{"completed", "is_completed"}, named("BooleanWord"), "Completed tasks, or open ones, in any letter case. If both names are given, they must agree.", "false"},
		{[]string{"priority"}, text(), "`HIGH`, `MEDIUM` or `LOW`, in any letter case. `all` and nothing do not filter; no task has another word.", "HIGH"},
		{[]string{"search", "q"}, text().lengths(0, 1000), "A part of the title or the description, in any letter case. `%` and `_` are letters like others.", "plants"},
		{[]string{"tags", "tag"}, list(text()), "Tasks with any of these tags: repeated, or a comma list.", []any{"home", "garden"}},
		{[]string{"due_after", "due_date_after", "due_date_from"}, text(), "Due then or later: a day, or a date and a time.", "2030-03-01"},
		{[]string{"due_before", "due_date_before", "due_date_to"}, text(), "Due then or earlier. A day counts to its end.", "2030-03-31"},
		{[]string{"due_date", "dueDate"}, text(), "Due on that day.", "2030-03-01"},
		{[]string{"sort", "sort_by"}, text(),
			"`created`, `updated`, `title`, `due_date` (tasks without one come last), `priority` or `completed`; also `created_at`, " +
				"`createdAt` and so on, `created_asc` and `created_desc`. Other words are `created`.", "due_date"},
		{[]string{"order", "sort_order"}, text(),
			"`asc` or `desc`. Without it `created`, `updated` and `priority` are descending, and the others ascending.", "asc"},
		{[]string{"limit"}, number(1).atMost(a.MaxLimit), "At most so many tasks. Without it, all.", 20},
		{[]string{"offset", "skip"}, number(0), "Leaves out so many first.", 0},
		{[]string{"page"}, number(1), "The page, from 1, of `limit` or `page_size` tasks.", 1},
		{[]string{"page_size"}, number(1).atMost(a.MaxLimit), "Another name of `limit`, for use with `page`.", 20},
	} {
		all = append(all, q.parameters()...)
	}
	if a.Web {
		all = append(all, queries{[]string{"category"}, text(), "Tasks of this category, in any letter case. `all` and nothing do not filter.", "work"}.parameters()...)
	}
	return all
}

func inPath(name string) *parameter   { return &parameter{Name: name, In: "path", Required: true} }
func inQuery(name string) *parameter  { return &parameter{Name: name, In: "query"} }
func inHeader(name string) *parameter { return &parameter{Name: name, In: "header"} }
