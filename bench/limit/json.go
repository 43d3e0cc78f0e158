package main

import (
	"strconv"
	"time"
)

// row is a task as the database returns it. Times are microseconds since 1970. A nil description and a dueSet of false are null.
type row struct {
	id, version                              int64
	user, title, description, priority, tags []byte // tags is a JSON array
	completed, dueSet                        bool
	due, created, updated                    int64
}

func appendTask(out []byte, r *row) []byte {
	out = append(out, `{"id":"`...)
	out = strconv.AppendInt(out, r.id, 10)
	out = append(out, `","userId":`...)
	out = appendString(out, r.user)
	out = append(out, `,"title":`...)
	out = appendString(out, r.title)
	out = append(out, `,"description":`...)
	if r.description == nil {
		out = append(out, "null"...)
	} else {
		out = appendString(out, r.description)
	}
	out = append(out, `,"priority":`...)
	out = appendString(out, r.priority)
	out = append(out, `,"tags":`...)
	out = append(out, r.tags...)
	out = append(out, `,"dueAt":`...)
	if r.dueSet {
		out = appendTime(out, r.due)
	} else {
		out = append(out, "null"...)
	}
	out = append(out, `,"completed":`...)
	out = strconv.AppendBool(out, r.completed)
	out = append(out, `,"createdAt":`...)
	out = appendTime(out, r.created)
	out = append(out, `,"updatedAt":`...)
	out = appendTime(out, r.updated)
	out = append(out, `,"version":`...)
	out = strconv.AppendInt(out, r.version, 10)
	return append(out, '}')
}

func appendTime(out []byte, micros int64) []byte {
	out = append(out, '"')
	out = time.UnixMicro(micros).UTC().AppendFormat(out, time.RFC3339Nano)
	return append(out, '"')
}

// appendString writes valid UTF-8 as a JSON string.
func appendString(out, text []byte) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	written := 0
	for i, b := range text {
		if b >= ' ' && b != '"' && b != '\\' {
			continue
		}
		out = append(out, text[written:i]...)
		if b < ' ' {
			out = append(out, '\\', 'u', '0', '0', digits[b>>4], digits[b&15])
		} else {
			out = append(out, '\\', b)
		}
		written = i + 1
	}
	return append(append(out, text[written:]...), '"')
}
