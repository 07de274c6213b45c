{{/* Codes of models and of the customer's own systems in words, for more than one page. */}}

{{/* The words of the model are English; these are made of its figures and stand
     beside the name of the rule. */}}
{{define "warning_evidence"}}replaceOne(
        if(isNull(measure), {{q "legal case open"}}, transform(s.rule_no, [1, 2, 4, 5, 6, 7, 8, 9, 12],
            [{{q "{} days to pay"}}, {{q "−{} % in 90 days"}}, {{q "{} % of limit"}}, {{q "{} % of all"}}, {{q "{} times in a row"}}, {{q "{} days idle"}}, {{q "{} days ago"}}, {{q "{} % disputed"}}, {{q "{} months old"}}], {{q "{} in 90 days"}})),
        '{}',
        multiIf(
            s.rule_no = 1, concat(toString(ifNull(round(baseline), 0)), ' → ', toString(ifNull(round(measure), 0))),
            s.rule_no = 2, toString(ifNull(round(100 * (1 - measure / nullIf(baseline, 0))), 0)),
            s.rule_no IN (4, 5, 9), toString(ifNull(round(100 * measure), 0)),
            toString(ifNull(measure, 0)))){{end}}

{{define "warning_rule"}}transform({{.}}, ['payment_cycle', 'order_decline', 'broken_promises', 'credit_limit', 'concentration', 'habitual_delay', 'lapsed', 'first_over_30', 'dispute_share', 'avoidance', 'partial_payments', 'stale_or_legal'],
        [{{q "Pays later"}}, {{q "Buys less"}}, {{q "Breaks promises"}}, {{q "Credit limit"}}, {{q "Concentration"}}, {{q "Late every time"}}, {{q "Stopped buying"}}, {{q "First time over 30"}},
        {{q "Disputes"}}, {{q "Avoids visits"}}, {{q "Pays in parts"}}, {{q "Accounts or court"}}], {{.}}){{end}}

{{/* Notices and harder steps. */}}
{{define "method_words"}}transform({{.}}, ['reminder', 'formal_letter', 'management_call', 'stop_supply', 'agency', 'legal', 'administrative'],
        [{{q "Reminder"}}, {{q "Formal letter"}}, {{q "Call by management"}}, {{q "Stop of supply"}}, {{q "Agency"}}, {{q "Legal action"}}, {{q "Authorities"}}], {{.}}){{end}}

{{/* Reasons of disputes. */}}
{{define "dispute_words"}}transform(upper(ifNull({{.}}, '')), ['PRICE', 'SERVICE', 'STATEMENT_MISMATCH', 'SHORT_DELIVERY', 'QUALITY', 'CONTRACT_TERMS', 'DELIVERY', 'DUPLICATE', 'INVOICE_ERROR', 'OTHER', ''],
        [{{q "Price"}}, {{q "Service"}}, {{q "Balances differ"}}, {{q "Short delivery"}}, {{q "Quality"}}, {{q "Contract terms"}}, {{q "Delivery"}}, {{q "Invoiced twice"}}, {{q "Invoice error"}}, {{q "Other"}}, {{q "No reason given"}}], ifNull({{.}}, '')){{end}}

{{/* Codes of the customer's own systems in readable words. */}}
{{define "code_words"}}[{{range $i, $c := list "CASH_CHAIN" "QUALITY" "ACCEPTANCE_PENDING" "OWNER_NOT_PAID" "APPROVAL" "BUDGET_YEAR" "DEMAND_DOWN" "OPERATING_PRESSURE" "WILFUL_DEFAULT" "DEDUCTIONS" "STATEMENT_MISMATCH" "TRIANGULAR_DEBT" "CASH_SHORT" "SLOW_SALES" "DEDUCTION_CLAIM" "AWAITING_OWNER_PAYMENT" "CONTRACT_TERMS" "APPROVAL_PENDING" "BUDGET_YEAR_END" "QUALITY_CLAIM"}}{{if $i}}, {{end}}'{{$c}}'{{end}}],
        [{{range $i, $c := list "Cash does not reach them" "Quality" "Acceptance pending" "Their customer owes them" "Approval" "Budget year" "Demand is down" "Operating pressure" "Will not pay" "Deductions" "Statement does not match" "Debt in a triangle" "Short of cash" "Slow sales" "Claims a deduction" "Waits for its customer" "Contract terms" "Approval pending" "Budget year ends" "Claims on quality"}}{{if $i}}, {{end}}{{q $c}}{{end}}]{{end}}
{{define "sales_code"}}transform({{.}}, {{template "code_words"}},
        concat(upper(substringUTF8({{.}}, 1, 1)), lower(replaceAll(substringUTF8({{.}}, 2), '_', ' ')))){{end}}
