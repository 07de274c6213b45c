package dashboards

// sales is "Collections by rep": what each rep collected of what was due, and who falls behind.
func sales() definition {
	return definition{
		name: "sales", tab: "Collections by rep", title: "Collections by rep", tag: "sales",
		description: "What each rep and team collected of what was due and targeted, and who falls behind.",
		variables:   allFilters(),
		panels:      func(*page) {},
	}
}
