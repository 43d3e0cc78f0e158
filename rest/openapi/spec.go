package openapi

import "strconv"

// The objects of OpenAPI 3.1 and JSON Schema (draft 2020-12) that the document has, with the fields that it uses. They are our own, because the document is only
// written: a library that can read and validate documents takes longer to initialize than all other packages of the program together. The tests read the
// document with two of them.

// spec is the OpenAPI object (OpenAPI 3.1, section 4.8.1).
type spec struct {
	OpenAPI    string                           `json:"openapi"`
	Info       info                             `json:"info"`
	Servers    []server                         `json:"servers,omitempty"`
	Paths      map[string]map[string]*operation `json:"paths"` // by path and method, which is in lower case
	Components components                       `json:"components"`
	Tags       []tag                            `json:"tags"`
}

type info struct {
	Title       string `json:"title"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Version     string `json:"version"`
}

type server struct {
	URL string `json:"url"`
}

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type components struct {
	Schemas         map[string]*schema        `json:"schemas"`
	Responses       map[string]*response      `json:"responses"`
	Parameters      map[string]*parameter     `json:"parameters"`
	Headers         map[string]*header        `json:"headers"`
	SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
}

type securityScheme struct {
	Type         string `json:"type"`
	Description  string `json:"description"`
	Scheme       string `json:"scheme"`
	BearerFormat string `json:"bearerFormat"`
}

type operation struct {
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description"`
	OperationID string                `json:"operationId"`
	Parameters  []*parameter          `json:"parameters,omitempty"`
	RequestBody *requestBody          `json:"requestBody,omitempty"`
	Responses   responses             `json:"responses"`
	Security    []map[string][]string `json:"security,omitempty"`
}

// parameter is one, or a reference to one.
type parameter struct {
	Ref         string  `json:"$ref,omitempty"`
	Name        string  `json:"name,omitempty"`
	In          string  `json:"in,omitempty"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema,omitempty"`
	Example     any     `json:"example,omitempty"`
}

type requestBody struct {
	Content  contents `json:"content"`
	Required bool     `json:"required,omitempty"`
}

// responses are those of an operation by their status.
type responses map[string]*response

func (r responses) set(status int, response *response) { r[strconv.Itoa(status)] = response }
func (r responses) get(status int) *response           { return r[strconv.Itoa(status)] }

// response is one, or a reference to one.
type response struct {
	Ref         string             `json:"$ref,omitempty"`
	Description string             `json:"description,omitempty"`
	Headers     map[string]*header `json:"headers,omitempty"`
	Content     contents           `json:"content,omitempty"`
}

// header is one, or a reference to one.
type header struct {
	Ref         string  `json:"$ref,omitempty"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema,omitempty"`
	Example     any     `json:"example,omitempty"`
}

// contents are bodies by their media type.
type contents map[string]*mediaType

type mediaType struct {
	Schema   *schema            `json:"schema"`
	Examples map[string]example `json:"examples,omitempty"`
}

type example struct {
	Summary string `json:"summary"`
	Value   any    `json:"value"`
}

// schema is a JSON Schema. A field of it that is left out allows everything.
type schema struct {
	Ref         string `json:"$ref,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Type is a word, or several.
	Type any `json:"type,omitempty"`

	Format    string `json:"format,omitempty"`
	Pattern   string `json:"pattern,omitempty"`
	MinLength int    `json:"minLength,omitempty"`
	MaxLength int    `json:"maxLength,omitempty"`

	Minimum *float64 `json:"minimum,omitempty"`
	Maximum *float64 `json:"maximum,omitempty"`

	Items    *schema `json:"items,omitempty"`
	MinItems int     `json:"minItems,omitempty"`
	MaxItems int     `json:"maxItems,omitempty"`

	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`

	Const    any       `json:"const,omitempty"`
	Enum     []any     `json:"enum,omitempty"`
	AnyOf    []*schema `json:"anyOf,omitempty"`
	Default  any       `json:"default,omitempty"`
	Examples []any     `json:"examples,omitempty"`
}

func text() *schema     { return &schema{Type: "string"} }
func integer() *schema  { return &schema{Type: "integer"} }
func boolean() *schema  { return &schema{Type: "boolean"} }
func object() *schema   { return &schema{Type: "object", Properties: map[string]*schema{}} }
func null() *schema     { return &schema{Type: "null"} }
func anything() *schema { return &schema{} }

func long() *schema                    { return &schema{Type: "integer", Format: "int64"} }
func instant() *schema                 { return formatted("date-time") }
func formatted(format string) *schema  { return &schema{Type: "string", Format: format} }
func oneWordOf(words ...any) *schema   { return &schema{Type: "string", Enum: words} }
func list(items *schema) *schema       { return &schema{Type: "array", Items: items} }
func atLeastOne(item *schema) *schema  { return &schema{Type: "array", Items: item, MinItems: 1} }
func anyOf(schemas ...*schema) *schema { return &schema{AnyOf: schemas} }

// named refers to a schema of the components. It can have a description of its own: OpenAPI 3.1 allows one beside $ref.
func named(name string) *schema { return &schema{Ref: "#/components/schemas/" + name} }

func orNull(s *schema) *schema {
	s.Type = []any{s.Type, "null"}
	return s
}

func described(s *schema, description string, examples ...any) *schema {
	s.Description, s.Examples = description, examples
	return s
}

// atLeast sets the least value of a number.
func (s *schema) atLeast(least float64) *schema {
	s.Minimum = &least
	return s
}

func (s *schema) atMost(most float64) *schema {
	s.Maximum = &most
	return s
}

// lengths sets how many characters a text may have. 0 is no bound.
func (s *schema) lengths(least, most int) *schema {
	s.MinLength, s.MaxLength = least, most
	return s
}

func (s *schema) matching(pattern string) *schema {
	s.Pattern = pattern
	return s
}

// others sets whether an object may have other keys.
func (s *schema) others(allowed bool) *schema {
	s.AdditionalProperties = &allowed
	return s
}

// property is a key of an object, in the order in which the reference speaks of it.
type property struct {
	name   string
	schema *schema
}

// with adds keys that an object may have.
func (s *schema) with(properties ...property) *schema {
	for _, p := range properties {
		s.Properties[p.name] = p.schema
	}
	return s
}

// withAll adds keys that it always has.
func (s *schema) withAll(properties ...property) *schema {
	for _, p := range properties {
		s.Required = append(s.Required, p.name)
	}
	return s.with(properties...)
}
