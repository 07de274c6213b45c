package dashboards

// pipeline is "Pipeline health": whether the figures can be trusted.
func pipeline() definition {
	return definition{
		name: "pipeline", tab: "Pipeline health", title: "Pipeline health", tag: "operations",
		description: "Whether the figures are complete and fresh: runs, lag, receipts, rejected rows, data tests.",
		variables:   nil,
		panels: func(p *page) {
			p.pipelineStats(2)
			p.pipelineRuns(6)
			p.pipelineFlow(17)
			p.pipelineProof(26)
			p.row(48, "Streams and models")
			p.pipelineDetails(49)
		},
	}
}

func (p *page) pipelineStats(y int) {
	for i, s := range []stat{
		{about: about{title: "Since the last sync", metric: docBuildCheck, description: "Hours since a sync ended with everything or all but rejected records. Red above 26 hours: a day was left out."},
			query: "pipeline_sync_age", unit: p.hours(), decimals: 1, min: 0, bad: 26, noLine: true},
		{about: about{title: "Since the last build", metric: docBuildCheck, description: "Hours since the metrics and models were last published. Red above 26 hours."},
			query: "pipeline_build_age", unit: p.hours(), decimals: 1, min: 0, bad: 26, noLine: true},
		{about: about{title: "Rows in 7 days", metric: docBuildCheck, description: "Rows that syncs have loaded in the seven days up to the last run; the line shows each day."},
			query: "pipeline_rows", unit: number},
		{about: about{title: "Rejected, open", metric: docBuildCheck, description: "Records that did not fit their table and were not mended yet. They are in no figure; `huikuan rejects` lists them with the reason."},
			query: "pipeline_rejected", unit: number, bad: 1, noLine: true},
		{about: about{title: "Data tests failed", metric: docBuildCheck, description: "Tests that did not pass when they last ran. A failed test of severity error keeps the table of before serving."},
			query: "pipeline_tests", unit: number, bad: 1, noLine: true},
		{about: about{title: "Roll-forward", metric: docBalance, description: "Largest amount by which any customer's month does not close (A6), in document currency. It must be 0.00."},
			query: "pipeline_rollforward", unit: "none", decimals: 2, bad: 0.005, noLine: true},
	} {
		panel := p.stat(s)
		if s.query == "pipeline_rows" { // the figure is of all days, the line of each
			panel.Options["reduceOptions"].(object)["calcs"] = []any{"sum"}
		}
		p.add(4*i, y, 4, 4, panel)
	}
}

// hours is a unit for figures ("1.5 h").
func (p *page) hours() string { return "suffix: " + p.t("h") }

func (p *page) pipelineRuns(y int) {
	history := p.statuses(about{title: "Syncs by source, and streams in trouble, last 14 days", metric: docBuildCheck, empty: "No sync in the last 14 days.",
		description: "The syncs of each source by quarter of a day, the worst of its streams: all loaded, some records rejected, or failed. A stream has its own line where it was not all loaded in these days; at most fifteen."},
		"pipeline_history", [3]string{"ok", "some rejected", "failed"})
	history.TimeFrom, history.HideTimeOverride = "14d", true
	history.FieldConfig.Defaults["displayName"] = "${__field.labels.label}"
	history.FieldConfig.Defaults["mappings"] = append(history.FieldConfig.Defaults["mappings"].([]any), // slots without a sync are empty
		object{"type": "special", "options": object{"match": "null", "result": object{"text": p.t("no sync"), "color": "transparent", "index": 3}}})
	p.add(0, y, 14, 11, history)
	p.add(14, y, 10, 11, p.table(table{query: "pipeline_test_results",
		about: about{title: "Data tests: the last result of each", metric: docBuildCheck, empty: "No build has run its tests yet.",
			description: "What did not pass comes first, each test with the rows that contradict it; then a line for each table whose tests passed. `huikuan status` shows the test's name and the first of the rows."},
		columns: []column{textColumn("Table").flex(170), p.ruleColumn("Test").flex(130),
			p.pillColumn("Result", map[string]string{"passed": colourGood, "warning": colourWarn, "failed": colourBad}).wide(84), numberColumn("Rows").wide(56)}}))
}

