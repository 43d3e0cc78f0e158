package samples

// areas are areas of life, each with its tag and titles of tasks.
var areas = []struct {
	tag    string
	titles []string
}{
	{"home", []string{
		"Water the plants", "Change the light bulb in the hall", "Descale the kettle", "Call the plumber about the tap", "Clean the windows",
		"Take the old paint to the recycling yard", "Replace the batteries of the smoke alarms", "Sort the winter clothes", "Hang up the shelf",
	}},
	{"shopping", []string{
		"Buy milk and bread", "Order a new filter for the vacuum cleaner", "Find a birthday present for Mia", "Pick up the parcel",
		"Compare prices of bicycles", "Return the shoes", "Buy stamps",
	}},
	{"work", []string{
		"Prepare the slides for Monday", "Review Anna's pull request", "Answer the customer in Lyon", "Write the minutes", "Plan the next sprint",
		"Update the onboarding guide", "Book a room for the interview", "Fix the flaky test", "Send the offer to Müller & Söhne", "Read the security report",
	}},
	{"finance", []string{
		"Pay the electricity bill", "Collect the receipts for the tax return", "Check the bank statement", "Cancel the gym membership",
		"Ask for a new insurance quote", "Transfer the rent",
	}},
	{"health", []string{
		"Make an appointment with the dentist", "Renew the prescription", "Run five kilometres", "Get a flu shot", "Stretch for ten minutes",
	}},
	{"family", []string{
		"Call grandma", "Sign the form for the school trip", "Plan the picnic", "Bake a cake for Sunday", "Print the holiday photos", "Help Tom with fractions",
	}},
	{"travel", []string{
		"Renew the passport", "Book the train to Zürich", "Check in online", "Look for a hotel near Kraków", "Pack the tent", "Ask the neighbours to feed the cat",
	}},
	{"learning", []string{
		"Read chapter four", "Practise Spanish verbs", "Watch the talk on databases", "Try the new recipe", "Write down what the course was about",
	}},
}

// contexts are tags that a task may have in addition to the tag of its area.
var contexts = []string{"errand", "phone", "computer", "waiting", "5 minutes", "weekend"}

// notes are descriptions of tasks.
var notes = []string{
	"See the e-mail of last week.", "The number is on the fridge.", "Only if the weather is good.", "- measure first\n- ask for the price\n- decide",
	"Opening hours: Mo–Fr 9–17.", "Not urgent, but should not be forgotten.", "Together with Sam.", "Half of it is done already.", "Budget: 50 €",
}
