/* ---
description: "Whom we know at each customer that owes: the payer, the approver, who made the first deal, and when somebody was last spoken to; the gaps are work to do."
grain: one customer with something open
materialisation: table
order_by: [customer_id]
owner: sales management
tags: [control, contacts]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner, unit: id}
  - {name: overdue_rc, description: overdue today; NULL = no exchange rate of something overdue, unit: reporting currency}
  - {name: contacts, description: valid contacts, unit: count, tests: [not_null]}
  - {name: payers, description: "names of valid contacts with a role of contact_payer_roles, separated by comma; empty = none"}
  - {name: approvers, description: "names of valid contacts with a role of contact_approver_roles; empty = none"}
  - {name: original_contact, description: name of who made the first deal; NULL = not known}
  - {name: original_contact_left, description: true where the original contact is no longer valid}
  - {name: last_spoken_on, description: "last visit or call that took place, or day the contacts carry, up to the last day built; NULL = never", unit: date}
  - {name: days_silent, description: days since last_spoken_on; NULL = never, unit: days}
  - {name: gaps, description: "no_contact, no_payer, no_approver, original_left, silent (longer than contact_silent_days, or never), separated by comma; empty = none", tests: [not_null]}
unit_tests:
  - name: a contact who left leaves a gap
    overrides: {vars: {contact_silent_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 3, open_amount_rc: 10}
          - {customer_id: A, owner_id: R1, days_past_due: -3, open_amount_rc: 10}
          - {customer_id: B, owner_id: R1, days_past_due: 3, open_amount_rc: 4}
          - {customer_id: D, owner_id: unassigned, days_past_due: 3, open_amount_rc: 4}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, name: "O'Brien 公司"}]
      - input: source('huikuan', 'contacts')
        rows:
          - {contact_id: K1, customer_id: A, name: 王会计, role: payer, last_spoken_on: 2024-06-01}
          - {contact_id: K2, customer_id: A, name: 李总, role: approver}
          - {contact_id: K3, customer_id: B, name: 老赵, role: payer, is_original: true, valid: false, last_spoken_on: 2023-01-01}
          - {contact_id: K4, customer_id: B, name: 小赵, role: buyer}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: A, happened_at: "2024-06-20 02:00:00"}
          - {visit_id: V2, customer_id: A, planned_at: "2024-06-29 02:00:00"}
          - {visit_id: V3, customer_id: B, happened_at: "2024-07-20 02:00:00"}
    expect:
      rows:
        - {customer_id: A, customer_name: "O'Brien 公司", overdue_rc: 10, contacts: 2, payers: 王会计, approvers: 李总, original_contact: null, last_spoken_on: 2024-06-20, days_silent: 10, gaps: ""}
        - {customer_id: B, customer_name: null, overdue_rc: 4, contacts: 1, payers: "", approvers: "", original_contact: 老赵, last_spoken_on: 2023-01-01, days_silent: 546, gaps: "no_payer, no_approver, original_left, silent"}
        - {customer_id: D, customer_name: null, overdue_rc: 4, contacts: 0, payers: "", approvers: "", original_contact: null, last_spoken_on: null, days_silent: null, gaps: "no_contact, no_payer, no_approver, silent"}
  - name: names, roles and days of valid contacts, none of them ahead; what is not due needs no rate
    overrides: {vars: {contact_silent_days: 30, contact_payer_roles: [payer, accountant], contact_approver_roles: [approver, owner]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-01-31}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 1, amount: 1, open_amount: 10, open_amount_rc: 10}
          - {customer_id: A, owner_id: R2, days_past_due: 4, amount: 9, open_amount: 5, open_amount_rc: 7}
          - {customer_id: A, owner_id: R1, days_past_due: 0, amount: 1, open_amount: 1, open_amount_rc: 100}
          - {customer_id: A, owner_id: R1, days_past_due: 0, amount: 1, open_amount: 1, open_amount_rc: null}
          - {customer_id: B, owner_id: R1, days_past_due: 1, amount: 1, open_amount: 1, open_amount_rc: null}
          - {customer_id: C, owner_id: R3, days_past_due: 0, open_amount: 1, open_amount_rc: 3}
          - {customer_id: D, owner_id: R3, days_past_due: 0, open_amount: 1, open_amount_rc: 3}
          - {customer_id: E, owner_id: R3, days_past_due: 0, open_amount: 1, open_amount_rc: 3}
      - input: source('huikuan', 'contacts')
        rows:
          - {contact_id: K3, customer_id: A, name: 王, role: payer, last_spoken_on: 2024-05-30}
          - {contact_id: K2, customer_id: A, name: null, role: accountant, valid: true, last_spoken_on: 2024-07-01}
          - {contact_id: K4, customer_id: A, name: 老, role: payer, valid: false}
          - {contact_id: K5, customer_id: A, name: 李, role: owner, is_original: true, valid: true}
          - {contact_id: K6, customer_id: A, name: null, role: approver, is_original: true, valid: false}
          - {contact_id: K7, customer_id: A, name: 大, role: approver, is_original: false, valid: false}
          - {contact_id: K8, customer_id: B, name: 无, role: null, is_original: true, valid: false, last_spoken_on: 2024-05-31}
          - {contact_id: K9, customer_id: C, name: 张, role: payer, is_original: true, valid: null, last_spoken_on: 2024-06-20}
          - {contact_id: L1, customer_id: D, name: 赵, role: approver, last_spoken_on: 2024-06-30}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: A, happened_at: "2024-05-29 02:00:00"}
          - {visit_id: V2, customer_id: B, happened_at: "2024-06-01 02:00:00"}
          - {visit_id: V3, customer_id: B, happened_at: "2024-05-01 02:00:00"}
          - {visit_id: V4, customer_id: C, happened_at: "2024-06-10 23:59:59"}
          - {visit_id: V5, customer_id: E, happened_at: "2024-06-30 23:59:59"}
          - {visit_id: V6, customer_id: E, happened_at: "2024-07-01 00:00:00"}
          - {visit_id: V7, customer_id: D, happened_at: null, planned_at: "2024-06-30 12:00:00"}
    expect:
      rows:
        - {customer_id: B, customer_name: null, owner_id: R1, overdue_rc: null, contacts: 0, payers: "", approvers: "", original_contact: "无", original_contact_left: true, last_spoken_on: 2024-06-01, days_silent: 29, gaps: "no_contact, no_payer, no_approver, original_left"}
        - {customer_id: E, customer_name: null, owner_id: R3, overdue_rc: 0, contacts: 0, payers: "", approvers: "", original_contact: null, original_contact_left: false, last_spoken_on: 2024-06-30, days_silent: 0, gaps: "no_contact, no_payer, no_approver"}
        - {customer_id: D, customer_name: null, owner_id: R3, overdue_rc: 0, contacts: 1, payers: "", approvers: "赵", original_contact: null, original_contact_left: false, last_spoken_on: 2024-06-30, days_silent: 0, gaps: no_payer}
        - {customer_id: C, customer_name: null, owner_id: R3, overdue_rc: 0, contacts: 1, payers: "张", approvers: "", original_contact: "张", original_contact_left: false, last_spoken_on: 2024-06-20, days_silent: 10, gaps: no_approver}
        - {customer_id: A, customer_name: null, owner_id: R1, overdue_rc: 17, contacts: 3, payers: "K2, 王", approvers: "李", original_contact: K6, original_contact_left: false, last_spoken_on: 2024-05-30, days_silent: 31, gaps: silent}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
owing AS (
    SELECT
        i.customer_id AS customer_id,
        argMax(i.owner_id, i.open_amount) AS owner_id,
        if(countIf(i.open_amount_rc IS NULL AND i.days_past_due > 0) = 0, sumIf(ifNull(i.open_amount_rc, 0), i.days_past_due > 0), NULL) AS overdue_rc
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY i.customer_id
),
people AS (
    SELECT
        customer_id,
        countIf(ifNull(valid, true)) AS contacts,
        arrayStringConcat(arraySort(groupUniqArrayIf(ifNull(name, contact_id), ifNull(valid, true) AND has({{ var('contact_payer_roles') }}, ifNull(toString(role), '')))), ', ') AS payers,
        arrayStringConcat(arraySort(groupUniqArrayIf(ifNull(name, contact_id), ifNull(valid, true) AND has({{ var('contact_approver_roles') }}, ifNull(toString(role), '')))), ', ') AS approvers,
        minIf(ifNull(name, contact_id), ifNull(is_original, false)) AS original,
        countIf(ifNull(is_original, false)) > 0 AS has_original,
        has_original AND countIf(ifNull(is_original, false) AND ifNull(valid, true)) = 0 AS original_left,
        maxIf(last_spoken_on, last_spoken_on <= today) AS noted_on
    FROM {{ source('huikuan', 'contacts') }}
    GROUP BY customer_id
),
talks AS (
    SELECT customer_id, max(toNullable(toDate32(happened_at))) AS talked_on
    FROM {{ source('huikuan', 'visits') }}
    WHERE happened_at IS NOT NULL AND toDate32(happened_at) <= today
    GROUP BY customer_id
)
SELECT
    o.customer_id AS customer_id,
    c.name AS customer_name,
    o.owner_id AS owner_id,
    o.overdue_rc AS overdue_rc,
    p.contacts AS contacts,
    p.payers AS payers,
    p.approvers AS approvers,
    if(p.has_original, toNullable(p.original), NULL) AS original_contact,
    toBool(p.original_left) AS original_contact_left,
    multiIf(t.talked_on IS NULL, p.noted_on, p.noted_on IS NULL, t.talked_on, greatest(assumeNotNull(t.talked_on), assumeNotNull(p.noted_on))) AS last_spoken_on,
    dateDiff('day', last_spoken_on, today) AS days_silent,
    arrayStringConcat(arrayFilter(x -> x != '', [
        if(p.contacts = 0, 'no_contact', ''),
        if(p.payers = '', 'no_payer', ''),
        if(p.approvers = '', 'no_approver', ''),
        if(p.original_left, 'original_left', ''),
        if(ifNull(days_silent, 999999) > {{ var('contact_silent_days') }}, 'silent', '')]), ', ') AS gaps
FROM owing AS o
LEFT JOIN people AS p ON p.customer_id = o.customer_id
LEFT JOIN talks AS t ON t.customer_id = o.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = o.customer_id