func (p *page) pipelineFlow(y int) {
	rows := p.bars(bars{query: "pipeline_rows_by_day", x: "day", unit: number, series: []series{{name: "Rows loaded", colour: colourSeries}},
		about: about{title: "Rows loaded by day", metric: docBuildCheck, empty: "Nothing was loaded in the last 14 days.", description: "Rows that all syncs of a day have loaded (UTC), over 14 days up to the last run."}})
	p.add(0, y, 12, 9, rows)
	p.add(12, y, 12, 9, p.bars(bars{query: "pipeline_seconds", x: "run", unit: "s", stacked: true,
		series: []series{{name: "Sync", colour: colourSeries}, {name: "Build", colour: colourHistory}},
		about:  about{title: "How long runs take", metric: docBuildCheck, empty: "No run has finished yet.", description: "Seconds of the last twelve syncs and builds. A build that continues the last one is short; `huikuan status` says why one was full."}}))
}

func (p *page) pipelineProof(y int) {
	p.add(0, y, 16, 15, p.table(table{query: "pipeline_control",
		about: about{title: "Against the control accounts", metric: docControl, empty: "No source delivers balances of its control account: map them to control_balances.",
			description: "Net receivables against the balance of the ledger's control account at the last three period ends, in document currency. What late postings explain is not a difference."},
		columns: []column{p.dateColumn("Period end").wide(84), textColumn("Company").flex(180), textColumn("Currency").wide(76), documentAmount("Control account").wide(122),
			documentAmount("Receivables").wide(116), documentAmount("Unexplained").wide(100),
			p.pillColumn("Result", map[string]string{"balances": colourGood, "late postings": colourWarn, "does not balance": colourBad}).wide(116)}}))
	p.add(16, y, 8, 15, p.table(table{query: "pipeline_failures",
		about: about{title: "Failures to mend", metric: docBuildCheck, empty: "Nothing has failed in the last 30 days.",
			description: "Runs and streams that failed, the newest first, with the cause and the remedy that the program printed."},
		columns: []column{column{title: "When", pairs: []any{"unit", "time:YYYY-MM-DD HH:mm"}}.wide(132), textColumn("Stream").wide(120),
			textColumn("Error").flex(200).with("custom.cellOptions", object{"type": "auto", "wrapText": true})}}))
	p.add(0, y+15, 24, 7, p.table(table{query: "pipeline_rejects",
		about: about{title: "Rejected records, open", metric: docBuildCheck, empty: "No record is rejected.",
			description: "Records that did not fit, newest first: where, which field, what was found and what was expected. `huikuan rejects` prints the record; after a correction `huikuan replay` loads it."},
		columns: []column{column{title: "When", pairs: []any{"unit", "time:YYYY-MM-DD HH:mm"}}.wide(132), textColumn("Stream").wide(180), textColumn("Record").wide(160), textColumn("Field").wide(176),
			textColumn("Found").wide(220), textColumn("Expected value").flex(360)}}))
}

func (p *page) pipelineDetails(y int) {
	p.add(0, y, 14, 15, p.table(table{query: "pipeline_streams",
		about: about{title: "Streams: freshness and receipts", metric: docBuildCheck, empty: "No stream has been read yet.",
			description: "Each stream's last reading: when, how long ago, records read, rows loaded, rejected and left out by a filter on purpose; the line shows the rows of its last readings."},
		columns: []column{textColumn("Source").wide(64), textColumn("Stream").flex(140), column{title: "Last read", pairs: []any{"unit", "dateTimeAsIso"}}.wide(150),
			column{title: "Hours ago", pairs: []any{"unit", number, "decimals", 1, "custom.cellOptions", object{"type": "color-text"}, "thresholds", steps(step(nil, "text"), step(26, colourBad))}}.wide(84),
			numberColumn("Read").wide(70), numberColumn("Loaded").wide(70), numberColumn("Rejected").wide(76), numberColumn("Left out").wide(70), sparkColumn("Readings").wide(74)}}))
	p.add(14, y, 10, 15, p.table(table{query: "pipeline_models",
		about: about{title: "Models: the last run of each", metric: docBuildCheck, empty: "No model has been built yet.",
			description: "Each SQL model's last building, also where a build was of some models only: failed and skipped ones first, then the slowest. A model that failed leaves its table of before serving."},
		columns: []column{textColumn("Model").flex(170), p.pillColumn("Result", map[string]string{"ok": colourGood, "skipped": colourWarn, "failed": colourBad}).wide(84),
			column{title: "Seconds", pairs: []any{"unit", number, "decimals", 2}}.wide(76), numberColumn("Rows").wide(84), textColumn("Error").with("noValue", " ").flex(90)}}))
}
