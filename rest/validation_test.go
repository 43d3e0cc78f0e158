package rest

import (
	"strings"
	"testing"

	"taskql/models"
)

// errorJSON is a validation error as JSON: type, loc, msg and input, and where given ctx.
func errorJSON(kind, loc, message, input string, ctx ...string) string {
	s := `{"type":"` + kind + `","loc":[` + loc + `],"msg":"` + message + `","input":` + input
	if len(ctx) > 0 {
		s += `,"ctx":{` + ctx[0] + `}`
	}
	return s + `}`
}

// The messages of pydantic.
const (
	required   = "Field required"
	notText    = "Input should be a valid string"
	tooShort   = "String should have at least 1 character"
	notObject  = "Input should be a valid dictionary or object to extract fields from"
	priorities = "'HIGH', 'MEDIUM' or 'LOW'"
	notBoolean = "Input should be a valid boolean, unable to interpret input"
)

func badTitle(input string) string { return errorJSON("string_type", `"body","title"`, notText, input) }
func blankTitle(sent string) string {
	return errorJSON("string_too_short", `"body","title"`, tooShort, sent, `"min_length":1`)
}
func badPriority(input string) string {
	return errorJSON("enum", `"body","priority"`, "Input should be "+priorities, input, `"expected":"`+priorities+`"`)
}
func badDue(name, input, reason string) string {
	return errorJSON("datetime_from_date_parsing", `"body","`+name+`"`, "Input should be a valid datetime or date, "+reason, input, `"error":"`+reason+`"`)
}
func badBoolean(name, input string) string {
	return errorJSON("bool_parsing", `"body","`+name+`"`, notBoolean, input)
}
func tooLong(loc, input string, most string) string {
	return errorJSON("string_too_long", loc, "String should have at most "+most+" characters", input, `"max_length":`+most)
}

func inQuotes(s string) string { return `"` + s + `"` }

func TestInvalidBodies(t *testing.T) {
	long, longer, longest := strings.Repeat("ä", 201), strings.Repeat("x", 51), strings.Repeat("😀", 10_001)
	for _, tt := range []struct{ body, want string }{
		{`{}`, errorJSON("missing", `"body","title"`, required, `{}`)},
		{`{"description":"d","x":[1]}`, errorJSON("missing", `"body","title"`, required, `{"description":"d","x":[1]}`)},
		{``, errorJSON("missing", `"body"`, required, `null`)},
		{`null`, errorJSON("missing", `"body"`, required, `null`)},
		{`[]`, errorJSON("model_attributes_type", `"body"`, notObject, `[]`)},
		{`["title"]`, errorJSON("model_attributes_type", `"body"`, notObject, `["title"]`)},
		{`"title"`, errorJSON("model_attributes_type", `"body"`, notObject, `"title"`)},
		{`5`, errorJSON("model_attributes_type", `"body"`, notObject, `5`)},
		{`true`, errorJSON("model_attributes_type", `"body"`, notObject, `true`)},
		{`{"title":5}`, badTitle(`5`)},
		{`{"title":null}`, badTitle(`null`)},
		{`{"title":["x"]}`, badTitle(`["x"]`)},
		{`{"title":{"a":1}}`, badTitle(`{"a":1}`)},
		{`{"title":""}`, blankTitle(`""`)},
		{`{"title":"  \t"}`, blankTitle(`"  \t"`)},
		{`{"title":"` + long + `"}`, tooLong(`"body","title"`, inQuotes(long), "200")},
		{`{"title":"x","description":5}`, errorJSON("string_type", `"body","description"`, notText, `5`)},
		{`{"title":"x","description":"` + longest + `"}`, tooLong(`"body","description"`, inQuotes(longest), "10000")},
		{`{"title":"x","priority":"x"}`, badPriority(`"x"`)},
		{`{"title":"x","priority":""}`, badPriority(`""`)},
		{`{"title":"x","priority":"urgent"}`, badPriority(`"urgent"`)},
		{`{"title":"x","priority":1}`, badPriority(`1`)},
		{`{"title":"x","priority":" high "}`, badPriority(`" high "`)},
		{`{"title":"x","due_date":"tomorrow"}`, badDue("due_date", `"tomorrow"`, "input is too short")},
		{`{"title":"x","dueDate":"2026-02-30"}`, badDue("dueDate", `"2026-02-30"`, "day value is outside expected range")},
		{`{"title":"x","due_date":1e300}`, badDue("due_date", `1e300`, "dates after 9999 are not supported as unix timestamps")},
		{`{"title":"x","due_date":true}`, errorJSON("datetime_type", `"body","due_date"`, "Input should be a valid datetime", `true`)},
		{`{"title":"x","due_date":{}}`, errorJSON("datetime_type", `"body","due_date"`, "Input should be a valid datetime", `{}`)},
		{`{"title":"x","completed":"maybe"}`, badBoolean("completed", `"maybe"`)},
		{`{"title":"x","completed":""}`, badBoolean("completed", `""`)},
		{`{"title":"x","completed":2}`, badBoolean("completed", `2`)},
		{`{"title":"x","is_completed":"perhaps"}`, badBoolean("is_completed", `"perhaps"`)},
		{`{"title":"x","completed":[]}`, errorJSON("bool_type", `"body","completed"`, "Input should be a valid boolean", `[]`)},
		{`{"title":"x","tags":5}`, errorJSON("list_type", `"body","tags"`, "Input should be a valid list", `5`)},
		{`{"title":"x","tags":{"a":1}}`, errorJSON("list_type", `"body","tags"`, "Input should be a valid list", `{"a":1}`)},
		// An element of the list is named by its index.
		{`{"title":"x","tags":["a",5]}`, errorJSON("string_type", `"body","tags",1`, notText, `5`)},
		{`{"title":"x","tags":[null,"a",true]}`, errorJSON("string_type", `"body","tags",0`, notText, `null`) + "," + errorJSON("string_type", `"body","tags",2`, notText, `true`)},
		{`{"title":"x","tags":["a"," "]}`, errorJSON("string_too_short", `"body","tags",1`, tooShort, `" "`, `"min_length":1`)},
		{`{"title":"x","tags":["a","` + longer + `"]}`, tooLong(`"body","tags",1`, inQuotes(longer), "50")},
		{`{"title":"x","tags":"[\"a\",5]"}`, errorJSON("string_type", `"body","tags",1`, notText, `5`)},
	} {
		_, err := decodeCreate(tt.body)
		if got, want := answered(t, err), `422 {"detail":[`+tt.want+`]}`; got != want {
			t.Errorf("readCreate(%.200s) = %.600s\nwant %.600s", tt.body, got, want)
		}
		if strings.Contains(tt.want, required) || strings.Contains(tt.want, `,"input":null}`) && strings.Contains(tt.want, `"title"`) {
			continue // a title may be missing or null there
		}
		_, err = decodeUpdate(strings.Replace(tt.body, `"title":"x",`, "", 1))
		if got, want := answered(t, err), `422 {"detail":[`+tt.want+`]}`; got != want {
			t.Errorf("readUpdate(%.200s) = %.600s\nwant %.600s", tt.body, got, want)
		}
	}
}

