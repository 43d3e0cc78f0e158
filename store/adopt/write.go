package adopt

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// insertSQL returns the statement with which write stores rows. On SQLite it copies the last columns, kept, from the old row whose key is the
// first value: the driver would convert their values by the type of their column.
func (t Table) insertSQL(table string, columns []string, key string, kept ...string) string {
	into := quoteName(table) + " (" + strings.Join(slices.Concat(columns, kept), ", ") + ")"
	if t.Postgres {
		return "COPY " + into + " FROM STDIN"
	}
	values := "?" + strings.Repeat(", ?", len(columns)-1)
	if len(kept) == 0 {
		return "INSERT INTO " + into + " VALUES (" + values + ")"
	}
	return "INSERT INTO " + into + " SELECT " + values + ", " + strings.Join(kept, ", ") + " FROM " + asideTable + " WHERE " + key + " = ?1"
}

// writer returns a function that stores rows, whose values are as those of a Part.
func (t Table) writer(ctx context.Context, tx bun.Tx, statement string, rows [][]any) func() error {
	if t.Postgres {
		var text bytes.Buffer
		for _, row := range rows {
			appendCopy(&text, row)
		}
		return func() error { return t.Copy(ctx, statement, &text) }
	}
	return func() error {
		prepared, err := tx.Tx.PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		defer prepared.Close()
		// The driver starts a goroutine for each statement that can be interrupted. An interruption is noticed at the next batch.
		ctx := context.WithoutCancel(ctx)
		for _, row := range rows {
			if _, err := prepared.ExecContext(ctx, row...); err != nil {
				return err
			}
		}
		return nil
	}
}

var escapeCopy = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// appendCopy appends a row in the text format of COPY.
func appendCopy(text *bytes.Buffer, row []any) {
	for i, value := range row {
		if i > 0 {
			text.WriteByte('\t')
		}
		switch value := value.(type) {
		case nil:
			text.WriteString(`\N`)
		case int64:
			text.Write(strconv.AppendInt(text.AvailableBuffer(), value, 10))
		case bool:
			text.Write(strconv.AppendBool(text.AvailableBuffer(), value))
		case string:
			if strings.ContainsAny(value, "\\\n\r\t") {
				value = escapeCopy.Replace(value)
			}
			text.WriteString(value)
		default:
			panic(fmt.Sprintf("a value of type %T", value))
		}
	}
	text.WriteByte('\n')
}
