{{/* The file of the one customer; what it holds is of the last day built. */}}
{{define "customer_headline"}}WITH
    {{template "today"}},
    (SELECT tuple(any(f.customer_name), any(f.segment), any(f.region), any(f.owner_name), any(f.terms_code), any(f.max_days_past_due), any(f.promised_until), any(f.held_since), any(f.group_name)) FROM customer_file AS f WHERE f.customer_id IN (${customer:sqlstring})) AS known,
    balances AS (
        SELECT toFloat64(sum({{open}})) AS open_now, toFloat64(sum({{overdue}})) AS overdue_now
        FROM {{template "snapshots"}}
        WHERE s.as_of = today
            AND {{template "filters"}}
    ),
    replaceAll(replaceAll(coalesce(tupleElement(known, 1), arrayStringConcat([${customer:sqlstring}], ', ')), '&', '&amp;'), '<', '&lt;') AS shown_name,
    arrayStringConcat(arrayFilter(x -> x != '', [replaceAll(arrayStringConcat([${customer:sqlstring}], ', '), '<', '&lt;'), if(isNull(tupleElement(known, 2)), '', {{segment "assumeNotNull(tupleElement(known, 2))"}}), ifNull(tupleElement(known, 3), ''),
        replaceAll(ifNull(concat({{q "owner"}}, ' ', tupleElement(known, 4)), ''), '<', '&lt;'), replaceAll(ifNull(concat({{q "terms"}}, ' ', {{template "terms" "tupleElement(known, 5)"}}), ''), '<', '&lt;')]), ' · ') AS who
SELECT {{header "sentence" "if(who = '', '', concat(' · ', who))"}} AS headline
FROM (
    SELECT concat('<b>', shown_name, '</b> ', if(open_now = 0, {{q "owes nothing."}}, concat(
        {{q "owes"}}, ' <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "open_now"}}, '</b>',
        if(overdue_now > 0, concat('{{template "of_which"}}', '<b style="color:{{colour "bad"}}">', toString(round(100 * overdue_now / open_now)), '{{t " %"}}</b> ', {{q "of it overdue"}},
            if(ifNull(tupleElement(known, 6), 0) > 0, concat('{{t ", "}}', {{q "the oldest item by"}}, ' ', toString(assumeNotNull(tupleElement(known, 6))), ' ', {{q "days"}}), '')), concat('{{t ", "}}', {{q "none of it overdue"}})),
        if(isNull(tupleElement(known, 7)), '', concat('{{t ". "}}', {{q "Promised for"}}, ' ', toString(assumeNotNull(tupleElement(known, 7))))),
        if(isNull(tupleElement(known, 8)), '', concat('{{t ". "}}', '<b style="color:{{colour "bad"}}">', {{q "Orders held since"}}, ' ', toString(assumeNotNull(tupleElement(known, 8))), '</b>')),
        '{{t "."}}'))) AS sentence
    FROM balances
){{end}}
