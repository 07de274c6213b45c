{{/* When this customer pays, beside when everybody does: all days of the pattern. */}}
{{define "customer_pattern"}}FROM (
    SELECT day AS number, toFloat64(sumIf(cash_share, scope = 'customer')) AS of_customer, toFloat64(sumIf(cash_share, scope = 'group')) AS of_all
    FROM payment_timing
    WHERE pattern = '{{.}}' AND (scope = 'customer' AND scope_id IN (${customer:sqlstring}) OR scope = 'group')
    GROUP BY number
)
WHERE (SELECT count() FROM payment_timing WHERE scope = 'customer' AND scope_id IN (${customer:sqlstring})) > 0
ORDER BY number{{end}}

{{define "customer_weekdays"}}SELECT
    [{{q "Mon"}}, {{q "Tue"}}, {{q "Wed"}}, {{q "Thu"}}, {{q "Fri"}}, {{q "Sat"}}, {{q "Sun"}}][number] AS day,
    100 * of_customer AS `{{t "This customer"}}`,
    100 * of_all AS `{{t "All customers"}}`
{{template "customer_pattern" "weekday"}}{{end}}

{{define "customer_monthdays"}}SELECT
    toString(number) AS day,
    100 * of_customer AS `{{t "This customer"}}`,
    100 * of_all AS `{{t "All customers"}}`
{{template "customer_pattern" "day_of_month"}}{{end}}
