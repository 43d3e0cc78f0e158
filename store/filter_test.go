package store

import (
	"fmt"
	"testing"
	"time"

	"taskql/models"
)

// TestLongLists has the lists of a filter make no condition longer: only the arguments grow.
func TestLongLists(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	filters := func(values int) map[string]*models.TaskFilter {
		texts, windows := make([]string, values), make([]models.DueWindow, values)
		days, priorities := make([]*models.Date, values), make([]models.Priority, values)
		for i := range values {
			day := models.NewDate(2026, 1, 1+2*i)
			texts[i], days[i] = fmt.Sprint(1+i), &day
			windows[i], priorities[i] = models.AllDueWindow[i%len(models.AllDueWindow)], models.AllPriority[i%len(models.AllPriority)]
		}
		return map[string]*models.TaskFilter{
			"ids":          {ID: &models.IDFilter{In: texts, NotIn: texts}},
			"titles":       {Title: &models.TextFilter{In: texts, NotIn: texts}},
			"descriptions": {Description: &models.TextFilter{In: texts, NotIn: texts}},
			"priorities":   {Priority: &models.PriorityFilter{In: priorities, NotIn: priorities}},
			"any tag":      {Tags: &models.TagsFilter{Any: texts}},
			"all tags":     {Tags: &models.TagsFilter{All: texts}},
			"no tag":       {Tags: &models.TagsFilter{None: texts}},
			"days":         {DueDate: &models.DateFilter{In: days}},
			"windows":      {Due: windows},
		}
	}
	few := filters(10)
	for name, many := range filters(100) {
		for _, postgres := range []bool{true, false} {
			render := func(f *models.TaskFilter) string {
				c := &conditions{postgres: postgres, now: time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC), zone: zone}
				return c.filter(f)
			}
			if short, long := render(few[name]), render(many); short != long {
				t.Errorf("100 %s (PostgreSQL: %v) make the condition\n%s\nwant that of 10:\n%s", name, postgres, long, short)
			}
		}
	}
}
