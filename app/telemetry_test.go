package app

import (
	"log/slog"
	"testing"

	"taskql/config"
)

// TestNothingIsObservedByDefault wants no functions, whose calls would take time for each statement, operation and field.
func TestNothingIsObservedByDefault(t *testing.T) {
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := newObservers(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil || o.Metrics != nil || o.Traces != nil {
		t.Errorf("newObservers = %+v, %v, want none", o, err)
	}
	if graphQL := o.graphQL(); o.statement() != nil || o.feedLag() != nil || graphQL.Operation != nil || graphQL.Field != nil {
		t.Error("something is called for nothing")
	}
}
