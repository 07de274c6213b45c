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
  - name: grandchildren, a circle, a parent that is its own, one that is no customer, and a customer without an identifier
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
          - {customer_id: "", name: nobody, parent_id: A}
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
  - name: who hangs below a circle belongs to its head, a long line to its end
    given:
      - input: source('huikuan', 'customers_current')
        rows:
          - {customer_id: CHILD, parent_id: A}
          - {customer_id: A, parent_id: Y}
          - {customer_id: Y, parent_id: Z}
          - {customer_id: Z, parent_id: X}
          - {customer_id: X, parent_id: Y}
          - {customer_id: L8, parent_id: L7}
          - {customer_id: L7, parent_id: L6}
          - {customer_id: L6, parent_id: L5}
          - {customer_id: L5, parent_id: L4}
          - {customer_id: L4, parent_id: L3}
          - {customer_id: L3, parent_id: L2}
          - {customer_id: L2, parent_id: L1}
          - {customer_id: L1}
    expect:
      rows:
        - {customer_id: CHILD, group_id: X, level: 4}
        - {customer_id: A, group_id: X, level: 3}
        - {customer_id: Y, group_id: X, level: 2}
        - {customer_id: Z, group_id: X, level: 1}
        - {customer_id: X, group_id: X, level: 0}
        - {customer_id: L8, group_id: L1, level: 7}
        - {customer_id: L7, group_id: L1, level: 6}
        - {customer_id: L6, group_id: L1, level: 5}
        - {customer_id: L5, group_id: L1, level: 4}
        - {customer_id: L4, group_id: L1, level: 3}
        - {customer_id: L3, group_id: L1, level: 2}
        - {customer_id: L2, group_id: L1, level: 1}
        - {customer_id: L1, group_id: L1, level: 0}
--- */
WITH
parents AS (
    SELECT
        customer_id,
        name,
        if(ifNull(parent_id, '') IN ('', customer_id), '', assumeNotNull(parent_id)) AS parent_id
    FROM {{ source('huikuan', 'customers_current') }}
    WHERE customer_id != '' -- that would be the parent of all who have none
),
-- Six steps upwards, three times: more than any group has. Who is still not at a head then goes in a circle.
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
twelve AS (
    SELECT
        c.customer_id AS customer_id,
        c.name AS name,
        arrayConcat(c.above, u.above) AS above
    FROM climbed AS c
    LEFT JOIN climbed AS u ON u.customer_id = c.above[6]
),
lines AS (
    SELECT
        c.customer_id AS customer_id,
        c.name AS name,
        arrayConcat(c.above, u.above) AS above
    FROM twelve AS c
    LEFT JOIN climbed AS u ON u.customer_id = c.above[12]
),
-- The last twelve of eighteen steps lie in the circle, also for who hangs below it.
headed AS (
    SELECT
        customer_id,
        name,
        above,
        length(above) = 18 AS circular,
        multiIf(empty(above), customer_id, circular, arrayMin(arraySlice(above, -12)), above[-1]) AS group_id
    FROM lines
)
SELECT
    h.customer_id AS customer_id,
    h.name AS customer_name,
    h.group_id AS group_id,
    g.name AS group_name,
    toInt64(multiIf(h.group_id = h.customer_id, 0, h.circular, indexOf(h.above, h.group_id), length(h.above))) AS level
FROM headed AS h
LEFT JOIN parents AS g ON g.customer_id = h.group_id
