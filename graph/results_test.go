package graph

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// TestReaders checks that readers has every field with arguments that a mutation's result can have.
func TestReaders(t *testing.T) {
	all, found := schema(), 0
	for _, typ := range all.Types {
		if typ.Kind != ast.Object || typ == all.Mutation || typ == all.Subscription || strings.HasPrefix(typ.Name, "__") {
			continue
		}
		for _, field := range typ.Fields {
			if len(field.Arguments) == 0 || strings.HasPrefix(field.Name, "__") {
				continue
			}
			found++
			if name := typ.Name + "." + field.Name; readers[name] == nil {
				t.Errorf("readers has no %s", name)
			}
		}
	}
	if found != len(readers) {
		t.Errorf("readers has %d fields, the schema %d", len(readers), found)
	}
}