func TestUpdateWithoutBody(t *testing.T) {
	for _, body := range []string{``, `null`} {
		_, err := decodeUpdate(body)
		if got, want := answered(t, err), `422 {"detail":[`+errorJSON("missing", `"body"`, required, `null`)+`]}`; got != want {
			t.Errorf("readUpdate(%s) = %s, want %s", body, got, want)
		}
	}
}

func TestErrorsOfTheRules(t *testing.T) {
	many := `["` + strings.Join(strings.Split("abcdefghijklmnopqrstu", ""), `","`) + `"]`
	for body, parts := range map[string][]string{
		`{"title":"a\u0000"}`:                  {`"loc":["body","title"]`, `"input":"a\u0000"`},
		`{"title":"x","description":"\u0000"}`: {`"loc":["body","description"]`, `"input":"\u0000"`},
		`{"title":"x","tags":["a","b\u0000"]}`: {`"loc":["body","tags",1]`, `"input":"b\u0000"`},
		`{"title":"x","tags":` + many + `}`:    {`"type":"too_long","loc":["body","tags"]`, `"max_length":20`, `"input":["a",`},
		`{"title":"x","tags":"[\"a\",\"\"]"}`:  {`"type":"string_too_short","loc":["body","tags",1]`},
		`{"title":"x","status":"nonsense"}`:    {`"type":"enum","loc":["body","status"]`, `"input":"nonsense"`},
		`{"title":"x","status":5}`:             {`"type":"enum","loc":["body","status"]`, `"input":5`},
	} {
		_, err := decodeCreate(body)
		got := answered(t, err)
		for _, part := range append(parts, "422 ", `"msg":"`) {
			if !strings.Contains(got, part) || strings.Count(got, `"loc"`) != 1 {
				t.Errorf("readCreate(%s) = %s, want one validation error with %s", body, got, part)
			}
		}
	}
}

// Several validation errors come in the order of the fields, however the body orders them.
func TestErrorsInOrder(t *testing.T) {
	for body, want := range map[string][]string{
		`{"completed":"maybe","due_date":"x","tags":[5,6],"priority":"x","description":5,"title":""}`: {
			blankTitle(`""`), errorJSON("string_type", `"body","description"`, notText, `5`), badPriority(`"x"`),
			errorJSON("string_type", `"body","tags",0`, notText, `5`), errorJSON("string_type", `"body","tags",1`, notText, `6`),
			badDue("due_date", `"x"`, "input is too short"), badBoolean("completed", `"maybe"`),
		},
		`{"priority":"x","tags":[""]}`: {
			errorJSON("missing", `"body","title"`, required, `{"priority":"x","tags":[""]}`), badPriority(`"x"`),
			errorJSON("string_too_short", `"body","tags",0`, tooShort, `""`, `"min_length":1`),
		},
		// A field by its other name keeps its place.
		`{"title":"","dueDate":"x","completed":"maybe"}`:    {blankTitle(`""`), badDue("dueDate", `"x"`, "input is too short"), badBoolean("completed", `"maybe"`)},
		`{"title":"","is_completed":"maybe","dueDate":"x"}`: {blankTitle(`""`), badDue("dueDate", `"x"`, "input is too short"), badBoolean("is_completed", `"maybe"`)},
	} {
		_, err := decodeCreate(body)
		if got, want := answered(t, err), `422 {"detail":[`+strings.Join(want, ",")+`]}`; got != want {
			t.Errorf("readCreate(%s) = %s\nwant %s", body, got, want)
		}
	}
}

// TestQuota is a refusal that no field of the request is to blame for.
func TestQuota(t *testing.T) {
	want := `422 {"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, You have reached this server's limit of 1 tasks.",` +
		`"input":null,"ctx":{"error":"You have reached this server's limit of 1 tasks."}}]}`
	if got := answered(t, models.QuotaExceeded(1)); got != want {
		t.Errorf("answered = %s, want %s", got, want)
	}
}
