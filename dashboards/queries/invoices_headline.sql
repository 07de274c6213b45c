{{/* The open items that the filters name, of the last day built, aged as chosen. */}}
{{define "invoices_open"}}items AS (
        SELECT
            i.customer_id AS customer_id, i.invoice_id AS invoice_id, i.instalment_seq AS instalment_seq, i.source AS source, i.invoice_date AS invoice_date, i.due_date AS due_date,
            i.days_past_due AS past_due, if(${basis:sqlstring} = 'invoice', i.age_days, i.days_past_due) AS days_old, if(${basis:sqlstring} = 'invoice', i.age_bucket, i.bucket) AS bucket_name,
            i.currency AS item_currency, i.amount AS item_amount, i.open_amount AS item_open, i.owner_id AS owner_id, i.disputed_amount AS item_disputed,
            toFloat64({{m "i.open_amount"}}) AS open_part, toFloat64({{m "i.disputed_amount"}}) AS disputed_part
        FROM ar_open_items AS i
        WHERE {{where "i" "company" "segment" "region" "owner" "customer" "currency"}}
            AND (${disputed:sqlstring} = 'yes' OR i.disputed_amount < i.open_amount)
    ){{end}}

{{define "invoices_headline"}}WITH
    {{template "invoices_open"}}
SELECT {{header "sentence" "''"}} AS headline
FROM (
    SELECT if(count() = 0, '{{t "No open receivables for this selection."}}', concat(
        '<b>', {{count "count()"}}, '</b> ', if(count() = 1, '{{t "open item of"}}', '{{t "open items of"}}'), ' <b>', {{count "uniqExact(customer_id)"}}, '</b> ', if(uniqExact(customer_id) = 1, '{{t "customer"}}', '{{t "customers"}}'), '{{t ", "}}',
        '<b style="color:{{colour "bad"}}">', {{count "countIf(past_due > 0)"}}, '</b> ', '{{t "of them overdue"}}', '{{t ", "}}',
        {{count "countIf(past_due > 90)"}}, ' ', '{{t "by more than 90 days"}}', '{{t "."}}')) AS sentence
    FROM items
){{end}}
