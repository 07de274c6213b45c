package dashboards

// invoices is "Invoice list": every open item behind the totals.
func invoices() definition {
	return definition{
		name: "invoices", tab: "Invoices", title: "Invoice list", tag: "finance",
		description: "The open items behind every total, with what was paid, disputed and promised on them.",
		variables:   allFilters(),
		panels:      func(*page) {},
	}
}
