package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

// migratePlan prints what migrate up would do, and fails where that would refuse.
func (p *program) migratePlan(ctx context.Context, _ *cli.Command) error {
	return p.withStore(ctx, store.Options{ReadOnly: true, Progress: p.progress}, func(db *store.Store) error {
		plan, err := db.Plan(ctx)
		if err != nil {
			return app.MigrationError(err)
		}
		switch {
		case len(plan.Steps) == 0:
			fmt.Fprintf(p.stdout, "The tables are up to date. Tasks are in the table %q.\n", plan.Table)
			return nil
		case plan.Adoption == nil:
			fmt.Fprintf(p.stdout, "Tasks are in the table %q. To be done: %s\n", plan.Table, strings.Join(plan.Steps, ", "))
		default:
			if err := p.printAdoption(plan); err != nil {
				return err
			}
		}
		fmt.Fprintln(p.stdout, "Nothing was changed: `taskql migrate up` does it, and so does the next start.")
		return nil
	})
}

func (p *program) printAdoption(plan *store.Plan) error {
	a := plan.Adoption
	say := func(format string, args ...any) { fmt.Fprintf(p.stdout, format+"\n", args...) }
	say("The table %q would be taken over where it is.\n", plan.Table)
	say("The table")
	for _, change := range a.Changes {
		say("  %s", change)
	}
	if a.Refusal == nil || len(a.Refusal.Rows) > 0 {
		say("\nIts %d rows, of %d users", a.Rows.Rows, a.Users)
		for _, line := range []struct {
			n    int64
			what string
		}{
			{a.Rows.UserIDs, "ids of users get the dashes of a UUID"},
			{a.Rows.Priorities, "priorities become one of HIGH, MEDIUM and LOW"},
			{a.Rows.Tags, "lists of tags become a JSON list without blanks and repeats"},
			{a.Rows.Days, "due dates at midnight become whole days"},
			{a.Rows.Times, "due dates without a zone become times on the clock"},
			{a.Rows.Instants, "due dates with a zone become instants"},
		} {
			if line.n > 0 {
				say("  %d %s", line.n, line.what)
			}
		}
		say("  titles and descriptions stay as they are")
	}
	if a.Refusal != nil {
		say("\nIt would be refused, because")
		for _, line := range a.Refusal.Lines() {
			say("  %s", line)
		}
		return fmt.Errorf("%s: the table %q cannot be taken over as it is; nothing was changed", config.DatabaseURL, plan.Table)
	}
	say("\nSteps: %s", strings.Join(plan.Steps, ", "))
	return nil
}

// progress tells the person at the terminal how far a long step has come.
func (p *program) progress(now store.Progress) {
	fmt.Fprintf(p.stderr, "%s: %d of %d\n", now.Doing, now.Done, now.Total)
}
