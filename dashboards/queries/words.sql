{{/* Codes of models and of the customer's own systems in words, for more than one page. */}}

{{/* The words of the model are English; these are made of its figures. */}}
{{define "warning_evidence"}}multiIf(
        s.rule_no = 1, concat({{q "days to pay"}}, ' ', toString(round(baseline)), ' → ', toString(round(measure))),
        s.rule_no = 2, concat({{q "billed in 90 days"}}, ' −', toString(round(100 * (1 - measure / nullIf(baseline, 0)))), '{{t " %"}}'),
        s.rule_no = 3, concat({{q "broken in 90 days:"}}, ' ', toString(measure)),
        s.rule_no = 4, concat({{q "limit used to"}}, ' ', toString(round(100 * measure)), '{{t " %"}}'),
        s.rule_no = 5, concat({{q "share of all receivables"}}, ' ', toString(round(100 * measure)), '{{t " %"}}'),
        s.rule_no = 6, concat({{q "late or moved in a row:"}}, ' ', toString(measure)),
        s.rule_no = 7, concat({{q "idle days:"}}, ' ', toString(measure)),
        s.rule_no = 8, concat({{q "first time late, days:"}}, ' ', toString(measure)),
        s.rule_no = 9, concat({{q "disputed share"}}, ' ', toString(round(100 * measure)), '{{t " %"}}'),
        s.rule_no = 10, concat({{q "visits avoided in 90 days:"}}, ' ', toString(measure)),
        s.rule_no = 11, concat({{q "partial payments in 90 days:"}}, ' ', toString(measure)),
        isNull(measure), {{q "a legal case is open"}},
        concat({{q "accounts, months old:"}}, ' ', toString(measure))){{end}}

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
        [{{range $i, $c := list "Cash does not reach them" "Quality" "Acceptance pending" "Their customer has not paid" "Approval" "Budget year" "Demand is down" "Operating pressure" "Will not pay" "Deductions" "Statement does not match" "Debt in a triangle" "Short of cash" "Slow sales" "Claims a deduction" "Waits for its customer's payment" "Contract terms" "Approval pending" "Budget year ends" "Claims on quality"}}{{if $i}}, {{end}}{{q $c}}{{end}}]{{end}}
{{define "sales_code"}}transform({{.}}, {{template "code_words"}},
        concat(upper(substringUTF8({{.}}, 1, 1)), lower(replaceAll(substringUTF8({{.}}, 2), '_', ' ')))){{end}}
