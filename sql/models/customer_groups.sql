/* ---
description: The group that each customer belongs to as groups stand today, however many levels of parents there are; a customer without a parent is its own group.
grain: one customer
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [risk, master]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: group_id, description: "head of the group: the last parent upwards; of parents in a circle the smallest identifier", unit: id, tests: [not_null]}
  - {name: group_name, description: display name of the head; NULL where no source tells it}
  - {name: level, description: "parents above the customer, 0 = it is a head", unit: count, tests: [not_null]}
tests:
  - name: a head is its own group
    sql: |
      SELECT c.customer_id, c.group_id, h.group_id AS group_of_head
      FROM {{ this }} AS c
      INNER JOIN {{ this }} AS h ON h.customer_id = c.group_id
      WHERE h.group_id != c.group_id
unit_tests:
  - name: grandchildren, a circle, a parent that is its own, and one that is no customer
    given:
      - input: source('huikuan', 'customers_current')
        rows:
          - {customer_id: "007", name: "O'Neill \"Steel\" & Sons", parent_id: G}
          - {customer_id: G, name: 百川集团, parent_id: GG}
          - {customer_id: GG, name: 控股}
          - {customer_id: A, name: Ada, parent_id: B}
          - {customer_id: B, name: Bob, parent_id: A}
          - {customer_id: S, name: Self, parent_id: S}
          - {customer_id: E, name: Empty, parent_id: ""}
          - {customer_id: X, name: Xu, parent_id: elsewhere}
    expect:
      rows:
        - {customer_id: "007", customer_name: "O'Neill \"Steel\" & Sons", group_id: GG, group_name: 控股, level: 2}
        - {customer_id: G, customer_name: 百川集团, group_id: GG, group_name: 控股, level: 1}
        - {customer_id: GG, customer_name: 控股, group_id: GG, group_name: 控股, level: 0}
        - {customer_id: A, customer_name: Ada, group_id: A, group_name: Ada, level: 0}
        - {customer_id: B, customer_name: Bob, group_id: A, group_name: Ada, level: 1}
        - {customer_id: S, customer_name: Self, group_id: S, group_name: Self, level: 0}
        - {customer_id: E, customer_name: Empty, group_id: E, group_name: Empty, level: 0}
        - {customer_id: X, customer_name: Xu, group_id: elsewhere, group_name: null, level: 1}
--- */
WITH
parents AS (
    SELECT
        customer_id,
        name,
        if(ifNull(parent_id, '') IN ('', customer_id), '', assumeNotNull(parent_id)) AS parent_id
    FROM {{ source('huikuan', 'customers_current') }}
),
-- Six steps upwards are more than any group has; who is still not at a head then goes in a circle.
climbed AS (
    SELECT
        c.customer_id AS customer_id,
        c.name AS name,
        arrayFilter(x -> x != '', [c.parent_id, p1.parent_id, p2.parent_id, p3.parent_id, p4.parent_id, p5.parent_id]) AS above
    FROM parents AS c
    LEFT JOIN parents AS p1 ON p1.customer_id = c.parent_id
    LEFT JOIN parents AS p2 ON p2.customer_id = p1.parent_id
    LEFT JOIN parents AS p3 ON p3.customer_id = p2.parent_id
    LEFT JOIN parents AS p4 ON p4.customer_id = p3.parent_id
    LEFT JOIN parents AS p5 ON p5.customer_id = p4.parent_id
),
headed AS (
    SELECT
        customer_id,
        name,
        above,
        length(above) = 6 AS circular,
        multiIf(empty(above), customer_id, circular, arrayMin(above), above[-1]) AS group_id
    FROM climbed
)
SELECT
    h.customer_id AS customer_id,
    h.name AS customer_name,
    h.group_id AS group_id,
    g.name AS group_name,
    toInt64(multiIf(h.group_id = h.customer_id, 0, h.circular, indexOf(h.above, h.group_id), length(h.above))) AS level
FROM headed AS h
LEFT JOIN parents AS g ON g.customer_id = h.group_id
