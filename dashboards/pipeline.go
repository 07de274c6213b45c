package dashboards

// pipeline is "Pipeline health": whether the figures can be trusted.
func pipeline() definition {
	return definition{
		name: "pipeline", tab: "Pipeline health", title: "Pipeline health", tag: "operations",
		description: "Whether the figures are complete and fresh: runs, lag, receipts, rejected rows, data tests.",
		variables:   nil,
		panels:      func(*page) {},
	}
}
