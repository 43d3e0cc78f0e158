package cli

import (
	"context"
	"fmt"
	"strings"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/config"
	"taskql/store"
)

// firstMigration creates the table of tasks.
const firstMigration = "0001_tasks"

func (p *program) planCommand() *urfave.Command {
	return &urfave.Command{
		Name: "plan", Usage: "print what up would do, and change nothing; it fails where up would fail", Action: p.migratePlan,
	}
}

func (p *program) migratePlan(ctx context.Context, _ *urfave.Command) error {
	return p.withReadOnlyStore(ctx, func(_ config.Config, db *store.Store) error {
		plan, err := db.Plan(ctx)
		if err != nil {
			return app.MigrationError(err)
		}
		switch {
		case len(plan.Steps) == 0:
			fmt.Fprintf(p.stdout, "The tables are up to date. Tasks are in the table %q.\n", plan.Table)
			warning, err := idWarning(ctx, db)
			if warning != "" {
				fmt.Fprintln(p.stdout, warning)
			}
			return err
		case plan.Adoption == nil && plan.Steps[0] == firstMigration:
			fmt.Fprintf(p.stdout, "The database has no table of tasks: an empty one, %q, would be created. Missing migrations: %s\n", plan.Table, strings.Join(plan.Steps, ", "))
		case plan.Adoption == nil:
			fmt.Fprintf(p.stdout, "Tasks are in the table %q. Missing migrations: %s\n", plan.Table, strings.Join(plan.Steps, ", "))
		default:
			if err := p.printAdoption(plan); err != nil {
				return err
			}
		}
		fmt.Fprintln(p.stdout, "Nothing was changed. `taskql migrate up` applies it, and so does the next start of the server.")
		return nil
	})
}

func (p *program) printAdoption(plan *store.Plan) error {
	a := plan.Adoption
	printf := func(format string, args ...any) { fmt.Fprintf(p.stdout, format+"\n", args...) }
	printf("The table %q would be taken over in place.\n", plan.Table)
	printf("The table")
	for _, change := range a.Changes {
		printf("  %s", change)
	}
	if a.Refusal == nil || len(a.Refusal.Rows) > 0 {
		otherWords := ""
		if a.Rows.PriorityWords > 0 {
			otherWords = fmt.Sprintf(": %d of them are other words, such as urgent, which a tag such as priority:urgent keeps", a.Rows.PriorityWords)
		}
		printf("\nIts %d rows, of %d users", a.Rows.Rows, a.Users)
		for _, line := range []struct {
			n    int64
			what string
		}{
			{a.Rows.UserIDs, "user ids get the dashes of a UUID"},
			{a.Rows.Statuses, "tasks have a status that says more than open or done, such as in_progress: they are open"},
			{a.Rows.Contradictions, "tasks have a status that contradicts the column for completed, which is used"},
			{a.Rows.Trashed, "tasks are deleted, and come into the trash"},
			{a.Rows.Priorities, "priorities become HIGH, MEDIUM or LOW" + otherWords},
			{a.Rows.Categories, "categories are kept in a tag such as category:work"},
			{a.Rows.LongCategories, "categories are too long for that, and stay in their column only"},
			{a.Rows.Tags, "lists of tags become a JSON array without blank and repeated tags"},
			{a.Rows.Days, "due dates at midnight become whole days"},
			{a.Rows.Times, "due dates without a zone become local times"},
			{a.Rows.Instants, "due dates with a zone become instants"},
		} {
			if line.n > 0 {
				printf("  %d %s", line.n, line.what)
			}
		}
		printf("  titles and descriptions stay as they are")
	}
	if a.Refusal != nil {
		printf("\nIt cannot be taken over, because")
		for _, line := range a.Refusal.Lines() {
			printf("  %s", line)
		}
		return fmt.Errorf("%s: the table %q cannot be taken over as it is; nothing was changed", config.DatabaseURL, plan.Table)
	}
	printf("\n%s", a.Cost)
	printf("\nMigrations: %s", strings.Join(plan.Steps, ", "))
	return nil
}
