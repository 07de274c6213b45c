package dashboards

// customer is "Customer file": one customer on one page.
func customer() definition {
	return definition{
		name: "customer", tab: "Customer", title: "Customer file", tag: "collection",
		description: "One customer: who they are, what they owe, how they pay, what was said.",
		variables:   []variable{oneCustomer, byCompany, asOf, inCurrency, agedBy, disputes},
		panels:      func(*page) {},
	}
}
