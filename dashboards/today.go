package dashboards

// today is "Today": whom to call first, and why.
func today() definition {
	return definition{
		name: "today", tab: "Today", title: "Today", tag: "collection",
		description: "Whom to call first and why, what was promised for today, which warnings are new.",
		variables:   allFilters(),
		panels:      func(*page) {},
	}
}
