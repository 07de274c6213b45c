package dashboards

// rep is "Rep": one rep's customers, cash and promises.
func rep() definition {
	return definition{
		name: "rep", tab: "Rep", title: "Rep", tag: "sales",
		description: "One rep: customers, cash against target, promises and visits.",
		variables:   instead(allFilters(), byRep, oneRep),
		panels:      func(*page) {},
	}
}
