{{define "today_quality"}}WITH
    {{template "today"}}
SELECT
    transform(s.quality, ['good', 'poor', 'not_rated'], [{{q "Good payers"}}, {{q "Poor payers"}}, {{q "Not rated"}}], s.quality) AS `{{t "Payers"}}`,
    if(s.value_class = 'none', {{q "nothing billed"}}, toString(s.value_class)) AS `{{t "Class"}}`,
    toFloat64(count()) AS `{{t "Customers"}}`,
    toFloat64(sum(s.billed_12m_rc)){{scale}} AS `{{t "Billed, 12 months"}}`,
    toFloat64(sum(s.open_rc)){{scale}} AS `{{t "Open"}}`,
    toFloat64(sum(s.overdue_rc)){{scale}} AS `{{t "Overdue"}}`
FROM quality_value AS s
WHERE {{template "today_built"}} AND {{converted}}
    AND {{template "today_customers"}}
GROUP BY s.quality, s.value_class
ORDER BY indexOf(['poor', 'good', 'not_rated'], s.quality), s.value_class{{end}}

{{define "today_warnings_judged"}}WITH
    {{template "today"}}
SELECT
    if(s.rule = 'any', {{q "Any warning"}}, {{template "warning_rule" "s.rule"}}) AS `{{t "Warning"}}`,
    toFloat64(s.alerts) AS `{{t "Alerts"}}`,
    toFloat64(s.judged) AS `{{t "Judged"}}`,
    toFloat64(s.precision_rate) AS `{{t "Came true"}}`,
    toFloat64(s.recall_rate) AS `{{t "Foreseen"}}`,
    toFloat64(s.lift) AS `{{t "Lift"}}`
FROM early_warning_quality AS s
WHERE {{template "today_built"}} AND {{only}}
ORDER BY s.rule_no{{end}}
