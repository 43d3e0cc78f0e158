package mcp

import (
	"maps"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"taskql/models"
)

// schema is a JSON Schema (draft 2020-12).
type schema map[string]any

// The schemas of arguments. The limits are those of the rules in models, which check each value again.
var (
	idSchema          = schema{"anyOf": []schema{{"type": "integer"}, {"type": "string"}}, "description": "The id of the task."}
	titleSchema       = schema{"type": "string", "minLength": 1, "maxLength": models.MaxTitle, "description": "What is to be done."}
	descriptionSchema = textSchema("Notes.", models.MaxDescription)
	prioritySchema    = wordsSchema("The priority; MEDIUM is the usual one.", models.AllPriority...)
	tagsSchema        = schema{
		"type": "array", "maxItems": models.MaxTags, "items": schema{"type": "string", "minLength": 1, "maxLength": models.MaxTag}, "description": "Tags. Letter case does not matter.",
	}
	dueSchema = schema{"type": "string", "description": "When the task is due: a day (2026-03-01), a local time (2026-03-01T09:00) or an instant (2026-03-01T09:00:00Z)."}
	// The time zones are those of the IANA database.
	zoneSchema = schema{"type": "string", "description": "The user's time zone, such as Europe/Berlin, in which today begins. The default is UTC.", "default": "UTC"}
)

// The schemas of results.
var (
	taskSchema = object(schema{
		"id": schema{"type": "integer"}, "title": schema{"type": "string"}, "description": nullable(schema{"type": "string"}),
		"priority": wordsSchema("", models.AllPriority...), "tags": schema{"type": "array", "items": schema{"type": "string"}},
		"due": nullable(dueSchema), "completed": schema{"type": "boolean"},
		"completed_at": timeSchema(true), "created_at": timeSchema(false), "updated_at": timeSchema(false),
		"deleted_at": described(timeSchema(true), "Set while the task is in the trash."), "version": schema{"type": "integer"},
	})
	taskResult  = object(schema{"task": taskSchema})
	listResult  = object(schema{"tasks": schema{"type": "array", "items": taskSchema}, "next_cursor": nullable(schema{"type": "string"})})
	count       = schema{"type": "integer", "minimum": 0}
	statsResult = object(schema{"total": count, "open": count, "completed": count, "overdue": count, "due_today": count, "due_next_7_days": count, "no_due_date": count})
)

// object returns the schema of an object that has all properties.
func object(properties schema) schema {
	required := make([]string, 0, len(properties))
	for name := range properties {
		required = append(required, name)
	}
	return schema{"type": "object", "properties": properties, "required": sorted(required)}
}

func textSchema(description string, maxLength int) schema {
	s := schema{"type": "string", "description": description}
	if maxLength > 0 {
		s["maxLength"] = maxLength
	}
	return s
}

func timeSchema(null bool) schema {
	s := schema{"type": "string", "format": "date-time"}
	if null {
		return nullable(s)
	}
	return s
}

func wordsSchema[W ~string](description string, all ...W) schema {
	s := schema{"type": "string", "enum": words(all)}
	if description != "" {
		s["description"] = description
	}
	return s
}

// words returns the texts of words.
func words[W ~string](all []W) []string {
	texts := make([]string, len(all))
	for i, word := range all {
		texts[i] = string(word)
	}
	return texts
}

// nullable returns a schema that also allows null. Not all clients understand a list as the type.
func nullable(s schema) schema {
	s = maps.Clone(s)
	either := schema{"anyOf": []schema{s, {"type": "null"}}}
	if description, ok := s["description"]; ok {
		either["description"] = description
		delete(s, "description")
	}
	return either
}

// described returns a schema with another description.
func described(s schema, description string) schema {
	s = maps.Clone(s)
	s["description"] = description
	return s
}

// described returns the tool as the protocol describes it.
func (t tool) described() *sdk.Tool {
	properties := schema{"user_id": textSchema("The user of the access token. It can be left out.", 0)}
	for name, argument := range t.arguments {
		properties[name] = argument
	}
	input := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(t.required) > 0 {
		input["required"] = t.required
	}
	destructive, open := t.kind == removes, false
	return &sdk.Tool{
		Name: t.name, Title: t.title, Description: t.description, InputSchema: input, OutputSchema: t.output,
		Annotations: &sdk.ToolAnnotations{
			Title: t.title, ReadOnlyHint: t.kind == reads, IdempotentHint: t.kind != adds, DestructiveHint: &destructive, OpenWorldHint: &open,
		},
	}
}
