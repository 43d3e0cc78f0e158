package models_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"taskql/models"
)

// TestTagDeltas adds tags to a task and removes some.
func TestTagDeltas(t *testing.T) {
	nineteen, twenty := numbered(19), numbered(20)
	type tags = []string
	for _, tt := range []struct {
		name             string
		has, add, remove tags // nil is not given
		want             tags
		errs             tags
	}{
		{"add", tags{"a", "b"}, tags{"c", "d"}, nil, tags{"a", "b", "c", "d"}, nil},
		{"add to none", tags{}, tags{"b", "a"}, nil, tags{"b", "a"}, nil},
		{"those there keep place and spelling", tags{"Work", "b"}, tags{"c", "WORK", " work "}, nil, tags{"Work", "b", "c"}, nil},
		{"the first spelling of a new one", tags{"a"}, tags{"Ärger", "äRGER"}, nil, tags{"a", "Ärger"}, nil},
		{"remove", tags{"a", "b", "c"}, nil, tags{"b"}, tags{"a", "c"}, nil},
		{"remove in any letter case", tags{"Äb", "ДОМ", "c"}, nil, tags{" äB ", "дом"}, tags{"c"}, nil},
		{"remove all", tags{"a", "b"}, nil, tags{"b", "a"}, tags{}, nil},
		{"remove what is not there", tags{"a"}, nil, tags{"b", "B"}, tags{"a"}, nil},
		{"both", tags{"a", "b"}, tags{"c"}, tags{"A"}, tags{"b", "c"}, nil},
		{"nothing", tags{"a", "b"}, tags{}, tags{}, tags{"a", "b"}, nil},
		{"one tag in both", tags{"a"}, tags{"b", "c"}, tags{"C"}, nil, tags{"MUTUALLY_EXCLUSIVE input.removeTags"}},
		{"one tag in both that is there", tags{"a"}, tags{"a"}, tags{"a"}, nil, tags{"MUTUALLY_EXCLUSIVE input.removeTags"}},
		{"up to twenty", nineteen, tags{"x", "TAG0"}, nil, append(slices.Clone(nineteen), "x"), nil},
		{"twenty again", twenty, tags{"TAG0", "tag19"}, nil, twenty, nil},
		{"one in place of another", twenty, tags{"x"}, tags{"tag0"}, append(slices.Clone(twenty[1:]), "x"), nil},
		{"too many", twenty, tags{"x"}, nil, nil, tags{"TOO_MANY input.addTags"}},
		{"too many although some go", twenty, tags{"x", "y"}, tags{"tag0"}, nil, tags{"TOO_MANY input.addTags"}},
		{"fewer of too many", numbered(25), tags{"x"}, tags{"tag0", "tag1"}, append(slices.Clone(numbered(25)[2:]), "x"), nil},
		{"far too many at once", tags{}, numbered(201), nil, nil, tags{"TOO_MANY input.addTags"}},
		{"far too many to remove", tags{}, nil, numbered(201), nil, tags{"TOO_MANY input.removeTags"}},
		{"faulty ones", tags{}, tags{"a", " ", strings.Repeat("x", 51)}, tags{"\x00", ""}, nil,
			tags{"BLANK input.addTags.1", "TOO_LONG input.addTags.2", "INVALID_FORMAT input.removeTags.0", "BLANK input.removeTags.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var in models.UpdateTaskInput
			if tt.add != nil {
				in.AddTags = graphql.OmittableOf(tt.add)
			}
			if tt.remove != nil {
				in.RemoveTags = graphql.OmittableOf(tt.remove)
			}
			task := full()
			task.Tags = slices.Clone(tt.has)
			got, errs := in.Apply(task, now)
			if !slices.Equal(task.Tags, tt.has) {
				t.Errorf("the original has the tags %q, it had %q", task.Tags, tt.has)
			}
			if refused(t, got, errs, tt.errs...); got != nil && (got.Tags == nil || !slices.Equal(got.Tags, tt.want)) {
				t.Errorf("tags = %#v, want %#v", got.Tags, tt.want)
			}
			if got != nil && got.Same(task) != slices.Equal(tt.has, tt.want) {
				t.Errorf("Same = %v after %q became %q", got.Same(task), tt.has, got.Tags)
			}
		})
	}
}

// TestTagsBesideDeltas combines tags, addTags and removeTags, each left out, null or set.
func TestTagsBesideDeltas(t *testing.T) {
	states := map[string]graphql.Omittable[[]string]{"absent": {}, "null": graphql.OmittableOf[[]string](nil)}
	value := func(tag string) graphql.Omittable[[]string] { return graphql.OmittableOf([]string{tag}) }
	const none, null, given = "absent", "null", "given"
	for _, tt := range []struct {
		tags, add, remove string
		want, errs        []string
	}{
		{none, none, none, []string{"a", "b"}, nil},
		{none, given, given, []string{"b", "added"}, nil},
		{given, none, none, []string{"new"}, nil},
		{given, given, none, nil, []string{"MUTUALLY_EXCLUSIVE input.tags"}},
		{given, none, given, nil, []string{"MUTUALLY_EXCLUSIVE input.tags"}},
		{given, given, given, nil, []string{"MUTUALLY_EXCLUSIVE input.tags"}},
		{none, null, none, nil, []string{"NULL_NOT_ALLOWED input.addTags"}},
		{none, none, null, nil, []string{"NULL_NOT_ALLOWED input.removeTags"}},
		{none, null, given, nil, []string{"NULL_NOT_ALLOWED input.addTags"}},
		{null, null, null, nil, []string{"NULL_NOT_ALLOWED input.tags", "NULL_NOT_ALLOWED input.addTags", "NULL_NOT_ALLOWED input.removeTags"}},
		{null, given, none, nil, []string{"NULL_NOT_ALLOWED input.tags", "MUTUALLY_EXCLUSIVE input.tags"}},
	} {
		of := func(state, tag string) graphql.Omittable[[]string] {
			if state == given {
				return value(tag)
			}
			return states[state]
		}
		task := full()
		got, errs := models.UpdateTaskInput{Tags: of(tt.tags, "new"), AddTags: of(tt.add, "added"), RemoveTags: of(tt.remove, "A")}.Apply(task, now)
		if refused(t, got, errs, tt.errs...); got != nil && !reflect.DeepEqual(got.Tags, tt.want) {
			t.Errorf("%+v: tags = %q", tt, got.Tags)
		}
	}
}
