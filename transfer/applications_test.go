package transfer

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"taskql/models"
)

// inWords is a row as the text of its task: title, description, priority, tags, due date, completion, and the times of
// creation, update and completion.
func inWords(t *testing.T, row *Row) string {
	t.Helper()
	r := newRecord(imported(t, row, "u"))
	words := []string{r.Title, "none", string(r.Priority), r.Tags, "no date", "open", "", "", ""}
	if r.Description != nil {
		words[1] = *r.Description
	}
	if r.DueDate != nil {
		words[4] = string(*r.DueKind) + " " + *r.DueDate
		if *r.DueKind == models.DueDay {
			words[4] = strings.TrimSuffix(words[4], "T00:00:00")
		}
	}
	if r.Completed {
		words[5] = "done"
	}
	if row.Task.CreatedAt != nil {
		words[6] = r.CreatedAt
	}
	if row.Task.UpdatedAt != nil {
		words[7] = r.UpdatedAt
	}
	if row.Task.CompletedAt != nil {
		words[8] = *r.CompletedAt
	}
	return strings.TrimRight(strings.Join(words, "|"), "|")
}

// TestApplications has small files with the columns and values of exports.
func TestApplications(t *testing.T) {
	for _, tt := range []struct {
		name, kind, text string
		want             []string
		ignored          string
	}{
		{"a spreadsheet", "CSV", "TITLE,DESCRIPTION,PRIORITY,PLANNEDDATE,DEADLINEDATE,TAGS\r\n" +
			"Call Ada,About the house,1,2026-03-01,2026-03-05,\"home, phone\"\r\nPay rent,,4,31.12.2026,,\r\n",
			[]string{
				`Call Ada|About the house|HIGH|["home","phone"]|DATE 2026-03-05|open`,
				`Pay rent|none|LOW|[]|DATE 2026-12-31|open`,
			}, `"PLANNEDDATE" where "DEADLINEDATE" has another value`},
		{"TickTick", "TickTick's CSV", "\uFEFF\"Date: 2026-06-15+0000\"\n\"Version: 7.1\"\n\"Status: \n0 Normal\n1 Completed\n2 Archived\"\n" +
			`"Folder Name","List Name","Title","Kind","Tags","Content","Is Check list","Start Date","Due Date","Reminder","Repeat","Priority","Status","Created Time","Completed Time","Order","Timezone","Is All Day","Is Floating","Column Name","Column Order","View Mode","taskId","parentId"` + "\n" +
			`"","Garden","Buy boots","TEXT","gear, shops","Size 9","N","2026-06-25T22:00:00+0000","2026-06-25T22:00:00+0000","","","5","0","2026-06-20T10:00:00+0000","","1","Europe/Amsterdam","true","false","","","list","t1",""` + "\n" +
			`"","Garden","Stretch","TEXT","","","N","","2026-06-27T07:30:00+0000","","","1","2","2026-06-21T08:00:00+0000","2026-06-27T07:35:00+0000","2","Europe/Amsterdam","false","false","","","list","t2",""` + "\n" +
			`"","Garden","Rest","TEXT","","","N","","","","","0","1","2026-06-21T08:00:00+0000","2026-06-27T07:35:00+0000","2","Europe/Amsterdam","","false","","","list","t3",""` + "\n",
			[]string{
				`Buy boots|Size 9|HIGH|["gear","shops"]|DATE 2026-06-26|open|2026-06-20T10:00:00Z`,
				`Stretch|none|LOW|[]|INSTANT 2026-06-27T07:30:00Z|done|2026-06-21T08:00:00Z||2026-06-27T07:35:00Z`,
				`Rest|none|MEDIUM|[]|no date|done|2026-06-21T08:00:00Z||2026-06-27T07:35:00Z`,
			}, `"Folder Name" "List Name" "Kind" "Is Check list" "Start Date" "Reminder" "Repeat" "Order" "Is Floating" "Column Name" "Column Order" "View Mode" "taskId" "parentId"`},
		{"Microsoft To Do by Outlook", "CSV", `"Subject","Start Date","Due Date","Reminder On/Off","Date Completed","% Complete","Categories","Notes","Priority","Private","Sensitivity","Status"` + "\r\n" +
			`"Send the report","3/15/2026","3/20/2026","False","","0","Work;Red Category","To Ada","High","False","Normal","Not Started"` + "\r\n" +
			`"Book flights","","","False","3/14/2026","1","","","Normal","False","Normal","Completed"` + "\r\n" +
			`"Hear from Bo","","4/3/2026","False","","0","","","Low","False","Normal","Waiting on someone else"` + "\r\n",
			[]string{
				`Send the report|To Ada|HIGH|["Work","Red Category"]|DATE 2026-03-20|open`,
				`Book flights|none|MEDIUM|[]|no date|done|||2026-03-14T00:00:00Z`,
				`line 4: Due Date: "4/3/2026" could be 4 March or April 3: write 2026-03-04 or 2026-04-03`,
			}, `"Start Date" "Reminder On/Off" "% Complete" "Private" "Sensitivity"`},
		{"Microsoft To Do by its API", "CSV", "id,title,status,importance,body,categories,dueDateTime,createdDateTime,lastModifiedDateTime,completedDateTime\n" +
			"AAMkAD=,Water plants,notStarted,high,The ferns,\"home, garden\",2026-03-01T00:00:00.0000000,2026-02-01T08:00:00Z,2026-02-02T08:00:00Z,\n" +
			"AAMkAE=,Read,completed,normal,,,,2026-02-01T08:00:00Z,2026-02-03T08:00:00Z,2026-02-03T00:00:00Z\n",
			[]string{
				`Water plants|The ferns|HIGH|["home","garden"]|DATE 2026-03-01|open|2026-02-01T08:00:00Z|2026-02-02T08:00:00Z`,
				`Read|none|MEDIUM|[]|no date|done|2026-02-01T08:00:00Z|2026-02-03T08:00:00Z|2026-02-03T00:00:00Z`,
			}, ``},
		{"Asana", "CSV", "Task ID,Created At,Completed At,Last Modified,Name,Section/Column,Assignee,Assignee Email,Start Date,Due Date,Tags,Notes,Projects,Parent task,Priority,Status\n" +
			"1208000000000001,2026-09-20,,2026-09-21,Design the page,To do,Ada,ada@example.com,,2026-10-15,\"web,design\",\"Two\nlines\",Site,,High,On track\n" +
			"1208000000000002,2026-09-20,2026-09-25,2026-09-25,Old one,Done,,,,2026-09-24,,,Site,,,\n",
			[]string{
				"Design the page|Two\nlines|HIGH|[\"web\",\"design\"]|DATE 2026-10-15|open|2026-09-20T00:00:00Z|2026-09-21T00:00:00Z",
				"Old one|none|MEDIUM|[]|DATE 2026-09-24|done|2026-09-20T00:00:00Z|2026-09-25T00:00:00Z|2026-09-25T00:00:00Z",
			}, `"Task ID" "Section/Column" "Assignee" "Assignee Email" "Start Date" "Projects" "Parent task"`},
		{"Trello", "Trello's CSV", "Card ID,Card Name,Card URL,Card Description,Labels,Members,Due Date,List ID,List Name,Board ID,Board Name,Archived,Due Complete,Last Activity Date\n" +
			"c1,Order tiles,https://trello.com/c/1,\"Bath, 20 m²\",\"Shopping (green), Urgent (red_dark)\",,2026-10-09T08:00:00.000Z,l1,North,b1,Site,false,false,2026-10-01T08:00:00.000Z\n" +
			"c2,Measure (twice),https://trello.com/c/2,,,,,l1,North,b1,Site,false,true,\n",
			[]string{
				`Order tiles|Bath, 20 m²|MEDIUM|["Shopping","Urgent"]|INSTANT 2026-10-09T08:00:00Z|open||2026-10-01T08:00:00Z`,
				`Measure (twice)|none|MEDIUM|[]|no date|done`,
			}, `"Card ID" "Card URL" "Members" "List ID" "List Name" "Board ID" "Board Name" "Archived"`},
		{"Notion", "CSV", "\uFEFFName,Created time,Date,Done,Priority,Status,Tags\n" +
			"Write the plan,\"March 1, 2026 5:00 PM\",\"March 3, 2026 → March 5, 2026\",No,High,In progress,\"work, q1\"\n" +
			"Old plan,\"February 1, 2026 9:05 AM\",2026/02/03,Yes,,Done,\n",
			[]string{
				`Write the plan|none|HIGH|["work","q1"]|DATE 2026-03-05|open|2026-03-01T17:00:00Z`,
				`Old plan|none|MEDIUM|[]|DATE 2026-02-03|done|2026-02-01T09:05:00Z`,
			}, ``},
		{"Google Tasks", "CSV", "title,notes,due,status,completed,updated,tasklist\n" +
			"Buy milk,2 litres,2026-03-01,needsAction,,2026-02-01T10:00:00.000Z,My Tasks\n" +
			"Call,,,completed,2026-02-02T10:00:00.000Z,2026-02-02T10:00:00.000Z,My Tasks\n",
			[]string{
				`Buy milk|2 litres|MEDIUM|[]|DATE 2026-03-01|open||2026-02-01T10:00:00Z`,
				`Call|none|MEDIUM|[]|no date|done||2026-02-02T10:00:00Z|2026-02-02T10:00:00Z`,
			}, `"tasklist"`},
		{"Microsoft Planner", "CSV", "Task ID,Task Name,Bucket Name,Progress,Priority,Created Date,Due date,Completed Date,Labels,Description\n" +
			"x1,Plan,To do,Not started,Medium,12/31/2025,01/31/2026,,Red;Blue,Text\nx2,Do,To do,Completed,Important,12/31/2025,,01/30/2026,,\n",
			[]string{
				`Plan|Text|MEDIUM|["Red","Blue"]|DATE 2026-01-31|open|2025-12-31T00:00:00Z`,
				`Do|none|HIGH|[]|no date|done|2025-12-31T00:00:00Z||2026-01-30T00:00:00Z`,
			}, `"Task ID" "Bucket Name" "Progress"`},
		{"Todoist", "Todoist's CSV", "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,MOOD\n" +
			"task,Pay rent @home,,1,1,Kai (1),,10/31/2026,en,,\n",
			[]string{`Pay rent|none|HIGH|["home"]|DATE 2026-10-31|open`}, `"MOOD"`},
		{"JSON of another application", "JSON", `[{"name":"Call","notes":"Ada","deadline":"2026-03-05","planned_date":"2026-03-01","isDone":true,"labels":["a","b"],"priority":2,"owner":{"id":1},"owner2":null}]`,
			[]string{`Call|Ada|HIGH|["a","b"]|DATE 2026-03-05|done`}, `"owner" "owner2" "planned_date" where "deadline" has another value`},
		{"twin names that agree", "JSON", `[{"title":"x","due_date":"2026-03-05","dueDate":"2026-03-05","completed":true,"is_completed":true,"status":"completed"},` +
			`{"title":"y","dueDate":"2026-03-06","due_date":"2026-03-05","completed":false,"status":"completed"}]`,
			[]string{`x|none|MEDIUM|[]|DATE 2026-03-05|done`, `y|none|MEDIUM|[]|DATE 2026-03-05|open`},
			`"dueDate" where "due_date" has another value "status" where "completed" has another value`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check := func(text string) {
				t.Helper()
				file, rows, bad := readAll(t, text)
				got := bad
				for _, row := range slices.Backward(rows) {
					got = slices.Insert(got, 0, inWords(t, row))
				}
				if file.Kind != tt.kind || !slices.Equal(got, tt.want) {
					t.Errorf("%s:\n%s\nwant\n%s", file.Kind, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
				}
				if got := strings.Join(file.Ignored(), " "); got != tt.ignored {
					t.Errorf("ignored: %s\nwant %s", got, tt.ignored)
				}
				if file.Bytes() != int64(len(text)) {
					t.Errorf("%d bytes of %d were read", file.Bytes(), len(text))
				}
			}
			check(tt.text)
			if tt.kind == "JSON" {
				return
			}
			// The same rows, as spreadsheets in other locales and in UTF-16 write them.
			in := csv.NewReader(strings.NewReader(strings.TrimPrefix(tt.text, "\uFEFF")))
			in.FieldsPerRecord = -1
			records, err := in.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, comma := range ";\t" {
				var text strings.Builder
				out := csv.NewWriter(&text)
				out.Comma = comma
				if err := out.WriteAll(records); err != nil {
					t.Fatal(err)
				}
				check(text.String())
				check("\uFEFF" + text.String())
				check(wide("\uFEFF"+text.String(), 0))
				check(wide("\uFEFF"+text.String(), 1))
			}
		})
	}
}

// wide is a text in UTF-16, little-endian if low is 0.
func wide(text string, low int) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{byte(unit >> 8), byte(unit)}
		b = append(b, pair[1-low], pair[low])
	}
	return string(b)
}
