/* ---
description: "What customers are on the last day built: customers_current by its key, for pages and reports that look up a name or who belongs to a segment, region or owner."
grain: one customer
materialisation: table
order_by: [customer_id]
owner: finance
tags: [customer_file]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: name, description: display name; NULL where no source tells it}
  - {name: parent_id, description: group head, unit: id}
  - {name: segment, description: segment now}
  - {name: region, description: region now}
  - {name: owner_id, description: account owner now as the source has it, unit: id}
tests:
  - name: every customer is here
    sum_equals:
      this: count()
      of: SELECT count() FROM {{ source('huikuan', 'customers_current') }}
unit_tests:
  - name: a customer has the name and the owner of its source
    given:
      - input: source('huikuan', 'customers_current')
        rows:
          - {customer_id: C2, name: Beta, segment: RETAIL, region: null, owner_id: R1}
          - {customer_id: C1, name: null, parent_id: C2, segment: null, region: North, owner_id: null}
    expect:
      rows:
        - {customer_id: C1, name: null, parent_id: C2, segment: null, region: North, owner_id: null}
        - {customer_id: C2, name: Beta, parent_id: null, segment: RETAIL, region: null, owner_id: R1}
--- */
SELECT
    customer_id,
    name,
    parent_id,
    segment,
    region,
    owner_id
FROM {{ source('huikuan', 'customers_current') }}
