-- Rendered by go test ./load -run Golden -update; do not edit.

CREATE DATABASE IF NOT EXISTS huikuan ENGINE = Atomic;

CREATE TABLE IF NOT EXISTS huikuan.account_owners_docs
(
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    rep_id String COMMENT 'owner' CODEC(ZSTD(1)),
    valid_from Date32 COMMENT 'first day of ownership' CODEC(DoubleDelta, ZSTD(1)),
    valid_to Nullable(Date32) COMMENT 'last day, inclusive; empty = open or until the next row begins' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (customer_id, valid_from, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'who owns a customer account, over time';

CREATE OR REPLACE VIEW huikuan.account_owners
(
    customer_id String COMMENT 'customer',
    rep_id String COMMENT 'owner',
    valid_from Date32 COMMENT 'first day of ownership',
    valid_to Nullable(Date32) COMMENT 'last day, inclusive; empty = open or until the next row begins',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    customer_id,
    rep_id,
    valid_from,
    valid_to,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.account_owners_docs FINAL
WHERE _deleted = 0
COMMENT 'who owns a customer account, over time';

CREATE TABLE IF NOT EXISTS huikuan.allocations_docs
(
    allocation_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    payment_id String COMMENT 'payment' CODEC(ZSTD(1)),
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    instalment_seq Nullable(Int64) COMMENT 'instalment; empty = first in, first out by due date' CODEC(T64, ZSTD(1)),
    application_date Date32 COMMENT 'day the cash was applied' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'cash applied, document currency' CODEC(T64, ZSTD(1)),
    discount_amount Nullable(Decimal(18, 4)) COMMENT 'cash discount taken, on top of amount' CODEC(T64, ZSTD(1)),
    reversal_of Nullable(String) COMMENT 'allocation taken back; amount is then negative' CODEC(ZSTD(1)),
    payment_amount Nullable(Decimal(18, 4)) COMMENT 'amount in the payment\'s currency where that is another; empty = converted at the rate of the receipt\'s day' CODEC(T64, ZSTD(1)),
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (allocation_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'cash applied to invoices';

CREATE OR REPLACE VIEW huikuan.allocations
(
    allocation_id String COMMENT 'identifier',
    payment_id String COMMENT 'payment',
    invoice_id String COMMENT 'invoice',
    instalment_seq Nullable(Int64) COMMENT 'instalment; empty = first in, first out by due date',
    application_date Date32 COMMENT 'day the cash was applied',
    amount Decimal(18, 4) COMMENT 'cash applied, document currency',
    discount_amount Nullable(Decimal(18, 4)) COMMENT 'cash discount taken, on top of amount',
    reversal_of Nullable(String) COMMENT 'allocation taken back; amount is then negative',
    payment_amount Nullable(Decimal(18, 4)) COMMENT 'amount in the payment\'s currency where that is another; empty = converted at the rate of the receipt\'s day',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    allocation_id,
    payment_id,
    invoice_id,
    instalment_seq,
    application_date,
    amount,
    discount_amount,
    reversal_of,
    payment_amount,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.allocations_docs FINAL
WHERE _deleted = 0
COMMENT 'cash applied to invoices';

CREATE TABLE IF NOT EXISTS huikuan.calendar_days_docs
(
    calendar_date Date32 COMMENT 'day' CODEC(DoubleDelta, ZSTD(1)),
    is_workday Nullable(Bool) COMMENT 'whether banks and offices work; empty = Monday to Friday',
    fiscal_period LowCardinality(Nullable(String)) COMMENT 'fiscal period, such as 2026-03',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (calendar_date, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'working days and fiscal periods';

CREATE OR REPLACE VIEW huikuan.calendar_days
(
    calendar_date Date32 COMMENT 'day',
    is_workday Nullable(Bool) COMMENT 'whether banks and offices work; empty = Monday to Friday',
    fiscal_period LowCardinality(Nullable(String)) COMMENT 'fiscal period, such as 2026-03',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    calendar_date,
    is_workday,
    fiscal_period,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.calendar_days_docs FINAL
WHERE _deleted = 0
COMMENT 'working days and fiscal periods';

CREATE TABLE IF NOT EXISTS huikuan.companies_docs
(
    company String COMMENT 'identifier' CODEC(ZSTD(1)),
    name Nullable(String) COMMENT 'display name' CODEC(ZSTD(1)),
    base_currency LowCardinality(Nullable(String)) COMMENT 'currency of the books',
    reporting_currency LowCardinality(Nullable(String)) COMMENT 'currency of group figures',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (company, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'legal entities';

CREATE OR REPLACE VIEW huikuan.companies
(
    company String COMMENT 'identifier',
    name Nullable(String) COMMENT 'display name',
    base_currency LowCardinality(Nullable(String)) COMMENT 'currency of the books',
    reporting_currency LowCardinality(Nullable(String)) COMMENT 'currency of group figures',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    company,
    name,
    base_currency,
    reporting_currency,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.companies_docs FINAL
WHERE _deleted = 0
COMMENT 'legal entities';

CREATE TABLE IF NOT EXISTS huikuan.concessions_docs
(
    concession_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    invoice_id Nullable(String) COMMENT 'invoice; empty = the whole account' CODEC(ZSTD(1)),
    granted_on Date32 COMMENT 'day it was granted' CODEC(DoubleDelta, ZSTD(1)),
    kind LowCardinality(Nullable(String)) COMMENT 'discount, extension, price or instalments',
    amount Nullable(Decimal(18, 4)) COMMENT 'amount given up, or deferred by an extension or instalments' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    days_extended Nullable(Int64) COMMENT 'days by which payment was put off' CODEC(T64, ZSTD(1)),
    approved_by Nullable(String) COMMENT 'who approved' CODEC(ZSTD(1)),
    reason LowCardinality(Nullable(String)) COMMENT 'reason',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (concession_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'what was given up to be paid';

CREATE OR REPLACE VIEW huikuan.concessions
(
    concession_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    invoice_id Nullable(String) COMMENT 'invoice; empty = the whole account',
    granted_on Date32 COMMENT 'day it was granted',
    kind LowCardinality(Nullable(String)) COMMENT 'discount, extension, price or instalments',
    amount Nullable(Decimal(18, 4)) COMMENT 'amount given up, or deferred by an extension or instalments',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    days_extended Nullable(Int64) COMMENT 'days by which payment was put off',
    approved_by Nullable(String) COMMENT 'who approved',
    reason LowCardinality(Nullable(String)) COMMENT 'reason',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    concession_id,
    customer_id,
    invoice_id,
    granted_on,
    kind,
    amount,
    currency,
    days_extended,
    approved_by,
    reason,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.concessions_docs FINAL
WHERE _deleted = 0
COMMENT 'what was given up to be paid';

CREATE TABLE IF NOT EXISTS huikuan.contacts_docs
(
    contact_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    name Nullable(String) COMMENT 'name' CODEC(ZSTD(1)),
    role LowCardinality(Nullable(String)) COMMENT 'payer, approver, buyer, owner, accountant …',
    phone Nullable(String) COMMENT 'telephone' CODEC(ZSTD(1)),
    email Nullable(String) COMMENT 'e-mail' CODEC(ZSTD(1)),
    is_original Nullable(Bool) COMMENT 'whether this is who made the first deal',
    last_spoken_on Nullable(Date32) COMMENT 'day last spoken to, as the source knows it' CODEC(DoubleDelta, ZSTD(1)),
    valid Nullable(Bool) COMMENT 'false = left, or the number is dead; empty = valid',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (contact_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'people at customers';

CREATE OR REPLACE VIEW huikuan.contacts
(
    contact_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    name Nullable(String) COMMENT 'name',
    role LowCardinality(Nullable(String)) COMMENT 'payer, approver, buyer, owner, accountant …',
    phone Nullable(String) COMMENT 'telephone',
    email Nullable(String) COMMENT 'e-mail',
    is_original Nullable(Bool) COMMENT 'whether this is who made the first deal',
    last_spoken_on Nullable(Date32) COMMENT 'day last spoken to, as the source knows it',
    valid Nullable(Bool) COMMENT 'false = left, or the number is dead; empty = valid',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    contact_id,
    customer_id,
    name,
    role,
    phone,
    email,
    is_original,
    last_spoken_on,
    valid,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.contacts_docs FINAL
WHERE _deleted = 0
COMMENT 'people at customers';

CREATE TABLE IF NOT EXISTS huikuan.control_balances_docs
(
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    account String COMMENT 'account of the general ledger' CODEC(ZSTD(1)),
    balance_date Date32 COMMENT 'end of this day' CODEC(DoubleDelta, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'currency of balance',
    balance Decimal(18, 4) COMMENT 'balance, a debit is positive' CODEC(T64, ZSTD(1)),
    base_balance Nullable(Decimal(18, 4)) COMMENT 'the same in the currency of the books' CODEC(T64, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (company, account, balance_date, currency, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'balances of the general ledger\'s control accounts';

CREATE OR REPLACE VIEW huikuan.control_balances
(
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    account String COMMENT 'account of the general ledger',
    balance_date Date32 COMMENT 'end of this day',
    currency LowCardinality(String) COMMENT 'currency of balance',
    balance Decimal(18, 4) COMMENT 'balance, a debit is positive',
    base_balance Nullable(Decimal(18, 4)) COMMENT 'the same in the currency of the books',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    company,
    account,
    balance_date,
    currency,
    balance,
    base_balance,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.control_balances_docs FINAL
WHERE _deleted = 0
COMMENT 'balances of the general ledger\'s control accounts';

CREATE TABLE IF NOT EXISTS huikuan.credit_allocations_docs
(
    credit_allocation_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    credit_note_id String COMMENT 'credit note' CODEC(ZSTD(1)),
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    instalment_seq Nullable(Int64) COMMENT 'instalment; empty = first in, first out by due date' CODEC(T64, ZSTD(1)),
    application_date Date32 COMMENT 'day the credit was applied' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'credit applied, document currency' CODEC(T64, ZSTD(1)),
    reversal_of Nullable(String) COMMENT 'credit allocation taken back; amount is then negative' CODEC(ZSTD(1)),
    credit_amount Nullable(Decimal(18, 4)) COMMENT 'amount in the credit note\'s currency where that is another; empty = converted at the rate of the credit note\'s day' CODEC(T64, ZSTD(1)),
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (credit_allocation_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'credit notes applied to invoices';

CREATE OR REPLACE VIEW huikuan.credit_allocations
(
    credit_allocation_id String COMMENT 'identifier',
    credit_note_id String COMMENT 'credit note',
    invoice_id String COMMENT 'invoice',
    instalment_seq Nullable(Int64) COMMENT 'instalment; empty = first in, first out by due date',
    application_date Date32 COMMENT 'day the credit was applied',
    amount Decimal(18, 4) COMMENT 'credit applied, document currency',
    reversal_of Nullable(String) COMMENT 'credit allocation taken back; amount is then negative',
    credit_amount Nullable(Decimal(18, 4)) COMMENT 'amount in the credit note\'s currency where that is another; empty = converted at the rate of the credit note\'s day',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    credit_allocation_id,
    credit_note_id,
    invoice_id,
    instalment_seq,
    application_date,
    amount,
    reversal_of,
    credit_amount,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.credit_allocations_docs FINAL
WHERE _deleted = 0
COMMENT 'credit notes applied to invoices';

CREATE TABLE IF NOT EXISTS huikuan.credit_limits_docs
(
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    currency LowCardinality(String) COMMENT 'currency of the limit',
    valid_from Date32 COMMENT 'first day' CODEC(DoubleDelta, ZSTD(1)),
    valid_to Nullable(Date32) COMMENT 'last day, inclusive' CODEC(DoubleDelta, ZSTD(1)),
    credit_limit Nullable(Decimal(18, 4)) COMMENT 'limit; empty = missing, 0 = cash only' CODEC(T64, ZSTD(1)),
    insured_amount Nullable(Decimal(18, 4)) COMMENT 'part of the exposure that credit insurance covers; empty = not insured or unknown' CODEC(T64, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (customer_id, currency, valid_from, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'credit limits over time';

CREATE OR REPLACE VIEW huikuan.credit_limits
(
    customer_id String COMMENT 'customer',
    currency LowCardinality(String) COMMENT 'currency of the limit',
    valid_from Date32 COMMENT 'first day',
    valid_to Nullable(Date32) COMMENT 'last day, inclusive',
    credit_limit Nullable(Decimal(18, 4)) COMMENT 'limit; empty = missing, 0 = cash only',
    insured_amount Nullable(Decimal(18, 4)) COMMENT 'part of the exposure that credit insurance covers; empty = not insured or unknown',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    customer_id,
    currency,
    valid_from,
    valid_to,
    credit_limit,
    insured_amount,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.credit_limits_docs FINAL
WHERE _deleted = 0
COMMENT 'credit limits over time';

CREATE TABLE IF NOT EXISTS huikuan.credit_notes_docs
(
    credit_note_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    credit_date Date32 COMMENT 'date of the document' CODEC(DoubleDelta, ZSTD(1)),
    posting_date Nullable(Date32) COMMENT 'posting date' CODEC(DoubleDelta, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount of the credit, positive' CODEC(T64, ZSTD(1)),
    reason LowCardinality(Nullable(String)) COMMENT 'return, price, quality, rebate …',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (credit_note_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'credit notes';

CREATE OR REPLACE VIEW huikuan.credit_notes
(
    credit_note_id String COMMENT 'identifier',
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    customer_id String COMMENT 'customer',
    credit_date Date32 COMMENT 'date of the document',
    posting_date Nullable(Date32) COMMENT 'posting date',
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount of the credit, positive',
    reason LowCardinality(Nullable(String)) COMMENT 'return, price, quality, rebate …',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    credit_note_id,
    company,
    customer_id,
    credit_date,
    posting_date,
    currency,
    amount,
    reason,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.credit_notes_docs FINAL
WHERE _deleted = 0
COMMENT 'credit notes';

CREATE TABLE IF NOT EXISTS huikuan.credit_reviews_docs
(
    review_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    reviewed_on Date32 COMMENT 'day of the review' CODEC(DoubleDelta, ZSTD(1)),
    next_due_on Nullable(Date32) COMMENT 'day the next one is due' CODEC(DoubleDelta, ZSTD(1)),
    financials_as_of Nullable(Date32) COMMENT 'date of the accounts that were looked at' CODEC(DoubleDelta, ZSTD(1)),
    external_score Nullable(Decimal(38, 10)) COMMENT 'score of a bureau, 0 to 100, higher is safer' CODEC(ZSTD(1)),
    ability_score Nullable(Decimal(38, 10)) COMMENT 'ability to pay, 0 to 100, higher is safer' CODEC(ZSTD(1)),
    external_grade LowCardinality(Nullable(String)) COMMENT 'grade of a bureau: A, B, C, D or E',
    reviewer Nullable(String) COMMENT 'who reviewed' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (review_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'reviews of a customer\'s credit';

CREATE OR REPLACE VIEW huikuan.credit_reviews
(
    review_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    reviewed_on Date32 COMMENT 'day of the review',
    next_due_on Nullable(Date32) COMMENT 'day the next one is due',
    financials_as_of Nullable(Date32) COMMENT 'date of the accounts that were looked at',
    external_score Nullable(Decimal(38, 10)) COMMENT 'score of a bureau, 0 to 100, higher is safer',
    ability_score Nullable(Decimal(38, 10)) COMMENT 'ability to pay, 0 to 100, higher is safer',
    external_grade LowCardinality(Nullable(String)) COMMENT 'grade of a bureau: A, B, C, D or E',
    reviewer Nullable(String) COMMENT 'who reviewed',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    review_id,
    customer_id,
    reviewed_on,
    next_due_on,
    financials_as_of,
    external_score,
    ability_score,
    external_grade,
    reviewer,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.credit_reviews_docs FINAL
WHERE _deleted = 0
COMMENT 'reviews of a customer\'s credit';

CREATE TABLE IF NOT EXISTS huikuan.customers_docs
(
    customer_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    name Nullable(String) COMMENT 'display name' CODEC(ZSTD(1)),
    parent_id Nullable(String) COMMENT 'group head' CODEC(ZSTD(1)),
    segment LowCardinality(Nullable(String)) COMMENT 'PROJECT, DISTRIBUTOR, MANUFACTURER, RETAIL, GOVERNMENT',
    ownership_type LowCardinality(Nullable(String)) COMMENT 'state-owned, private, listed …',
    industry LowCardinality(Nullable(String)) COMMENT 'industry',
    region LowCardinality(Nullable(String)) COMMENT 'sales region',
    grade LowCardinality(Nullable(String)) COMMENT 'credit grade given by policy',
    owner_id Nullable(String) COMMENT 'account owner now' CODEC(ZSTD(1)),
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    active_months Nullable(String) COMMENT 'months in which a seasonal customer buys' CODEC(ZSTD(1)),
    kind LowCardinality(Nullable(String)) COMMENT 'company or person',
    credit_insured Nullable(Bool) COMMENT 'whether credit insurance covers the customer',
    debtor_type LowCardinality(Nullable(String)) COMMENT 'how the customer behaves as a debtor, in the words of the collectors',
    valid_from Date32 COMMENT 'first day of this version; 1970-01-01 where the source keeps no versions' CODEC(DoubleDelta, ZSTD(1)),
    valid_to Nullable(Date32) COMMENT 'last day of this version, inclusive' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (customer_id, valid_from, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'customers, one row a version';

CREATE OR REPLACE VIEW huikuan.customers
(
    customer_id String COMMENT 'identifier',
    name Nullable(String) COMMENT 'display name',
    parent_id Nullable(String) COMMENT 'group head',
    segment LowCardinality(Nullable(String)) COMMENT 'PROJECT, DISTRIBUTOR, MANUFACTURER, RETAIL, GOVERNMENT',
    ownership_type LowCardinality(Nullable(String)) COMMENT 'state-owned, private, listed …',
    industry LowCardinality(Nullable(String)) COMMENT 'industry',
    region LowCardinality(Nullable(String)) COMMENT 'sales region',
    grade LowCardinality(Nullable(String)) COMMENT 'credit grade given by policy',
    owner_id Nullable(String) COMMENT 'account owner now',
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    active_months Nullable(String) COMMENT 'months in which a seasonal customer buys',
    kind LowCardinality(Nullable(String)) COMMENT 'company or person',
    credit_insured Nullable(Bool) COMMENT 'whether credit insurance covers the customer',
    debtor_type LowCardinality(Nullable(String)) COMMENT 'how the customer behaves as a debtor, in the words of the collectors',
    valid_from Date32 COMMENT 'first day of this version; 1970-01-01 where the source keeps no versions',
    valid_to Nullable(Date32) COMMENT 'last day of this version, inclusive',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    customer_id,
    name,
    parent_id,
    segment,
    ownership_type,
    industry,
    region,
    grade,
    owner_id,
    terms_code,
    active_months,
    kind,
    credit_insured,
    debtor_type,
    valid_from,
    valid_to,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.customers_docs FINAL
WHERE _deleted = 0
COMMENT 'customers, one row a version';

CREATE TABLE IF NOT EXISTS huikuan.delay_causes_docs
(
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    invoice_id String COMMENT 'invoice; empty = the whole account' CODEC(ZSTD(1)),
    cause_code LowCardinality(String) COMMENT 'cause, such as TRIANGULAR_DEBT, CASH_CHAIN, QUALITY',
    family LowCardinality(Nullable(String)) COMMENT 'macro, customer, own or market',
    owner_dept LowCardinality(Nullable(String)) COMMENT 'department that has to mend it',
    noted_on Nullable(Date32) COMMENT 'day it was found out' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (customer_id, invoice_id, cause_code, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'why payment is late, as it was found out';

CREATE OR REPLACE VIEW huikuan.delay_causes
(
    customer_id String COMMENT 'customer',
    invoice_id String COMMENT 'invoice; empty = the whole account',
    cause_code LowCardinality(String) COMMENT 'cause, such as TRIANGULAR_DEBT, CASH_CHAIN, QUALITY',
    family LowCardinality(Nullable(String)) COMMENT 'macro, customer, own or market',
    owner_dept LowCardinality(Nullable(String)) COMMENT 'department that has to mend it',
    noted_on Nullable(Date32) COMMENT 'day it was found out',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    customer_id,
    invoice_id,
    cause_code,
    family,
    owner_dept,
    noted_on,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.delay_causes_docs FINAL
WHERE _deleted = 0
COMMENT 'why payment is late, as it was found out';

CREATE TABLE IF NOT EXISTS huikuan.deliveries_docs
(
    delivery_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    order_id Nullable(String) COMMENT 'order' CODEC(ZSTD(1)),
    invoice_id Nullable(String) COMMENT 'invoice; empty = not invoiced yet' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    shipped_on Date32 COMMENT 'day it left' CODEC(DoubleDelta, ZSTD(1)),
    amount Nullable(Decimal(18, 4)) COMMENT 'value with tax' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    receipt_signed_on Nullable(Date32) COMMENT 'day the customer signed for it' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (delivery_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'goods and services delivered';

CREATE OR REPLACE VIEW huikuan.deliveries
(
    delivery_id String COMMENT 'identifier',
    order_id Nullable(String) COMMENT 'order',
    invoice_id Nullable(String) COMMENT 'invoice; empty = not invoiced yet',
    customer_id String COMMENT 'customer',
    shipped_on Date32 COMMENT 'day it left',
    amount Nullable(Decimal(18, 4)) COMMENT 'value with tax',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    receipt_signed_on Nullable(Date32) COMMENT 'day the customer signed for it',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    delivery_id,
    order_id,
    invoice_id,
    customer_id,
    shipped_on,
    amount,
    currency,
    receipt_signed_on,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.deliveries_docs FINAL
WHERE _deleted = 0
COMMENT 'goods and services delivered';

CREATE TABLE IF NOT EXISTS huikuan.disputes_docs
(
    dispute_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    opened_on Date32 COMMENT 'day opened' CODEC(DoubleDelta, ZSTD(1)),
    closed_on Nullable(Date32) COMMENT 'day closed; not disputed at the end of that day' CODEC(DoubleDelta, ZSTD(1)),
    disputed_amount Nullable(Decimal(18, 4)) COMMENT 'amount; empty = the whole open amount' CODEC(T64, ZSTD(1)),
    reason LowCardinality(Nullable(String)) COMMENT 'reason',
    owner_dept LowCardinality(Nullable(String)) COMMENT 'department responsible',
    outcome LowCardinality(Nullable(String)) COMMENT 'valid, invalid, partial',
    credit_note_id Nullable(String) COMMENT 'credit note that settled it' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (dispute_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'disputed invoices';

CREATE OR REPLACE VIEW huikuan.disputes
(
    dispute_id String COMMENT 'identifier',
    invoice_id String COMMENT 'invoice',
    opened_on Date32 COMMENT 'day opened',
    closed_on Nullable(Date32) COMMENT 'day closed; not disputed at the end of that day',
    disputed_amount Nullable(Decimal(18, 4)) COMMENT 'amount; empty = the whole open amount',
    reason LowCardinality(Nullable(String)) COMMENT 'reason',
    owner_dept LowCardinality(Nullable(String)) COMMENT 'department responsible',
    outcome LowCardinality(Nullable(String)) COMMENT 'valid, invalid, partial',
    credit_note_id Nullable(String) COMMENT 'credit note that settled it',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    dispute_id,
    invoice_id,
    opened_on,
    closed_on,
    disputed_amount,
    reason,
    owner_dept,
    outcome,
    credit_note_id,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.disputes_docs FINAL
WHERE _deleted = 0
COMMENT 'disputed invoices';

CREATE TABLE IF NOT EXISTS huikuan.dunning_events_docs
(
    dunning_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    invoice_id Nullable(String) COMMENT 'invoice; empty = the whole account' CODEC(ZSTD(1)),
    level Nullable(Int64) COMMENT 'step of the ladder, 1 = first' CODEC(T64, ZSTD(1)),
    method LowCardinality(Nullable(String)) COMMENT 'reminder, formal_letter, management_call, stop_supply, agency, legal or administrative',
    channel LowCardinality(Nullable(String)) COMMENT 'letter, e-mail, call, message …',
    sent_on Date32 COMMENT 'day it went out' CODEC(DoubleDelta, ZSTD(1)),
    amount Nullable(Decimal(18, 4)) COMMENT 'amount asked for' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    responded_on Nullable(Date32) COMMENT 'day the customer answered' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (dunning_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'notices and escalations';

CREATE OR REPLACE VIEW huikuan.dunning_events
(
    dunning_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    invoice_id Nullable(String) COMMENT 'invoice; empty = the whole account',
    level Nullable(Int64) COMMENT 'step of the ladder, 1 = first',
    method LowCardinality(Nullable(String)) COMMENT 'reminder, formal_letter, management_call, stop_supply, agency, legal or administrative',
    channel LowCardinality(Nullable(String)) COMMENT 'letter, e-mail, call, message …',
    sent_on Date32 COMMENT 'day it went out',
    amount Nullable(Decimal(18, 4)) COMMENT 'amount asked for',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    responded_on Nullable(Date32) COMMENT 'day the customer answered',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    dunning_id,
    customer_id,
    invoice_id,
    level,
    method,
    channel,
    sent_on,
    amount,
    currency,
    responded_on,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.dunning_events_docs FINAL
WHERE _deleted = 0
COMMENT 'notices and escalations';

CREATE TABLE IF NOT EXISTS huikuan.evidence_docs
(
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    evidence_type LowCardinality(String) COMMENT 'contract, order, delivery_receipt, invoice_copy, statement …',
    present Nullable(Bool) COMMENT 'whether it is on file; empty = unknown',
    obtained_on Nullable(Date32) COMMENT 'day it was obtained' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (invoice_id, evidence_type, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'documents that prove a debt';

CREATE OR REPLACE VIEW huikuan.evidence
(
    invoice_id String COMMENT 'invoice',
    evidence_type LowCardinality(String) COMMENT 'contract, order, delivery_receipt, invoice_copy, statement …',
    present Nullable(Bool) COMMENT 'whether it is on file; empty = unknown',
    obtained_on Nullable(Date32) COMMENT 'day it was obtained',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    invoice_id,
    evidence_type,
    present,
    obtained_on,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.evidence_docs FINAL
WHERE _deleted = 0
COMMENT 'documents that prove a debt';

CREATE TABLE IF NOT EXISTS huikuan.fx_rates_docs
(
    rate_date Date32 COMMENT 'day' CODEC(DoubleDelta, ZSTD(1)),
    from_currency LowCardinality(String) COMMENT 'one unit of this',
    to_currency LowCardinality(String) COMMENT 'in this',
    rate_type LowCardinality(String) COMMENT 'spot, closing, budget …; empty = spot',
    rate Decimal(38, 10) COMMENT 'to_currency per unit of from_currency' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (rate_date, from_currency, to_currency, rate_type, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'exchange rates';

CREATE OR REPLACE VIEW huikuan.fx_rates
(
    rate_date Date32 COMMENT 'day',
    from_currency LowCardinality(String) COMMENT 'one unit of this',
    to_currency LowCardinality(String) COMMENT 'in this',
    rate_type LowCardinality(String) COMMENT 'spot, closing, budget …; empty = spot',
    rate Decimal(38, 10) COMMENT 'to_currency per unit of from_currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    rate_date,
    from_currency,
    to_currency,
    rate_type,
    rate,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.fx_rates_docs FINAL
WHERE _deleted = 0
COMMENT 'exchange rates';

CREATE TABLE IF NOT EXISTS huikuan.instalment_plan_lines_docs
(
    plan_id String COMMENT 'plan' CODEC(ZSTD(1)),
    line_no Int64 COMMENT '1, 2, …' CODEC(T64, ZSTD(1)),
    due_date Date32 COMMENT 'day promised' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'amount of the line' CODEC(T64, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'currency',
    invoice_id Nullable(String) COMMENT 'invoice it pays; empty = the oldest first' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (plan_id, line_no, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'what an instalment plan asks for, and when';

CREATE OR REPLACE VIEW huikuan.instalment_plan_lines
(
    plan_id String COMMENT 'plan',
    line_no Int64 COMMENT '1, 2, …',
    due_date Date32 COMMENT 'day promised',
    amount Decimal(18, 4) COMMENT 'amount of the line',
    currency LowCardinality(String) COMMENT 'currency',
    invoice_id Nullable(String) COMMENT 'invoice it pays; empty = the oldest first',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    plan_id,
    line_no,
    due_date,
    amount,
    currency,
    invoice_id,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.instalment_plan_lines_docs FINAL
WHERE _deleted = 0
COMMENT 'what an instalment plan asks for, and when';

CREATE TABLE IF NOT EXISTS huikuan.instalment_plans_docs
(
    plan_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    made_on Date32 COMMENT 'day of the agreement' CODEC(DoubleDelta, ZSTD(1)),
    visit_id Nullable(String) COMMENT 'visit at which it was made' CODEC(ZSTD(1)),
    replaced_by Nullable(String) COMMENT 'plan that superseded it' CODEC(ZSTD(1)),
    note Nullable(String) COMMENT 'remark' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (plan_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'agreements to pay in instalments';

CREATE OR REPLACE VIEW huikuan.instalment_plans
(
    plan_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    made_on Date32 COMMENT 'day of the agreement',
    visit_id Nullable(String) COMMENT 'visit at which it was made',
    replaced_by Nullable(String) COMMENT 'plan that superseded it',
    note Nullable(String) COMMENT 'remark',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    plan_id,
    customer_id,
    made_on,
    visit_id,
    replaced_by,
    note,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.instalment_plans_docs FINAL
WHERE _deleted = 0
COMMENT 'agreements to pay in instalments';

CREATE TABLE IF NOT EXISTS huikuan.instalments_docs
(
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    seq Int64 COMMENT '1, 2, …' CODEC(T64, ZSTD(1)),
    due_date Date32 COMMENT 'due date' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'amount due, document currency' CODEC(T64, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (invoice_id, seq, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'due dates of an invoice';

CREATE OR REPLACE VIEW huikuan.instalments
(
    invoice_id String COMMENT 'invoice',
    seq Int64 COMMENT '1, 2, …',
    due_date Date32 COMMENT 'due date',
    amount Decimal(18, 4) COMMENT 'amount due, document currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    invoice_id,
    seq,
    due_date,
    amount,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.instalments_docs FINAL
WHERE _deleted = 0
COMMENT 'due dates of an invoice';

CREATE TABLE IF NOT EXISTS huikuan.invoice_rep_splits_docs
(
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    rep_id String COMMENT 'rep' CODEC(ZSTD(1)),
    share Decimal(38, 10) COMMENT 'fraction, all of an invoice add up to 1' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (invoice_id, rep_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'shares of reps in an invoice';

CREATE OR REPLACE VIEW huikuan.invoice_rep_splits
(
    invoice_id String COMMENT 'invoice',
    rep_id String COMMENT 'rep',
    share Decimal(38, 10) COMMENT 'fraction, all of an invoice add up to 1',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    invoice_id,
    rep_id,
    share,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.invoice_rep_splits_docs FINAL
WHERE _deleted = 0
COMMENT 'shares of reps in an invoice';

CREATE TABLE IF NOT EXISTS huikuan.invoices_docs
(
    invoice_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    doc_type LowCardinality(String) COMMENT 'invoice or debit_note; empty = invoice',
    invoice_date Date32 COMMENT 'date of the document' CODEC(DoubleDelta, ZSTD(1)),
    posting_date Nullable(Date32) COMMENT 'posting date' CODEC(DoubleDelta, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'document currency',
    gross_amount Decimal(18, 4) COMMENT 'amount with tax, document currency' CODEC(T64, ZSTD(1)),
    net_amount Nullable(Decimal(18, 4)) COMMENT 'amount without tax' CODEC(T64, ZSTD(1)),
    tax_amount Nullable(Decimal(18, 4)) COMMENT 'tax' CODEC(T64, ZSTD(1)),
    rep_id Nullable(String) COMMENT 'rep of the sale' CODEC(ZSTD(1)),
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    due_date Nullable(Date32) COMMENT 'due date of the document, used where it has no instalments' CODEC(DoubleDelta, ZSTD(1)),
    order_id Nullable(String) COMMENT 'order' CODEC(ZSTD(1)),
    status LowCardinality(Nullable(String)) COMMENT 'the source\'s own status, a data-quality check only',
    origin LowCardinality(Nullable(String)) COMMENT 'why it is owed: terms sale, milestone, retention …',
    edited_by Nullable(String) COMMENT 'who changed it last in the source' CODEC(ZSTD(1)),
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (invoice_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'invoices and debit notes';

CREATE OR REPLACE VIEW huikuan.invoices
(
    invoice_id String COMMENT 'identifier',
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    customer_id String COMMENT 'customer',
    doc_type LowCardinality(String) COMMENT 'invoice or debit_note; empty = invoice',
    invoice_date Date32 COMMENT 'date of the document',
    posting_date Nullable(Date32) COMMENT 'posting date',
    currency LowCardinality(String) COMMENT 'document currency',
    gross_amount Decimal(18, 4) COMMENT 'amount with tax, document currency',
    net_amount Nullable(Decimal(18, 4)) COMMENT 'amount without tax',
    tax_amount Nullable(Decimal(18, 4)) COMMENT 'tax',
    rep_id Nullable(String) COMMENT 'rep of the sale',
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    due_date Nullable(Date32) COMMENT 'due date of the document, used where it has no instalments',
    order_id Nullable(String) COMMENT 'order',
    status LowCardinality(Nullable(String)) COMMENT 'the source\'s own status, a data-quality check only',
    origin LowCardinality(Nullable(String)) COMMENT 'why it is owed: terms sale, milestone, retention …',
    edited_by Nullable(String) COMMENT 'who changed it last in the source',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    invoice_id,
    company,
    customer_id,
    doc_type,
    invoice_date,
    posting_date,
    currency,
    gross_amount,
    net_amount,
    tax_amount,
    rep_id,
    terms_code,
    due_date,
    order_id,
    status,
    origin,
    edited_by,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.invoices_docs FINAL
WHERE _deleted = 0
COMMENT 'invoices and debit notes';

CREATE TABLE IF NOT EXISTS huikuan.legal_cases_docs
(
    case_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    kind LowCardinality(Nullable(String)) COMMENT 'legal, administrative or agency; empty = legal',
    filed_on Date32 COMMENT 'day it was filed' CODEC(DoubleDelta, ZSTD(1)),
    judged_on Nullable(Date32) COMMENT 'day of the judgment' CODEC(DoubleDelta, ZSTD(1)),
    closed_on Nullable(Date32) COMMENT 'day it ended' CODEC(DoubleDelta, ZSTD(1)),
    claimed Nullable(Decimal(18, 4)) COMMENT 'amount claimed' CODEC(T64, ZSTD(1)),
    recovered Nullable(Decimal(18, 4)) COMMENT 'amount recovered so far' CODEC(T64, ZSTD(1)),
    cost Nullable(Decimal(18, 4)) COMMENT 'cost so far' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of the amounts',
    outcome LowCardinality(Nullable(String)) COMMENT 'won, lost, settled, withdrawn …',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (case_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'claims handed to courts, authorities or agencies';

CREATE OR REPLACE VIEW huikuan.legal_cases
(
    case_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    kind LowCardinality(Nullable(String)) COMMENT 'legal, administrative or agency; empty = legal',
    filed_on Date32 COMMENT 'day it was filed',
    judged_on Nullable(Date32) COMMENT 'day of the judgment',
    closed_on Nullable(Date32) COMMENT 'day it ended',
    claimed Nullable(Decimal(18, 4)) COMMENT 'amount claimed',
    recovered Nullable(Decimal(18, 4)) COMMENT 'amount recovered so far',
    cost Nullable(Decimal(18, 4)) COMMENT 'cost so far',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of the amounts',
    outcome LowCardinality(Nullable(String)) COMMENT 'won, lost, settled, withdrawn …',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    case_id,
    customer_id,
    kind,
    filed_on,
    judged_on,
    closed_on,
    claimed,
    recovered,
    cost,
    currency,
    outcome,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.legal_cases_docs FINAL
WHERE _deleted = 0
COMMENT 'claims handed to courts, authorities or agencies';

CREATE TABLE IF NOT EXISTS huikuan.macro_series_docs
(
    series LowCardinality(String) COMMENT 'name, such as lpr_1y, pmi, cpi',
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, ZSTD(1)),
    value Decimal(38, 10) COMMENT 'value; a percentage as a fraction' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (series, month, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'economic figures by month';

CREATE OR REPLACE VIEW huikuan.macro_series
(
    series LowCardinality(String) COMMENT 'name, such as lpr_1y, pmi, cpi',
    month Date32 COMMENT 'first day of the month',
    value Decimal(38, 10) COMMENT 'value; a percentage as a fraction',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    series,
    month,
    value,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.macro_series_docs FINAL
WHERE _deleted = 0
COMMENT 'economic figures by month';

CREATE TABLE IF NOT EXISTS huikuan.order_holds_docs
(
    hold_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    order_id Nullable(String) COMMENT 'order; empty = the whole account' CODEC(ZSTD(1)),
    held_on Date32 COMMENT 'first day' CODEC(DoubleDelta, ZSTD(1)),
    released_on Nullable(Date32) COMMENT 'day of the release, supply is free again on it; empty = held' CODEC(DoubleDelta, ZSTD(1)),
    released_by Nullable(String) COMMENT 'who released' CODEC(ZSTD(1)),
    reason LowCardinality(Nullable(String)) COMMENT 'overdue, over_limit, manual …',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (hold_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'customers or orders that were not supplied';

CREATE OR REPLACE VIEW huikuan.order_holds
(
    hold_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    order_id Nullable(String) COMMENT 'order; empty = the whole account',
    held_on Date32 COMMENT 'first day',
    released_on Nullable(Date32) COMMENT 'day of the release, supply is free again on it; empty = held',
    released_by Nullable(String) COMMENT 'who released',
    reason LowCardinality(Nullable(String)) COMMENT 'overdue, over_limit, manual …',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    hold_id,
    customer_id,
    order_id,
    held_on,
    released_on,
    released_by,
    reason,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.order_holds_docs FINAL
WHERE _deleted = 0
COMMENT 'customers or orders that were not supplied';

CREATE TABLE IF NOT EXISTS huikuan.orders_docs
(
    order_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    order_date Date32 COMMENT 'day of the order' CODEC(DoubleDelta, ZSTD(1)),
    amount Nullable(Decimal(18, 4)) COMMENT 'value with tax' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    status LowCardinality(Nullable(String)) COMMENT 'open, delivered, invoiced, cancelled …',
    rep_id Nullable(String) COMMENT 'rep of the sale' CODEC(ZSTD(1)),
    approved_by Nullable(String) COMMENT 'who released it' CODEC(ZSTD(1)),
    released_over_limit Nullable(Bool) COMMENT 'whether it was released although the credit limit was used up',
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (order_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'sales orders';

CREATE OR REPLACE VIEW huikuan.orders
(
    order_id String COMMENT 'identifier',
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    customer_id String COMMENT 'customer',
    order_date Date32 COMMENT 'day of the order',
    amount Nullable(Decimal(18, 4)) COMMENT 'value with tax',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of amount',
    status LowCardinality(Nullable(String)) COMMENT 'open, delivered, invoiced, cancelled …',
    rep_id Nullable(String) COMMENT 'rep of the sale',
    approved_by Nullable(String) COMMENT 'who released it',
    released_over_limit Nullable(Bool) COMMENT 'whether it was released although the credit limit was used up',
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms, NETn = n days',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    order_id,
    company,
    customer_id,
    order_date,
    amount,
    currency,
    status,
    rep_id,
    approved_by,
    released_over_limit,
    terms_code,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.orders_docs FINAL
WHERE _deleted = 0
COMMENT 'sales orders';

CREATE TABLE IF NOT EXISTS huikuan.overrides_docs
(
    override_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    order_id Nullable(String) COMMENT 'order' CODEC(ZSTD(1)),
    kind LowCardinality(Nullable(String)) COMMENT 'terms, limit or order',
    decided_on Date32 COMMENT 'day of the decision' CODEC(DoubleDelta, ZSTD(1)),
    approved_by Nullable(String) COMMENT 'who approved' CODEC(ZSTD(1)),
    policy_value Nullable(String) COMMENT 'what the policy allows: NET30, or an amount' CODEC(ZSTD(1)),
    granted_value Nullable(String) COMMENT 'what was granted' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (override_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'decisions against the credit policy';

CREATE OR REPLACE VIEW huikuan.overrides
(
    override_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    order_id Nullable(String) COMMENT 'order',
    kind LowCardinality(Nullable(String)) COMMENT 'terms, limit or order',
    decided_on Date32 COMMENT 'day of the decision',
    approved_by Nullable(String) COMMENT 'who approved',
    policy_value Nullable(String) COMMENT 'what the policy allows: NET30, or an amount',
    granted_value Nullable(String) COMMENT 'what was granted',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    override_id,
    customer_id,
    order_id,
    kind,
    decided_on,
    approved_by,
    policy_value,
    granted_value,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.overrides_docs FINAL
WHERE _deleted = 0
COMMENT 'decisions against the credit policy';

CREATE TABLE IF NOT EXISTS huikuan.payments_docs
(
    payment_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    customer_id String COMMENT 'payer' CODEC(ZSTD(1)),
    receipt_date Date32 COMMENT 'value date' CODEC(DoubleDelta, ZSTD(1)),
    posting_date Nullable(Date32) COMMENT 'posting date' CODEC(DoubleDelta, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount received; negative = refund' CODEC(T64, ZSTD(1)),
    method LowCardinality(Nullable(String)) COMMENT 'bank transfer, cheque, bill …',
    reversed_on Nullable(Date32) COMMENT 'day the payment bounced' CODEC(DoubleDelta, ZSTD(1)),
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (payment_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'receipts; a refund is negative';

CREATE OR REPLACE VIEW huikuan.payments
(
    payment_id String COMMENT 'identifier',
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    customer_id String COMMENT 'payer',
    receipt_date Date32 COMMENT 'value date',
    posting_date Nullable(Date32) COMMENT 'posting date',
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount received; negative = refund',
    method LowCardinality(Nullable(String)) COMMENT 'bank transfer, cheque, bill …',
    reversed_on Nullable(Date32) COMMENT 'day the payment bounced',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    payment_id,
    company,
    customer_id,
    receipt_date,
    posting_date,
    currency,
    amount,
    method,
    reversed_on,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.payments_docs FINAL
WHERE _deleted = 0
COMMENT 'receipts; a refund is negative';

CREATE TABLE IF NOT EXISTS huikuan.policies_docs
(
    grade LowCardinality(String) COMMENT 'grade: A, B, C, D, E or NR',
    terms_code LowCardinality(Nullable(String)) COMMENT 'longest payment terms, NETn = n days',
    max_limit Nullable(Decimal(18, 4)) COMMENT 'highest credit limit' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency of max_limit; empty = the reporting currency',
    hold_after_days Nullable(Int64) COMMENT 'days past due after which supply stops' CODEC(T64, ZSTD(1)),
    valid_from Date32 COMMENT 'first day' CODEC(DoubleDelta, ZSTD(1)),
    valid_to Nullable(Date32) COMMENT 'last day, inclusive; empty = open or until the next row begins' CODEC(DoubleDelta, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (grade, valid_from, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'what a credit grade is allowed, over time';

CREATE OR REPLACE VIEW huikuan.policies
(
    grade LowCardinality(String) COMMENT 'grade: A, B, C, D, E or NR',
    terms_code LowCardinality(Nullable(String)) COMMENT 'longest payment terms, NETn = n days',
    max_limit Nullable(Decimal(18, 4)) COMMENT 'highest credit limit',
    currency LowCardinality(Nullable(String)) COMMENT 'currency of max_limit; empty = the reporting currency',
    hold_after_days Nullable(Int64) COMMENT 'days past due after which supply stops',
    valid_from Date32 COMMENT 'first day',
    valid_to Nullable(Date32) COMMENT 'last day, inclusive; empty = open or until the next row begins',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    grade,
    terms_code,
    max_limit,
    currency,
    hold_after_days,
    valid_from,
    valid_to,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.policies_docs FINAL
WHERE _deleted = 0
COMMENT 'what a credit grade is allowed, over time';

CREATE TABLE IF NOT EXISTS huikuan.promises_docs
(
    promise_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    visit_id Nullable(String) COMMENT 'visit at which it was made' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    invoice_id Nullable(String) COMMENT 'invoice; empty = any' CODEC(ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'amount promised' CODEC(T64, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'currency',
    made_on Date32 COMMENT 'day it was made' CODEC(DoubleDelta, ZSTD(1)),
    due_date Date32 COMMENT 'day promised' CODEC(DoubleDelta, ZSTD(1)),
    replaced_by Nullable(String) COMMENT 'promise that superseded it' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (promise_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'promises to pay';

CREATE OR REPLACE VIEW huikuan.promises
(
    promise_id String COMMENT 'identifier',
    visit_id Nullable(String) COMMENT 'visit at which it was made',
    customer_id String COMMENT 'customer',
    invoice_id Nullable(String) COMMENT 'invoice; empty = any',
    amount Decimal(18, 4) COMMENT 'amount promised',
    currency LowCardinality(String) COMMENT 'currency',
    made_on Date32 COMMENT 'day it was made',
    due_date Date32 COMMENT 'day promised',
    replaced_by Nullable(String) COMMENT 'promise that superseded it',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    promise_id,
    visit_id,
    customer_id,
    invoice_id,
    amount,
    currency,
    made_on,
    due_date,
    replaced_by,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.promises_docs FINAL
WHERE _deleted = 0
COMMENT 'promises to pay';

CREATE TABLE IF NOT EXISTS huikuan.recoveries_docs
(
    recovery_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    write_off_id String COMMENT 'write-off' CODEC(ZSTD(1)),
    recovery_date Date32 COMMENT 'day' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'amount' CODEC(T64, ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (recovery_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'cash on written-off items';

CREATE OR REPLACE VIEW huikuan.recoveries
(
    recovery_id String COMMENT 'identifier',
    write_off_id String COMMENT 'write-off',
    recovery_date Date32 COMMENT 'day',
    amount Decimal(18, 4) COMMENT 'amount',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    recovery_id,
    write_off_id,
    recovery_date,
    amount,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.recoveries_docs FINAL
WHERE _deleted = 0
COMMENT 'cash on written-off items';

CREATE TABLE IF NOT EXISTS huikuan.reps_docs
(
    rep_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    name Nullable(String) COMMENT 'display name' CODEC(ZSTD(1)),
    team LowCardinality(Nullable(String)) COMMENT 'team',
    company Nullable(String) COMMENT 'legal entity' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (rep_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'sales representatives';

CREATE OR REPLACE VIEW huikuan.reps
(
    rep_id String COMMENT 'identifier',
    name Nullable(String) COMMENT 'display name',
    team LowCardinality(Nullable(String)) COMMENT 'team',
    company Nullable(String) COMMENT 'legal entity',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    rep_id,
    name,
    team,
    company,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.reps_docs FINAL
WHERE _deleted = 0
COMMENT 'sales representatives';

CREATE TABLE IF NOT EXISTS huikuan.statements_docs
(
    statement_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    period_end Date32 COMMENT 'day of the balance' CODEC(DoubleDelta, ZSTD(1)),
    sent_on Nullable(Date32) COMMENT 'day it was sent' CODEC(DoubleDelta, ZSTD(1)),
    confirmed_on Nullable(Date32) COMMENT 'day the customer answered with a balance; empty = no answer' CODEC(DoubleDelta, ZSTD(1)),
    our_balance Nullable(Decimal(18, 4)) COMMENT 'balance by our books' CODEC(T64, ZSTD(1)),
    their_balance Nullable(Decimal(18, 4)) COMMENT 'balance by the customer\'s books' CODEC(T64, ZSTD(1)),
    currency LowCardinality(Nullable(String)) COMMENT 'currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (statement_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'statements of account and what customers made of them';

CREATE OR REPLACE VIEW huikuan.statements
(
    statement_id String COMMENT 'identifier',
    company String COMMENT 'legal entity that owns the receivable; empty where there is only one',
    customer_id String COMMENT 'customer',
    period_end Date32 COMMENT 'day of the balance',
    sent_on Nullable(Date32) COMMENT 'day it was sent',
    confirmed_on Nullable(Date32) COMMENT 'day the customer answered with a balance; empty = no answer',
    our_balance Nullable(Decimal(18, 4)) COMMENT 'balance by our books',
    their_balance Nullable(Decimal(18, 4)) COMMENT 'balance by the customer\'s books',
    currency LowCardinality(Nullable(String)) COMMENT 'currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    statement_id,
    company,
    customer_id,
    period_end,
    sent_on,
    confirmed_on,
    our_balance,
    their_balance,
    currency,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.statements_docs FINAL
WHERE _deleted = 0
COMMENT 'statements of account and what customers made of them';

CREATE TABLE IF NOT EXISTS huikuan.targets_docs
(
    rep_id String COMMENT 'rep' CODEC(ZSTD(1)),
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, ZSTD(1)),
    basis LowCardinality(String) COMMENT 'collected …; empty = collected',
    amount Decimal(18, 4) COMMENT 'target' CODEC(T64, ZSTD(1)),
    currency LowCardinality(String) COMMENT 'currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (rep_id, month, basis, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'collection targets';

CREATE OR REPLACE VIEW huikuan.targets
(
    rep_id String COMMENT 'rep',
    month Date32 COMMENT 'first day of the month',
    basis LowCardinality(String) COMMENT 'collected …; empty = collected',
    amount Decimal(18, 4) COMMENT 'target',
    currency LowCardinality(String) COMMENT 'currency',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    rep_id,
    month,
    basis,
    amount,
    currency,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.targets_docs FINAL
WHERE _deleted = 0
COMMENT 'collection targets';

CREATE TABLE IF NOT EXISTS huikuan.visits_docs
(
    visit_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer' CODEC(ZSTD(1)),
    rep_id Nullable(String) COMMENT 'visitor' CODEC(ZSTD(1)),
    planned_at Nullable(DateTime64(6, 'UTC')) COMMENT 'appointment' CODEC(Delta(8), ZSTD(1)),
    happened_at Nullable(DateTime64(6, 'UTC')) COMMENT 'begin of the visit' CODEC(Delta(8), ZSTD(1)),
    channel LowCardinality(Nullable(String)) COMMENT 'visit, call, e-mail …',
    contact_person Nullable(String) COMMENT 'who was met' CODEC(ZSTD(1)),
    phase_checklist Nullable(String) COMMENT 'before, during, after' CODEC(ZSTD(1)),
    script_code LowCardinality(Nullable(String)) COMMENT 'approach',
    refusal_code LowCardinality(Nullable(String)) COMMENT 'reason given for not paying',
    agreement_reached Nullable(Bool) COMMENT 'whether terms were agreed',
    logged_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when it was written down' CODEC(Delta(8), ZSTD(1)),
    evidence Nullable(String) COMMENT 'reference to evidence' CODEC(ZSTD(1)),
    approach LowCardinality(Nullable(String)) COMMENT 'how it was done: direct, cause first, gentle, pressing …',
    scenario LowCardinality(Nullable(String)) COMMENT 'situation that was met',
    excuse_code LowCardinality(Nullable(String)) COMMENT 'excuse heard',
    avoidance_code LowCardinality(Nullable(String)) COMMENT 'how the customer avoided the contact: unreachable, contact left, keeps postponing …',
    cause_code LowCardinality(Nullable(String)) COMMENT 'why the customer pays late',
    reason_verified Nullable(Bool) COMMENT 'whether the reason given proved true; empty = not verified',
    escalated Nullable(Bool) COMMENT 'whether management took part',
    next_action Nullable(String) COMMENT 'what happens next' CODEC(ZSTD(1)),
    next_action_due Nullable(Date32) COMMENT 'by which day' CODEC(DoubleDelta, ZSTD(1)),
    outcome_note Nullable(String) COMMENT 'result in words' CODEC(ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (visit_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'visits and calls to customers';

CREATE OR REPLACE VIEW huikuan.visits
(
    visit_id String COMMENT 'identifier',
    customer_id String COMMENT 'customer',
    rep_id Nullable(String) COMMENT 'visitor',
    planned_at Nullable(DateTime64(6, 'UTC')) COMMENT 'appointment',
    happened_at Nullable(DateTime64(6, 'UTC')) COMMENT 'begin of the visit',
    channel LowCardinality(Nullable(String)) COMMENT 'visit, call, e-mail …',
    contact_person Nullable(String) COMMENT 'who was met',
    phase_checklist Nullable(String) COMMENT 'before, during, after',
    script_code LowCardinality(Nullable(String)) COMMENT 'approach',
    refusal_code LowCardinality(Nullable(String)) COMMENT 'reason given for not paying',
    agreement_reached Nullable(Bool) COMMENT 'whether terms were agreed',
    logged_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when it was written down',
    evidence Nullable(String) COMMENT 'reference to evidence',
    approach LowCardinality(Nullable(String)) COMMENT 'how it was done: direct, cause first, gentle, pressing …',
    scenario LowCardinality(Nullable(String)) COMMENT 'situation that was met',
    excuse_code LowCardinality(Nullable(String)) COMMENT 'excuse heard',
    avoidance_code LowCardinality(Nullable(String)) COMMENT 'how the customer avoided the contact: unreachable, contact left, keeps postponing …',
    cause_code LowCardinality(Nullable(String)) COMMENT 'why the customer pays late',
    reason_verified Nullable(Bool) COMMENT 'whether the reason given proved true; empty = not verified',
    escalated Nullable(Bool) COMMENT 'whether management took part',
    next_action Nullable(String) COMMENT 'what happens next',
    next_action_due Nullable(Date32) COMMENT 'by which day',
    outcome_note Nullable(String) COMMENT 'result in words',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    visit_id,
    customer_id,
    rep_id,
    planned_at,
    happened_at,
    channel,
    contact_person,
    phase_checklist,
    script_code,
    refusal_code,
    agreement_reached,
    logged_at,
    evidence,
    approach,
    scenario,
    excuse_code,
    avoidance_code,
    cause_code,
    reason_verified,
    escalated,
    next_action,
    next_action_due,
    outcome_note,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.visits_docs FINAL
WHERE _deleted = 0
COMMENT 'visits and calls to customers';

CREATE TABLE IF NOT EXISTS huikuan.write_offs_docs
(
    write_off_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    invoice_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    write_off_date Date32 COMMENT 'day' CODEC(DoubleDelta, ZSTD(1)),
    amount Decimal(18, 4) COMMENT 'amount' CODEC(T64, ZSTD(1)),
    write_off_type LowCardinality(String) COMMENT 'small_balance, bad_debt or settlement; empty = bad_debt',
    approved_by Nullable(String) COMMENT 'who approved' CODEC(ZSTD(1)),
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded' CODEC(Delta(8), ZSTD(1)),
    custom Map(String, String) COMMENT 'fields of the source without a column of their own' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _version UInt64 COMMENT 'the highest version of a key wins; grows with every read' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = deleted or cancelled in the source',
    _run_id String COMMENT 'run that loaded the row' CODEC(ZSTD(1)),
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (write_off_id, source)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'amounts written off; a negative amount takes one back';

CREATE OR REPLACE VIEW huikuan.write_offs
(
    write_off_id String COMMENT 'identifier',
    invoice_id String COMMENT 'invoice',
    write_off_date Date32 COMMENT 'day',
    amount Decimal(18, 4) COMMENT 'amount',
    write_off_type LowCardinality(String) COMMENT 'small_balance, bad_debt or settlement; empty = bad_debt',
    approved_by Nullable(String) COMMENT 'who approved',
    created_at Nullable(DateTime64(6, 'UTC')) COMMENT 'when the source recorded it; empty = when it was first loaded',
    custom Map(String, String) COMMENT 'fields of the source without a column of their own',
    source LowCardinality(String) COMMENT 'name of the configured source',
    _stream LowCardinality(String) COMMENT 'stream of the connector that gave the row; empty in rows loaded before there was this column',
    _run_id String COMMENT 'run that loaded the row',
    _loaded_at DateTime64(6, 'UTC') COMMENT 'instant of loading, UTC'
)
AS SELECT
    write_off_id,
    invoice_id,
    write_off_date,
    amount,
    write_off_type,
    approved_by,
    created_at,
    custom,
    source,
    _stream,
    _run_id,
    _loaded_at
FROM huikuan.write_offs_docs FINAL
WHERE _deleted = 0
COMMENT 'amounts written off; a negative amount takes one back';

CREATE TABLE IF NOT EXISTS huikuan.ar_events
(
    event_date Date32 COMMENT 'day the event takes effect on balances' CODEC(DoubleDelta, LZ4),
    recorded_at Nullable(DateTime64(6, 'UTC')) COMMENT 'instant the warehouse learnt of it' CODEC(Delta(8), LZ4),
    company String COMMENT 'legal entity of the item' CODEC(LZ4),
    customer_id String COMMENT 'customer of the item' CODEC(LZ4),
    item_id String COMMENT 'invoice, payment or credit note' CODEC(LZ4),
    item_type LowCardinality(String) COMMENT 'invoice, debit_note, payment, credit_note',
    kind LowCardinality(String) COMMENT 'INVOICE, DEBIT, ALLOC, ALLOC_REV, DISCOUNT, DISCOUNT_REV, CREDIT_ALLOC, CREDIT_ALLOC_REV, WRITE_OFF, WRITE_OFF_REV on invoices; ON_ACCOUNT, APPLIED, APPLIED_REV, REFUND, BOUNCED on payments; CREDIT, CREDIT_APPLIED, CREDIT_APPLIED_REV on credit notes',
    currency LowCardinality(String) COMMENT 'document currency of the item',
    amount Decimal(18, 4) COMMENT 'signed change of the item\'s open amount' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    rep_id Nullable(String) COMMENT 'rep of the invoice' CODEC(LZ4),
    owner_id String COMMENT 'account owner on event_date, or unassigned' CODEC(LZ4),
    application_id Nullable(String) COMMENT 'allocation, credit allocation or write-off behind the event' CODEC(LZ4),
    counter_item_id Nullable(String) COMMENT 'document of the other side' CODEC(LZ4),
    counter_date Nullable(Date32) COMMENT 'receipt date (cash) or date of the credit note; behaviour metrics count from it' CODEC(DoubleDelta, LZ4),
    instalment_seq Nullable(Int64) COMMENT 'instalment named by the source; NULL = first in, first out' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'configured source',
    item_date Date32 COMMENT 'date of the item\'s document' CODEC(DoubleDelta, LZ4),
    known_at Nullable(DateTime64(6, 'UTC')) COMMENT 'instant from which the event counts as known: the last of the instants at which it and its documents became known; NULL = always' CODEC(Delta(8), LZ4)
)
ENGINE = MergeTree
ORDER BY (company, customer_id, event_date, item_id)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'one row a signed event; the open amount of an item on day D is the sum of its events up to D (metrics 1.2)';

CREATE TABLE IF NOT EXISTS huikuan.ar_open_items
(
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    invoice_id String COMMENT 'invoice or debit note' CODEC(LZ4),
    instalment_seq Int64 COMMENT 'instalment; 1 where the invoice has one due date' CODEC(LZ4),
    item_type LowCardinality(String) COMMENT 'invoice or debit_note',
    invoice_date Date32 COMMENT 'date of the document' CODEC(DoubleDelta, LZ4),
    due_date Date32 COMMENT 'due date' CODEC(DoubleDelta, LZ4),
    due_date_missing Bool COMMENT 'no due date and no terms known: invoice_date taken',
    days_past_due Int64 COMMENT 'as_of - due_date, days; 0 and less is not due' CODEC(LZ4),
    bucket LowCardinality(String) COMMENT 'aging bucket by due date: not_due, 1-30, … 366+ (A2)',
    age_days Int64 COMMENT 'as_of - invoice_date, days' CODEC(LZ4),
    age_bucket LowCardinality(String) COMMENT 'aging bucket by invoice date: 0-30, 31-60, 61-90, 91+ (A3)',
    year_band LowCardinality(String) COMMENT 'full anniversaries of invoice_date before as_of: 0-1y, 1-2y … 5y+ (A4)',
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount of the instalment' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    open_amount Decimal(18, 4) COMMENT 'open amount of the instalment, positive (A1)' CODEC(LZ4),
    open_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    disputed_amount Decimal(18, 4) COMMENT 'disputed part of open_amount, never above it' CODEC(LZ4),
    disputed_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    rep_id Nullable(String) COMMENT 'rep of the invoice (largest share)' CODEC(LZ4),
    owner_id String COMMENT 'account owner on as_of, or unassigned' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on as_of',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer on as_of',
    source LowCardinality(String) COMMENT 'configured source'
)
ENGINE = MergeTree
ORDER BY (company, customer_id, invoice_id, instalment_seq)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'invoices and debit notes open on as_of, one row an instalment (A1, A2); overpaid invoices are open credits and not listed';

CREATE TABLE IF NOT EXISTS huikuan.ar_snapshots
(
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    owner_id String COMMENT 'account owner on as_of, or unassigned' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on as_of',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer on as_of',
    currency LowCardinality(String) COMMENT 'document currency',
    open_amount Decimal(18, 4) COMMENT 'open invoices and debit notes, the sum of the eight buckets (A1)' CODEC(LZ4),
    open_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    not_due Decimal(18, 4) COMMENT 'open, due on as_of or later (A2)' CODEC(LZ4),
    not_due_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d1_30 Decimal(18, 4) COMMENT 'open, 1 to 30 days past due (A2)' CODEC(LZ4),
    d1_30_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d31_60 Decimal(18, 4) COMMENT 'open, 31 to 60 days past due (A2)' CODEC(LZ4),
    d31_60_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d61_90 Decimal(18, 4) COMMENT 'open, 61 to 90 days past due (A2)' CODEC(LZ4),
    d61_90_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d91_120 Decimal(18, 4) COMMENT 'open, 91 to 120 days past due (A2)' CODEC(LZ4),
    d91_120_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d121_180 Decimal(18, 4) COMMENT 'open, 121 to 180 days past due (A2)' CODEC(LZ4),
    d121_180_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d181_365 Decimal(18, 4) COMMENT 'open, 181 to 365 days past due (A2)' CODEC(LZ4),
    d181_365_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    d366_plus Decimal(18, 4) COMMENT 'open, 366 days or more past due (A2)' CODEC(LZ4),
    d366_plus_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    overdue Decimal(18, 4) COMMENT 'open, 1 day or more past due; overdue ratio = overdue / open_amount (A5)' CODEC(LZ4),
    overdue_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    unapplied Decimal(18, 4) COMMENT 'cash received and not applied, negative (A7)' CODEC(LZ4),
    unapplied_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    open_credits Decimal(18, 4) COMMENT 'credit notes not applied and overpaid invoices, negative' CODEC(LZ4),
    open_credits_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    net_ar Decimal(18, 4) COMMENT 'open_amount + unapplied + open_credits' CODEC(LZ4),
    net_ar_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    disputed Decimal(18, 4) COMMENT 'disputed part of open_amount' CODEC(LZ4),
    disputed_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    disputed_overdue Decimal(18, 4) COMMENT 'disputed part of overdue; overdue - disputed_overdue is the undisputed twin' CODEC(LZ4),
    disputed_overdue_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    unrealised_fx_rc Nullable(Decimal(18, 4)) COMMENT 'net_ar at the rate of as_of less net_ar_rc, reporting currency; NULL = no rate' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (as_of, company, customer_id, owner_id, currency)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'balances and aging at the end of as_of: every month-end of the history and each of the last 92 days (A1, A2, A5, A7)';

CREATE TABLE IF NOT EXISTS huikuan.ar_rollforward
(
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    owner_id String COMMENT 'account owner, or unassigned' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer at the end of the month',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer at the end of the month',
    currency LowCardinality(String) COMMENT 'document currency',
    opening Decimal(18, 4) COMMENT 'net balance at the end of the previous month' CODEC(LZ4),
    opening_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    invoiced Decimal(18, 4) COMMENT 'invoices dated in the month' CODEC(LZ4),
    invoiced_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    debit_notes Decimal(18, 4) COMMENT 'debit notes dated in the month' CODEC(LZ4),
    debit_notes_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    credited Decimal(18, 4) COMMENT 'credit notes dated in the month, positive amounts reduce' CODEC(LZ4),
    credited_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    cash Decimal(18, 4) COMMENT 'receipts dated in the month less receipts that bounced in it, positive amounts reduce' CODEC(LZ4),
    cash_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    discounts Decimal(18, 4) COMMENT 'cash discounts taken, positive amounts reduce' CODEC(LZ4),
    discounts_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    written_off Decimal(18, 4) COMMENT 'write-offs less those taken back, positive amounts reduce' CODEC(LZ4),
    written_off_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    refunds Decimal(18, 4) COMMENT 'money paid back to the customer, positive amounts increase' CODEC(LZ4),
    refunds_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    fx Decimal(18, 4) COMMENT 'realised exchange differences (only in reporting currency), signed' CODEC(LZ4),
    fx_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    transfers Decimal(18, 4) COMMENT 'owner changes and cash applied to another customer\'s or company\'s invoice, signed; sums to 0' CODEC(LZ4),
    transfers_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    closing Decimal(18, 4) COMMENT 'net balance at the end of the month, summed from the items independently of the lines above' CODEC(LZ4),
    closing_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    check_amount Decimal(18, 4) COMMENT 'lines less closing; must be 0' CODEC(LZ4),
    check_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (month, company, customer_id, owner_id, currency)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'opening to closing net balance of a month; the last month runs to the as-of day (A6). opening + invoiced + debit_notes - credited - cash - discounts - written_off + refunds + fx + transfers = closing';

CREATE TABLE IF NOT EXISTS huikuan.ar_items
(
    source LowCardinality(String) COMMENT 'configured source',
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    invoice_id String COMMENT 'invoice or debit note' CODEC(LZ4),
    instalment_seq Int64 COMMENT 'instalment; 1 where the invoice has one due date' CODEC(LZ4),
    item_type LowCardinality(String) COMMENT 'invoice or debit_note',
    invoice_date Date32 COMMENT 'date of the document' CODEC(DoubleDelta, LZ4),
    due_date Date32 COMMENT 'due date' CODEC(DoubleDelta, LZ4),
    currency LowCardinality(String) COMMENT 'document currency',
    amount Decimal(18, 4) COMMENT 'amount of the instalment' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    open_amount Decimal(18, 4) COMMENT 'open amount of the instalment, positive; 0 once settled' CODEC(LZ4),
    open_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    cash Decimal(18, 4) COMMENT 'settled with cash, receipts taken back deducted' CODEC(LZ4),
    cash_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    discount Decimal(18, 4) COMMENT 'settled with cash discounts' CODEC(LZ4),
    discount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    credit Decimal(18, 4) COMMENT 'settled with credit notes' CODEC(LZ4),
    credit_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    written_off Decimal(18, 4) COMMENT 'settled by writing off' CODEC(LZ4),
    written_off_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    settled_on Nullable(Date32) COMMENT 'day since which nothing is open, by application date; NULL = open' CODEC(DoubleDelta, LZ4),
    cleared_by LowCardinality(Nullable(String)) COMMENT 'cash (with discounts), credit or write_off, the largest amount, ties to cash; NULL = open',
    last_receipt_date Nullable(Date32) COMMENT 'receipt date of the last cash that was not taken back; NULL = none' CODEC(DoubleDelta, LZ4),
    disputed Bool COMMENT 'in dispute on any day up to the as-of day',
    disputed_amount Decimal(18, 4) COMMENT 'disputed part of open_amount on the as-of day' CODEC(LZ4),
    disputed_amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    rep_id Nullable(String) COMMENT 'rep of the invoice (largest share)' CODEC(LZ4),
    owner_id String COMMENT 'account owner on the as-of day, or unassigned' CODEC(LZ4),
    owner_at_due String COMMENT 'account owner on due_date (the last one known where it lies ahead), or unassigned' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on the as-of day',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer on the as-of day',
    rate_rc Nullable(Decimal(38, 10)) COMMENT 'rate of invoice_date into reporting currency; NULL = unknown' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (company, customer_id, invoice_id, instalment_seq)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'invoices and debit notes, open or settled, one row an instalment; amount = open_amount + cash + discount + credit + written_off, all up to the as-of day; of a negative amount nothing is open: it is among the open credits';

CREATE TABLE IF NOT EXISTS huikuan.ar_settlements
(
    source LowCardinality(String) COMMENT 'configured source',
    company String COMMENT 'legal entity of the invoice' CODEC(LZ4),
    customer_id String COMMENT 'customer of the invoice' CODEC(LZ4),
    invoice_id String COMMENT 'invoice or debit note' CODEC(LZ4),
    instalment_seq Int64 COMMENT 'instalment' CODEC(LZ4),
    application_id String COMMENT 'allocation, credit allocation or write-off' CODEC(LZ4),
    kind LowCardinality(String) COMMENT 'cash, discount, credit or write_off',
    event_date Date32 COMMENT 'day it takes effect on balances' CODEC(DoubleDelta, LZ4),
    receipt_date Date32 COMMENT 'day of behaviour: receipt date of cash and its discount, date of the credit note; event_date for a write-off. What is taken back has the day of what it takes back' CODEC(DoubleDelta, LZ4),
    invoice_date Date32 COMMENT 'date of the invoice' CODEC(DoubleDelta, LZ4),
    due_date Date32 COMMENT 'due date of the instalment' CODEC(DoubleDelta, LZ4),
    currency LowCardinality(String) COMMENT 'document currency of the invoice',
    amount Decimal(18, 4) COMMENT 'reduction of the open amount, positive; in reporting currency at the invoice\'s rate' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    amount_rc_receipt Nullable(Decimal(18, 4)) COMMENT 'cash only: the amount at the rate of receipt_date, reporting currency; less amount_rc = realised exchange difference; NULL = no cash, or no rate' CODEC(LZ4),
    payment_id Nullable(String) COMMENT 'payment, or credit note, of the other side; NULL for a write-off' CODEC(LZ4),
    write_off_type LowCardinality(Nullable(String)) COMMENT 'small_balance, bad_debt or settlement; NULL for other kinds',
    rep_id Nullable(String) COMMENT 'rep of the invoice (largest share)' CODEC(LZ4),
    owner_at_receipt String COMMENT 'account owner on receipt_date, or unassigned' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on receipt_date',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer on receipt_date',
    recorded_at Nullable(DateTime64(6, 'UTC')) COMMENT 'instant the application became known; NULL = unknown' CODEC(Delta(8), LZ4)
)
ENGINE = MergeTree
ORDER BY (company, customer_id, invoice_id, instalment_seq, event_date, application_id, kind)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'what reduced invoices, one row an application and instalment; what takes a reduction back is a negative row of the same kind. The rows of an instalment add up to its amount less its open amount; what was paid beyond an invoice is no row here and stands in ar_snapshots.open_credits';

CREATE TABLE IF NOT EXISTS huikuan.ar_rolls
(
    month Date32 COMMENT 'first day of the month at whose end the items were open' CODEC(DoubleDelta, LZ4),
    to_month_end Date32 COMMENT 'end of the next month, or the as-of day within it' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer at the opening month-end',
    region LowCardinality(Nullable(String)) COMMENT 'region of the customer at the opening month-end',
    currency LowCardinality(String) COMMENT 'document currency',
    from_bucket LowCardinality(String) COMMENT 'aging bucket at the opening month-end: not_due, 1-30, … 366+ (the buckets of ar_open_items)',
    to_bucket LowCardinality(String) COMMENT 'aging bucket at to_month_end, or paid (cash and discounts), credited, written_off',
    amount Decimal(18, 4) COMMENT 'amount open at the opening month-end; of an item whose open amount grew, no more than that' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (company, customer_id, currency, month, from_bucket, to_bucket)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'what became of the items open at a month-end until the next one, item by item (E3). The rows of one month, customer, currency and from_bucket add up to what was open. The last pair runs to the as-of day and is whole only where to_month_end is the end of its month';

CREATE TABLE IF NOT EXISTS huikuan.dso
(
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, LZ4),
    scope LowCardinality(String) COMMENT 'group, company, segment, region, owner, customer',
    scope_id String COMMENT 'identifier within the scope; empty for the group' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'currency of the money columns: reporting currency, or the one document currency of a customer',
    ar Nullable(Decimal(18, 4)) COMMENT 'net AR: open invoices less unapplied cash and open credits' CODEC(LZ4),
    ar_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    not_due Nullable(Decimal(18, 4)) COMMENT 'open and not due, gross' CODEC(LZ4),
    not_due_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    overdue Nullable(Decimal(18, 4)) COMMENT 'open and past due, gross' CODEC(LZ4),
    overdue_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    credits Nullable(Decimal(18, 4)) COMMENT 'unapplied cash and open credits, negative' CODEC(LZ4),
    credits_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    disputed Nullable(Decimal(18, 4)) COMMENT 'disputed part of not_due and overdue' CODEC(LZ4),
    disputed_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    disputed_overdue Nullable(Decimal(18, 4)) COMMENT 'disputed part of overdue' CODEC(LZ4),
    disputed_overdue_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    current_ar Nullable(Decimal(18, 4)) COMMENT 'numerator of bpdso: not_due less credits in excess of overdue' CODEC(LZ4),
    current_ar_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    sales_90 Nullable(Decimal(18, 4)) COMMENT 'billings less credit notes of the 90 days to as_of; denominator of dso_90 and bpdso' CODEC(LZ4),
    sales_90_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    sales_month Nullable(Decimal(18, 4)) COMMENT 'billings less credit notes of the calendar month to as_of; denominator of dso_month' CODEC(LZ4),
    sales_month_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    sales_12m Nullable(Decimal(18, 4)) COMMENT 'billings less credit notes of the 12 months to as_of; numerator of turnover' CODEC(LZ4),
    sales_12m_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    days_month Int64 COMMENT 'days of the calendar month to as_of' CODEC(LZ4),
    dso_90 Nullable(Decimal(38, 10)) COMMENT 'ar / sales_90 x 90, days (B3); NULL = undefined, see the reason' CODEC(LZ4),
    dso_month Nullable(Decimal(38, 10)) COMMENT 'ar / sales_month x days_month, days (B1); NULL = undefined, see the reason' CODEC(LZ4),
    dso_countback Nullable(Decimal(38, 10)) COMMENT 'months walked back until ar is used up, days (B4); NULL = undefined, see the reason' CODEC(LZ4),
    dso_countback_daily Nullable(Decimal(38, 10)) COMMENT 'the same walk by days, days (B4); NULL = undefined, see the reason' CODEC(LZ4),
    dso_countback_lower_bound Nullable(Decimal(38, 10)) COMMENT 'days walked before the walk had to stop, days (B4); NULL = undefined, see the reason' CODEC(LZ4),
    uncovered_ar Nullable(Decimal(18, 4)) COMMENT 'ar left when the walk had to stop (B4)' CODEC(LZ4),
    uncovered_ar_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    dso_sales_weighted Nullable(Decimal(38, 10)) COMMENT 'sum over months of origin of open / sales x days, days (B5); NULL = undefined, see the reason' CODEC(LZ4),
    bpdso Nullable(Decimal(38, 10)) COMMENT 'current_ar / sales_90 x 90, days (B7); NULL = undefined, see the reason' CODEC(LZ4),
    add_days Nullable(Decimal(38, 10)) COMMENT 'dso_90 - bpdso, days (B8); NULL = undefined, see the reason' CODEC(LZ4),
    undisputed_delinquent Nullable(Decimal(18, 4)) COMMENT 'overdue less disputed_overdue, less credits, never below 0; numerator of add_days_undisputed' CODEC(LZ4),
    undisputed_delinquent_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    add_days_undisputed Nullable(Decimal(38, 10)) COMMENT 'undisputed_delinquent / sales_90 x 90, days: add_days without what is in dispute (B8); NULL = undefined, see the reason' CODEC(LZ4),
    cei_numerator Nullable(Decimal(18, 4)) COMMENT 'ar at the end of the previous month + sales_month - ar (C1)' CODEC(LZ4),
    cei_numerator_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    cei_denominator Nullable(Decimal(18, 4)) COMMENT 'ar at the end of the previous month + sales_month - not_due (C1)' CODEC(LZ4),
    cei_denominator_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    cei Nullable(Decimal(38, 10)) COMMENT 'cei_numerator / cei_denominator, fraction (C1); NULL = undefined, see the reason' CODEC(LZ4),
    written_off_month Nullable(Decimal(18, 4)) COMMENT 'write-offs of the calendar month to as_of less those taken back' CODEC(LZ4),
    written_off_month_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    cei_clean_numerator Nullable(Decimal(18, 4)) COMMENT 'cei_numerator - written_off_month: what came in as cash or was taken as discount (C1-b)' CODEC(LZ4),
    cei_clean_numerator_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    cei_clean Nullable(Decimal(38, 10)) COMMENT 'cei_clean_numerator / cei_denominator, fraction (C1-b); NULL = undefined, see the reason' CODEC(LZ4),
    cei_undisputed_denominator Nullable(Decimal(18, 4)) COMMENT 'cei_denominator - disputed_overdue' CODEC(LZ4),
    cei_undisputed_denominator_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    cei_undisputed Nullable(Decimal(38, 10)) COMMENT 'cei_numerator / cei_undisputed_denominator, fraction: cei without what is in dispute on as_of (C1); NULL = undefined, see the reason' CODEC(LZ4),
    average_ar Nullable(Decimal(18, 4)) COMMENT 'average of ar at 13 month-ends, the last being as_of (B9)' CODEC(LZ4),
    average_ar_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = undefined or no exchange rate' CODEC(LZ4),
    turnover Nullable(Decimal(38, 10)) COMMENT 'sales_12m / average_ar, times a year (B9); NULL = undefined, see the reason' CODEC(LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why a measure is NULL, the first of the columns below: no_sales, sales_nonpositive, credit_balance, insufficient_history, nothing_collectable, missing_rate',
    reason_90 LowCardinality(Nullable(String)) COMMENT 'why dso_90, bpdso, add_days and add_days_undisputed are NULL',
    reason_month LowCardinality(Nullable(String)) COMMENT 'why dso_month is NULL',
    reason_countback LowCardinality(Nullable(String)) COMMENT 'why dso_countback is NULL',
    reason_weighted LowCardinality(Nullable(String)) COMMENT 'why dso_sales_weighted is NULL',
    reason_cei LowCardinality(Nullable(String)) COMMENT 'why cei and cei_clean are NULL',
    reason_turnover LowCardinality(Nullable(String)) COMMENT 'why turnover is NULL',
    reason_cei_undisputed LowCardinality(Nullable(String)) COMMENT 'why cei_undisputed is NULL'
)
ENGINE = MergeTree
ORDER BY (scope, scope_id, as_of)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'speed of collection by scope at the days of ar_snapshots; a scope holds the customers that belong to it on as_of, with all their sales (B1-B9, C1)';

CREATE TABLE IF NOT EXISTS huikuan.rep_collection
(
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    rep_id String COMMENT 'rep, or unassigned' CODEC(LZ4),
    rep_name Nullable(String) COMMENT 'display name' CODEC(LZ4),
    team LowCardinality(Nullable(String)) COMMENT 'team',
    currency LowCardinality(String) COMMENT 'reporting currency of every money column here',
    opening_open Decimal(18, 4) COMMENT 'open invoices at the end of the previous month, by the owner of that day' CODEC(LZ4),
    opening_overdue Decimal(18, 4) COMMENT 'part of opening_open due on or before the last day of the previous month' CODEC(LZ4),
    fell_due Decimal(18, 4) COMMENT 'instalments due in the month, whole amount, by the owner of the due date' CODEC(LZ4),
    prepaid Decimal(18, 4) COMMENT 'cash received before the month on fell_due, and on opening_overdue where it was applied later' CODEC(LZ4),
    reduced Decimal(18, 4) COMMENT 'credits, cash discounts and write-offs on opening_overdue and fell_due' CODEC(LZ4),
    collected Decimal(18, 4) COMMENT 'receipts of the month less bounced receipts and refunds, by the owner of the receipt date (C9)' CODEC(LZ4),
    collected_due_basis Decimal(18, 4) COMMENT 'part of collected on items overdue at opening or due in the month; numerator of collection_rate (C2)' CODEC(LZ4),
    collected_early Decimal(18, 4) COMMENT 'part of collected on items due after the month' CODEC(LZ4),
    collected_unapplied Decimal(18, 4) COMMENT 'part of collected not applied to any invoice up to the as-of day' CODEC(LZ4),
    due_basis_denominator Decimal(18, 4) COMMENT 'opening_overdue + fell_due - prepaid - reduced (C2)' CODEC(LZ4),
    collection_rate Nullable(Decimal(38, 10)) COMMENT 'collected_due_basis / due_basis_denominator, fraction (C2); NULL = undefined, see the reason' CODEC(LZ4),
    disputed_due Decimal(18, 4) COMMENT 'part of due_basis_denominator that is in dispute at the end of the month' CODEC(LZ4),
    due_basis_undisputed_denominator Decimal(18, 4) COMMENT 'due_basis_denominator - disputed_due' CODEC(LZ4),
    collection_rate_undisputed Nullable(Decimal(38, 10)) COMMENT 'collected_due_basis / due_basis_undisputed_denominator, fraction: collection_rate without what is in dispute (C2); NULL = undefined, see the reason' CODEC(LZ4),
    sales Decimal(18, 4) COMMENT 'billings less credit notes of the month, by the owner of the document\'s date; denominator of cash_rate_revenue' CODEC(LZ4),
    opening_net Decimal(18, 4) COMMENT 'net AR at the end of the previous month plus net AR taken over less handed over in the month' CODEC(LZ4),
    closing_net Decimal(18, 4) COMMENT 'net AR at the end of the month' CODEC(LZ4),
    cash_rate_numerator Decimal(18, 4) COMMENT 'opening_net + sales - closing_net (C3, C4)' CODEC(LZ4),
    cash_rate_collectable_denominator Decimal(18, 4) COMMENT 'opening_net + sales (C3)' CODEC(LZ4),
    cash_rate_collectable Nullable(Decimal(38, 10)) COMMENT 'cash_rate_numerator / cash_rate_collectable_denominator, fraction (C3); NULL = undefined, see the reason' CODEC(LZ4),
    cash_rate_revenue Nullable(Decimal(38, 10)) COMMENT 'cash_rate_numerator / sales, fraction (C4); NULL = undefined, see the reason' CODEC(LZ4),
    closing_disputed Decimal(18, 4) COMMENT 'disputed part of closing_open' CODEC(LZ4),
    cash_rate_collectable_undisputed_denominator Decimal(18, 4) COMMENT 'cash_rate_collectable_denominator - closing_disputed' CODEC(LZ4),
    cash_rate_collectable_undisputed Nullable(Decimal(38, 10)) COMMENT 'cash_rate_numerator / cash_rate_collectable_undisputed_denominator, fraction: without what is in dispute (C3); NULL = undefined, see the reason' CODEC(LZ4),
    disputed_sales Decimal(18, 4) COMMENT 'part of sales that is in dispute at the end of the month' CODEC(LZ4),
    cash_rate_revenue_undisputed_denominator Decimal(18, 4) COMMENT 'sales - disputed_sales' CODEC(LZ4),
    cash_rate_revenue_undisputed Nullable(Decimal(38, 10)) COMMENT 'cash_rate_numerator / cash_rate_revenue_undisputed_denominator, fraction: without what is in dispute (C4); NULL = undefined, see the reason' CODEC(LZ4),
    billed Decimal(18, 4) COMMENT 'invoices and debit notes of the month, by rep of the invoice' CODEC(LZ4),
    written_off Decimal(18, 4) COMMENT 'write-offs of the month, by rep of the invoice' CODEC(LZ4),
    on_time_amount Decimal(18, 4) COMMENT 'instalments due in the month and settled by their due date; numerator of on_time_rate (C7)' CODEC(LZ4),
    on_time_base Decimal(18, 4) COMMENT 'instalments due in the month less credits; denominator of on_time_rate (C7)' CODEC(LZ4),
    on_time_rate Nullable(Decimal(38, 10)) COMMENT 'on_time_amount / on_time_base, fraction (C7); NULL = undefined, see the reason' CODEC(LZ4),
    on_time_count Decimal(38, 10) COMMENT 'instalments due in the month and settled by their due date, split shares as fractions (C7)' CODEC(LZ4),
    on_time_count_base Decimal(38, 10) COMMENT 'instalments due in the month, split shares as fractions (C7)' CODEC(LZ4),
    on_time_count_rate Nullable(Decimal(38, 10)) COMMENT 'on_time_count / on_time_count_base, fraction (C7); NULL = undefined, see the reason' CODEC(LZ4),
    days_to_pay_numerator Decimal(38, 10) COMMENT 'days from invoice to receipt x cash, over the month\'s receipts (B11)' CODEC(LZ4),
    days_to_pay_denominator Decimal(18, 4) COMMENT 'cash of the month\'s receipts applied to invoices (B11)' CODEC(LZ4),
    days_to_pay Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_numerator / days_to_pay_denominator, days (B11); NULL = undefined, see the reason' CODEC(LZ4),
    days_to_pay_settled_numerator Decimal(38, 10) COMMENT 'days from invoice to last receipt, summed over invoices settled by cash in the month (B10)' CODEC(LZ4),
    days_to_pay_settled_count Decimal(38, 10) COMMENT 'invoices settled by cash in the month, split shares as fractions (B10)' CODEC(LZ4),
    days_to_pay_settled Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_settled_numerator / days_to_pay_settled_count, days (B10); NULL = undefined, see the reason' CODEC(LZ4),
    closing_open Decimal(18, 4) COMMENT 'open invoices at the end of the month' CODEC(LZ4),
    closing_overdue Decimal(18, 4) COMMENT 'part of closing_open 1 day or more past due' CODEC(LZ4),
    closing_unapplied Decimal(18, 4) COMMENT 'unapplied cash at the end of the month, negative (C9)' CODEC(LZ4),
    visits Int64 COMMENT 'visits of the month, by visitor' CODEC(LZ4),
    promises_made Int64 COMMENT 'promises made in the month' CODEC(LZ4),
    promises_due Int64 COMMENT 'promises due in the month that are kept, partly kept or broken today (D1)' CODEC(LZ4),
    promises_kept Int64 COMMENT 'part of promises_due that are kept (D1)' CODEC(LZ4),
    promises_due_amount Decimal(18, 4) COMMENT 'amount of promises_due' CODEC(LZ4),
    promises_kept_amount Decimal(18, 4) COMMENT 'amount of promises_kept' CODEC(LZ4),
    target Nullable(Decimal(18, 4)) COMMENT 'collection target of the month; NULL = none' CODEC(LZ4),
    attainment Nullable(Decimal(38, 10)) COMMENT 'what the rep has collected in all companies / target, fraction (C10); NULL = undefined, see the reason' CODEC(LZ4),
    workdays_elapsed Int64 COMMENT 'workdays of the month that have passed, the as-of day included (C10)' CODEC(LZ4),
    workdays_month Int64 COMMENT 'workdays of the whole month (C10)' CODEC(LZ4),
    run_rate Nullable(Decimal(38, 10)) COMMENT 'attainment / (workdays_elapsed / workdays_month): 1 = on course for the target, fraction (C10); NULL = undefined, see the reason' CODEC(LZ4),
    needed_per_workday Nullable(Decimal(18, 4)) COMMENT '(target - collected in all companies) / workdays left in the month, 0 when the target is reached; NULL = no target, or no workday left (C10)' CODEC(LZ4),
    transfers_in Decimal(18, 4) COMMENT 'open invoices taken over from other owners in the month, positive' CODEC(LZ4),
    transfers_out Decimal(18, 4) COMMENT 'open invoices handed over to other owners in the month, positive' CODEC(LZ4),
    rank Nullable(Int64) COMMENT '1 = most collected in the month and company; equal amounts share a rank; NULL for unassigned' CODEC(LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why collection_rate is NULL: nothing_collectable, missing_rate',
    reason_collectable LowCardinality(Nullable(String)) COMMENT 'why cash_rate_collectable is NULL',
    reason_revenue LowCardinality(Nullable(String)) COMMENT 'why cash_rate_revenue is NULL',
    reason_on_time LowCardinality(Nullable(String)) COMMENT 'why on_time_rate is NULL',
    reason_days_to_pay LowCardinality(Nullable(String)) COMMENT 'why days_to_pay is NULL',
    reason_attainment LowCardinality(Nullable(String)) COMMENT 'why attainment is NULL: no_target',
    reason_undisputed LowCardinality(Nullable(String)) COMMENT 'why collection_rate_undisputed is NULL',
    reason_collectable_undisputed LowCardinality(Nullable(String)) COMMENT 'why cash_rate_collectable_undisputed is NULL',
    reason_revenue_undisputed LowCardinality(Nullable(String)) COMMENT 'why cash_rate_revenue_undisputed is NULL'
)
ENGINE = MergeTree
ORDER BY (month, company, rep_id)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'collection by rep and month in reporting currency at the invoice\'s rate; the last month runs to the as-of day (C2-C4, C7, C9, C10, B10, B11). Cash, balances, sales: account owner of the day. Billed, written off, on time, days to pay: rep of the invoice by split shares';

CREATE TABLE IF NOT EXISTS huikuan.promise_outcomes
(
    promise_id String COMMENT 'promise; of a plan line plan_id/line_no' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'configured source',
    customer_id String COMMENT 'customer' CODEC(LZ4),
    company Nullable(String) COMMENT 'legal entity of the promised invoice; NULL where no invoice is named or known' CODEC(LZ4),
    invoice_id Nullable(String) COMMENT 'invoice; NULL = any' CODEC(LZ4),
    visit_id Nullable(String) COMMENT 'visit at which it was made' CODEC(LZ4),
    plan_id Nullable(String) COMMENT 'instalment plan; NULL for a single promise' CODEC(LZ4),
    line_no Int64 COMMENT 'line of the plan; 0 for a single promise' CODEC(LZ4),
    rep_id String COMMENT 'rep of the visit, else account owner on made_on, or unassigned' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'currency of the promise',
    amount Decimal(18, 4) COMMENT 'amount promised' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    reduced Decimal(18, 4) COMMENT 'part of amount that credit notes, write-offs and upheld disputes took away; amount - reduced is what is judged' CODEC(LZ4),
    reduced_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    made_on Date32 COMMENT 'day it was made' CODEC(DoubleDelta, LZ4),
    due_date Date32 COMMENT 'day promised' CODEC(DoubleDelta, LZ4),
    limit_date Date32 COMMENT 'due_date plus the days of grace; cash received until then counts' CODEC(DoubleDelta, LZ4),
    paid Decimal(18, 4) COMMENT 'cash received from made_on to limit_date that this promise claims, never above amount - reduced; no cash is claimed twice' CODEC(LZ4),
    paid_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    status LowCardinality(String) COMMENT 'open, kept, partial, broken, moved (another promise took its place before it was due), cancelled (nothing left to pay)',
    status_on Nullable(Date32) COMMENT 'day since which the status holds: the receipt that kept it, the day after limit_date, the day it was moved or cancelled; NULL while open' CODEC(DoubleDelta, LZ4),
    times_moved Int64 COMMENT 'promises that this one replaced, one after the other' CODEC(LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why it is cancelled or moved: credited, written_off, dispute_upheld, no_amount, replaced, plan_replaced; circle where replaced_by leads back to itself'
)
ENGINE = MergeTree
ORDER BY (customer_id, due_date, promise_id, line_no)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'one row a promise to pay, or a line of an instalment plan, made on or before the as-of day, judged on that day (D1). Rate of kept promises = kept / (kept + partial + broken), by count or by amount; cash on promises = paid / amount';

CREATE TABLE IF NOT EXISTS huikuan.promise_states
(
    promise_id String COMMENT 'promise; of a plan line plan_id/line_no' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'configured source',
    customer_id String COMMENT 'customer' CODEC(LZ4),
    company Nullable(String) COMMENT 'legal entity of the promised invoice; NULL where no invoice is named or known' CODEC(LZ4),
    invoice_id Nullable(String) COMMENT 'invoice; NULL = any' CODEC(LZ4),
    plan_id Nullable(String) COMMENT 'instalment plan; NULL for a single promise' CODEC(LZ4),
    line_no Int64 COMMENT 'line of the plan; 0 for a single promise' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'currency of the promise',
    amount Decimal(18, 4) COMMENT 'amount promised, in its currency' CODEC(LZ4),
    paid Decimal(18, 4) COMMENT 'cash received from made_on to limit_date that it had claimed by then, in its currency' CODEC(LZ4),
    reduced Decimal(18, 4) COMMENT 'part of amount that credit notes, write-offs and upheld disputes had taken away by then, in its currency' CODEC(LZ4),
    made_on Date32 COMMENT 'day it was made' CODEC(DoubleDelta, LZ4),
    due_date Date32 COMMENT 'day promised' CODEC(DoubleDelta, LZ4),
    limit_date Date32 COMMENT 'due_date plus the days of grace' CODEC(DoubleDelta, LZ4),
    first_day Date32 COMMENT 'first month-end, or the as-of day, on which it stood so' CODEC(DoubleDelta, LZ4),
    last_day Date32 COMMENT 'last of them, the same or a later one' CODEC(DoubleDelta, LZ4),
    status LowCardinality(String) COMMENT 'as in promise_outcomes',
    status_on Nullable(Date32) COMMENT 'day since which the status held; NULL while open' CODEC(DoubleDelta, LZ4),
    times_moved Int64 COMMENT 'promises that this one had replaced by then' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (customer_id, due_date, promise_id, line_no, first_day)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'how a promise, or a line of an instalment plan, stood at the ends of months and on the as-of day, from what was dated up to each of them (D1): one row for as long as it stood so. promise_outcomes has what is known today: cash that kept a promise may bounce, or be applied, later';

CREATE TABLE IF NOT EXISTS huikuan.plan_outcomes
(
    plan_id String COMMENT 'plan' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'configured source',
    customer_id String COMMENT 'customer' CODEC(LZ4),
    visit_id Nullable(String) COMMENT 'visit at which it was made' CODEC(LZ4),
    rep_id String COMMENT 'rep of the visit, else account owner on made_on, or unassigned' CODEC(LZ4),
    made_on Date32 COMMENT 'day it was made' CODEC(DoubleDelta, LZ4),
    replaced_by Nullable(String) COMMENT 'plan that superseded it' CODEC(LZ4),
    re_plans Int64 COMMENT 'plans that this one replaced, one after the other' CODEC(LZ4),
    lines Int64 COMMENT 'lines' CODEC(LZ4),
    lines_due Int64 COMMENT 'lines that are kept, partial or broken today' CODEC(LZ4),
    kept Int64 COMMENT 'lines kept' CODEC(LZ4),
    partial Int64 COMMENT 'lines paid in part' CODEC(LZ4),
    broken Int64 COMMENT 'lines broken' CODEC(LZ4),
    consecutive_misses Int64 COMMENT 'longest run of lines, by due date, that are partial or broken' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'currency of the first line; other lines are converted at made_on',
    amount Decimal(18, 4) COMMENT 'sum of the lines' CODEC(LZ4),
    amount_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    paid Decimal(18, 4) COMMENT 'cash that its lines claim' CODEC(LZ4),
    paid_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    remaining Decimal(18, 4) COMMENT 'amount less paid and less what credit notes, write-offs and upheld disputes took away' CODEC(LZ4),
    remaining_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    status LowCardinality(String) COMMENT 'live, kept (nothing left to pay, no line open), broken (so many lines missed in a row), replaced',
    status_on Nullable(Date32) COMMENT 'day since which the status holds; NULL while live' CODEC(DoubleDelta, LZ4),
    next_due Nullable(Date32) COMMENT 'due date of the next open line; NULL = none' CODEC(DoubleDelta, LZ4)
)
ENGINE = MergeTree
ORDER BY (customer_id, plan_id)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'one row an instalment plan made on or before the as-of day (D2); its lines stand in promise_outcomes. A plan changes no due date: aging goes by the original one';

CREATE TABLE IF NOT EXISTS huikuan.visit_outcomes
(
    visit_id String COMMENT 'visit' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'configured source',
    customer_id String COMMENT 'customer' CODEC(LZ4),
    rep_id String COMMENT 'visitor, else account owner of the day, or unassigned' CODEC(LZ4),
    day Date32 COMMENT 'day of the visit' CODEC(DoubleDelta, LZ4),
    channel LowCardinality(Nullable(String)) COMMENT 'visit, call, e-mail …',
    agreement_reached Nullable(Bool) COMMENT 'whether terms were agreed; NULL = unknown',
    share Decimal(38, 10) COMMENT 'part of the day\'s figures that this visit carries: 1 / visits to the customer on that day; money columns are already multiplied' CODEC(LZ4),
    overdue_items Int64 COMMENT 'instalments overdue and not disputed at the visit' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'reporting currency of every money column here',
    overdue_rc Nullable(Decimal(18, 4)) COMMENT 'overdue and undisputed at the beginning of the day; NULL = no exchange rate' CODEC(LZ4),
    window_days Int64 COMMENT 'days of the configured window N (metrics.visit_window_days)' CODEC(LZ4),
    cash_rc Nullable(Decimal(18, 4)) COMMENT 'cash received from the day of the visit through window_days after it on items overdue and undisputed at the visit, never above overdue_rc; cash counts for the latest visit before it only' CODEC(LZ4),
    cash_before_rc Nullable(Decimal(18, 4)) COMMENT 'cash received in the window_days before the visit on items overdue and undisputed when they began: the baseline' CODEC(LZ4),
    promised_before_rc Nullable(Decimal(18, 4)) COMMENT 'part of cash_rc that kept promises made before the visit; not the visit\'s doing, to be taken off an uplift' CODEC(LZ4),
    window_complete Bool COMMENT 'window_days after the visit have passed on the as-of day',
    cash_7_rc Nullable(Decimal(18, 4)) COMMENT 'cash received from the day of the visit through 7 days (the default of metrics.visit_windows) after it on items overdue and undisputed at the visit, never above overdue_rc; cash counts for the latest visit before it only' CODEC(LZ4),
    cash_before_7_rc Nullable(Decimal(18, 4)) COMMENT 'cash received in the 7 days (the default of metrics.visit_windows) before the visit on items overdue and undisputed when they began: the baseline' CODEC(LZ4),
    promised_before_7_rc Nullable(Decimal(18, 4)) COMMENT 'part of cash_7_rc that kept promises made before the visit; not the visit\'s doing, to be taken off an uplift' CODEC(LZ4),
    window_complete_7 Bool COMMENT '7 days (the default of metrics.visit_windows) after the visit have passed on the as-of day',
    cash_14_rc Nullable(Decimal(18, 4)) COMMENT 'cash received from the day of the visit through 14 days (the default of metrics.visit_windows) after it on items overdue and undisputed at the visit, never above overdue_rc; cash counts for the latest visit before it only' CODEC(LZ4),
    cash_before_14_rc Nullable(Decimal(18, 4)) COMMENT 'cash received in the 14 days (the default of metrics.visit_windows) before the visit on items overdue and undisputed when they began: the baseline' CODEC(LZ4),
    promised_before_14_rc Nullable(Decimal(18, 4)) COMMENT 'part of cash_14_rc that kept promises made before the visit; not the visit\'s doing, to be taken off an uplift' CODEC(LZ4),
    window_complete_14 Bool COMMENT '14 days (the default of metrics.visit_windows) after the visit have passed on the as-of day',
    cash_30_rc Nullable(Decimal(18, 4)) COMMENT 'cash received from the day of the visit through 30 days (the default of metrics.visit_windows) after it on items overdue and undisputed at the visit, never above overdue_rc; cash counts for the latest visit before it only' CODEC(LZ4),
    cash_before_30_rc Nullable(Decimal(18, 4)) COMMENT 'cash received in the 30 days (the default of metrics.visit_windows) before the visit on items overdue and undisputed when they began: the baseline' CODEC(LZ4),
    promised_before_30_rc Nullable(Decimal(18, 4)) COMMENT 'part of cash_30_rc that kept promises made before the visit; not the visit\'s doing, to be taken off an uplift' CODEC(LZ4),
    window_complete_30 Bool COMMENT '30 days (the default of metrics.visit_windows) after the visit have passed on the as-of day',
    reason LowCardinality(Nullable(String)) COMMENT 'why money columns are NULL: missing_rate'
)
ENGINE = MergeTree
ORDER BY (customer_id, day, visit_id)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'one row a visit or call that took place, and the cash before and after it, reporting currency at the invoice\'s rate (D3). Recovery = sum(cash_after) / sum(overdue), baseline = sum(cash_before) / sum(overdue), uplift = recovery - baseline, over visits whose window is complete. Before and after, not cause and effect';

CREATE TABLE IF NOT EXISTS huikuan.rep_attribution
(
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    basis LowCardinality(String) COMMENT 'invoice_rep: reps of the invoice by split shares; owner_at_due: account owner of the due date (of today where that lies ahead); owner_at_cash: account owner of the receipt date, of the day for balances, as in rep_collection; owner_today: account owner on the as-of day',
    rep_id String COMMENT 'rep, or unassigned' CODEC(LZ4),
    rep_name Nullable(String) COMMENT 'display name' CODEC(LZ4),
    team LowCardinality(Nullable(String)) COMMENT 'team',
    currency LowCardinality(String) COMMENT 'reporting currency of every money column here',
    collected Decimal(18, 4) COMMENT 'receipts of the month less bounced receipts and refunds; what no invoice has used goes by the owner of its date, or of today' CODEC(LZ4),
    collected_unapplied Decimal(18, 4) COMMENT 'part of collected not applied to any invoice up to the as-of day' CODEC(LZ4),
    collected_due_basis Decimal(18, 4) COMMENT 'part of collected on items overdue at opening or due in the month; numerator of the collection rate (C2)' CODEC(LZ4),
    due_basis_denominator Decimal(18, 4) COMMENT 'opening_overdue + fell_due less prepaid, credits and write-offs (C2)' CODEC(LZ4),
    collection_rate Nullable(Decimal(38, 10)) COMMENT 'collected_due_basis / due_basis_denominator, fraction (C2); NULL = undefined, see the reason' CODEC(LZ4),
    opening_overdue Decimal(18, 4) COMMENT 'open invoices at the end of the previous month, due by then' CODEC(LZ4),
    fell_due Decimal(18, 4) COMMENT 'instalments due in the month, whole amount' CODEC(LZ4),
    billed Decimal(18, 4) COMMENT 'invoices and debit notes of the month' CODEC(LZ4),
    closing_open Decimal(18, 4) COMMENT 'open invoices at the end of the month' CODEC(LZ4),
    closing_overdue Decimal(18, 4) COMMENT 'part of closing_open 1 day or more past due' CODEC(LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why collection_rate is NULL: nothing_collectable, missing_rate'
)
ENGINE = MergeTree
ORDER BY (month, company, basis, rep_id)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'collection by month, company and rep under four ways to say whose an invoice is; the totals of a month and company are the same under each (C9). The last month runs to the as-of day';

CREATE TABLE IF NOT EXISTS huikuan.fx_as_of
(
    as_of Date32 COMMENT 'day, as in ar_snapshots' CODEC(DoubleDelta, LZ4),
    currency LowCardinality(String) COMMENT 'document currency',
    rate_closing Nullable(Decimal(38, 10)) COMMENT 'reporting currency for one unit on as_of, or the last rate within 7 days before; NULL = unknown' CODEC(LZ4),
    rate_constant Nullable(Decimal(38, 10)) COMMENT 'the same on constant_day, equal on all days; NULL = unknown' CODEC(LZ4),
    constant_day Date32 COMMENT 'day of the constant rate: as configured, else the last day before the fiscal year of the build\'s as-of day' CODEC(DoubleDelta, LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why rate_closing is NULL: missing_rate',
    reason_constant LowCardinality(Nullable(String)) COMMENT 'why rate_constant is NULL: missing_rate'
)
ENGINE = MergeTree
ORDER BY (as_of, currency)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'exchange rates into reporting currency at the days of ar_snapshots, for every currency with documents; document amounts times these are the as-of and the constant valuation';

CREATE TABLE IF NOT EXISTS huikuan.ar_as_of
(
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, LZ4),
    first_day Date32 COMMENT 'first day of the month of the earliest document; as_of where there are none' CODEC(DoubleDelta, LZ4),
    reporting_currency LowCardinality(String) COMMENT 'currency of the columns with the suffix _rc',
    daily_days Int64 COMMENT 'days to as_of with a row each in ar_snapshots' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY as_of
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'one row: the day up to which the tables were built; models take their today from here, never from the clock';

CREATE TABLE IF NOT EXISTS huikuan.payment_behaviour
(
    month Date32 COMMENT 'first day of the month' CODEC(DoubleDelta, LZ4),
    month_end Date32 COMMENT 'last day of the month, or the as-of day; end of every window' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer' CODEC(LZ4),
    n_w90 Int64 COMMENT 'instalments with cash received in the last metrics.behaviour.recent_days days' CODEC(LZ4),
    n_w365 Int64 COMMENT 'instalments with cash received in the last metrics.behaviour.year_days days' CODEC(LZ4),
    settled_count Int64 COMMENT 'instalments settled by cash whose last receipt is in the last metrics.behaviour.year_days days; denominator of days_to_pay_settled and days_late_settled' CODEC(LZ4),
    settled_count_ever Int64 COMMENT 'instalments settled by cash up to month_end' CODEC(LZ4),
    settled_late_count Int64 COMMENT 'part of settled_count whose last receipt is after the due date; denominator of days_late_when_late' CODEC(LZ4),
    consecutive_late Int64 COMMENT 'latest instalments settled by cash, all late, without one on time between them' CODEC(LZ4),
    days_to_pay_w90_numerator Nullable(Decimal(38, 10)) COMMENT 'days from invoice to receipt x cash received in the last metrics.behaviour.recent_days days; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_w90_denominator Nullable(Decimal(18, 4)) COMMENT 'cash received in the last metrics.behaviour.recent_days days, reporting currency at the invoice\'s rate; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_w90 Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_w90_numerator / days_to_pay_w90_denominator, days, partial payments included (B11); NULL = undefined, see the reason' CODEC(LZ4),
    days_to_pay_w365_numerator Nullable(Decimal(38, 10)) COMMENT 'days from invoice to receipt x cash received in the last metrics.behaviour.year_days days; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_w365_denominator Nullable(Decimal(18, 4)) COMMENT 'cash received in the last metrics.behaviour.year_days days, reporting currency at the invoice\'s rate; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_w365 Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_w365_numerator / days_to_pay_w365_denominator, days, partial payments included (B11); NULL = undefined, see the reason' CODEC(LZ4),
    days_to_pay_prior_w365_numerator Nullable(Decimal(38, 10)) COMMENT 'days from invoice to receipt x cash received in the metrics.behaviour.year_days days before the recent ones; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_prior_w365_denominator Nullable(Decimal(18, 4)) COMMENT 'cash received in the metrics.behaviour.year_days days before the recent ones, reporting currency at the invoice\'s rate; NULL = no exchange rate' CODEC(LZ4),
    days_to_pay_prior_w365 Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_prior_w365_numerator / days_to_pay_prior_w365_denominator, days, partial payments included (B11); NULL = undefined, see the reason' CODEC(LZ4),
    days_with_open_numerator Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_w365_numerator + days from invoice to month_end x what is open; NULL = no exchange rate' CODEC(LZ4),
    days_with_open_denominator Nullable(Decimal(18, 4)) COMMENT 'days_to_pay_w365_denominator + what is open, reporting currency; NULL = no exchange rate' CODEC(LZ4),
    days_with_open Nullable(Decimal(38, 10)) COMMENT 'the same with what is still open, so that slow items are not left out until they are paid, days (B11); NULL = undefined, see the reason' CODEC(LZ4),
    terms_numerator Nullable(Decimal(38, 10)) COMMENT 'days from invoice to due date x cash, last metrics.behaviour.year_days days; NULL = no exchange rate' CODEC(LZ4),
    terms_weighted Nullable(Decimal(38, 10)) COMMENT 'terms_numerator / days_to_pay_w365_denominator, days (B13); terms_weighted + days_beyond_terms_signed = days_to_pay_w365, exactly; NULL = undefined, see the reason' CODEC(LZ4),
    days_beyond_terms_signed_numerator Nullable(Decimal(38, 10)) COMMENT 'days from due date to receipt, early ones negative, x cash, last metrics.behaviour.year_days days; NULL = no exchange rate' CODEC(LZ4),
    days_beyond_terms_signed Nullable(Decimal(38, 10)) COMMENT 'days_beyond_terms_signed_numerator / days_to_pay_w365_denominator, days, early payment counts negative (B12); NULL = undefined, see the reason' CODEC(LZ4),
    days_beyond_terms_floored_numerator Nullable(Decimal(38, 10)) COMMENT 'days late, 0 when early, x cash, last metrics.behaviour.year_days days; NULL = no exchange rate' CODEC(LZ4),
    days_beyond_terms_floored Nullable(Decimal(38, 10)) COMMENT 'days_beyond_terms_floored_numerator / days_to_pay_w365_denominator, days, early payment counts 0 (B12); NULL = undefined, see the reason' CODEC(LZ4),
    days_to_pay_settled_numerator Int64 COMMENT 'days from invoice to last receipt, summed over settled_count' CODEC(LZ4),
    days_to_pay_settled Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_settled_numerator / settled_count, days (B10); NULL = undefined, see the reason' CODEC(LZ4),
    days_late_settled_numerator Int64 COMMENT 'days from due date to last receipt, 0 when early, summed over settled_count' CODEC(LZ4),
    days_late_settled Nullable(Decimal(38, 10)) COMMENT 'days_late_settled_numerator / settled_count, days late over all settled (B12); NULL = undefined, see the reason' CODEC(LZ4),
    days_late_when_late Nullable(Decimal(38, 10)) COMMENT 'days_late_settled_numerator / settled_late_count, days late over the late ones only (B12); NULL = undefined, see the reason' CODEC(LZ4),
    p25_days_to_pay Nullable(Int64) COMMENT 'days from invoice to last receipt that a quarter of settled_count do not exceed' CODEC(LZ4),
    p50_days_to_pay Nullable(Int64) COMMENT 'median days from invoice to last receipt of settled_count' CODEC(LZ4),
    p80_days_to_pay Nullable(Int64) COMMENT 'days from invoice to last receipt that four fifths of settled_count do not exceed' CODEC(LZ4),
    first_over_30_late_on Nullable(Date32) COMMENT 'first day on which an instalment of the customer was more than metrics.behaviour.first_late_days days late, up to month_end, whether or not the customer ever paid; NULL = never' CODEC(DoubleDelta, LZ4),
    partial_payment_count_w90 Int64 COMMENT 'receipts of the last metrics.behaviour.recent_days days that left their instalment open' CODEC(LZ4),
    partial_payment_count_w365 Int64 COMMENT 'receipts of the last metrics.behaviour.year_days days that left their instalment open' CODEC(LZ4),
    round_sum_count_w90 Int64 COMMENT 'payments of the last metrics.behaviour.recent_days days applied with a round sum that left an instalment open (the sum a multiple of round_sum, document currency)' CODEC(LZ4),
    round_sum_count_w365 Int64 COMMENT 'the same in the last metrics.behaviour.year_days days' CODEC(LZ4),
    usual_weekday Nullable(Int64) COMMENT 'weekday of most receipts in the last metrics.behaviour.year_days days, 1 = Monday; NULL = fewer than 3 receipts' CODEC(LZ4),
    usual_day_of_month Nullable(Int64) COMMENT 'day of the month of most receipts in the last metrics.behaviour.year_days days; NULL = fewer than 3 receipts' CODEC(LZ4),
    cycle_ratio Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_w90 / days_to_pay_prior_w365, fraction; above 1 = pays more slowly; NULL = undefined, see the reason' CODEC(LZ4),
    cycle_change Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_w90 - days_to_pay_prior_w365, days; NULL = undefined, see the reason' CODEC(LZ4),
    cycle_prior_w365 Nullable(Decimal(38, 10)) COMMENT 'days_to_pay_prior_w365 again, days; NULL = undefined, see the reason' CODEC(LZ4),
    reason_w90 LowCardinality(Nullable(String)) COMMENT 'why days_to_pay_w90 is NULL: no_receipts, missing_rate',
    reason_w365 LowCardinality(Nullable(String)) COMMENT 'why days_to_pay_w365, days_beyond_terms and terms_weighted are NULL: no_receipts, missing_rate',
    reason_prior LowCardinality(Nullable(String)) COMMENT 'why days_to_pay_prior_w365 is NULL: insufficient_history, no_receipts, missing_rate',
    reason_open LowCardinality(Nullable(String)) COMMENT 'why days_with_open is NULL: no_receipts, missing_rate',
    reason_settled LowCardinality(Nullable(String)) COMMENT 'why days_to_pay_settled, days_late_settled and the percentiles are NULL: no_receipts',
    reason_late LowCardinality(Nullable(String)) COMMENT 'why days_late_when_late is NULL: no_receipts, none_late',
    reason_habit LowCardinality(Nullable(String)) COMMENT 'why usual_weekday and usual_day_of_month are NULL: insufficient_history',
    reason_cycle LowCardinality(Nullable(String)) COMMENT 'why cycle_ratio is NULL: insufficient_history, no_receipts, missing_rate, zero_days'
)
ENGINE = MergeTree
ORDER BY (company, customer_id, month)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'how a customer pays, month by month; a month knows only what was received and applied by its end (B10-B13). Months begin with the first receipt or the first day more than metrics.behaviour.first_late_days days late; those without receipts in their windows and without anything open have no row. Windows count back from month_end by receipt date; weights are amounts in reporting currency at the invoice\'s rate; instalments cleared by credit or write-off are left out';

CREATE TABLE IF NOT EXISTS huikuan.cash_forecast
(
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, LZ4),
    company String COMMENT 'legal entity' CODEC(LZ4),
    customer_id String COMMENT 'customer; empty for the sales plan' CODEC(LZ4),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on as_of',
    basis LowCardinality(String) COMMENT 'open_items = open invoices by pattern, promise or plan line; sales_plan = sales not yet billed, by the configured plan',
    currency LowCardinality(String) COMMENT 'document currency',
    week Date32 COMMENT 'first day of the week' CODEC(DoubleDelta, LZ4),
    week_no Int64 COMMENT '1 = the seven days after as_of, up to 13' CODEC(LZ4),
    expected Decimal(18, 4) COMMENT 'expected cash of the week' CODEC(LZ4),
    expected_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    low Nullable(Decimal(18, 4)) COMMENT 'expected x what came of the whole forecast for this week in past month-ends, never on the other side of expected: a quarter of the outcomes lay below; NULL = fewer than 4 origins' CODEC(LZ4),
    low_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate' CODEC(LZ4),
    high Nullable(Decimal(18, 4)) COMMENT 'expected x what came of the whole forecast for this week in past month-ends, never on the other side of expected: a quarter of the outcomes lay above; NULL = fewer than 4 origins' CODEC(LZ4),
    high_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate' CODEC(LZ4),
    naive_due_date Decimal(18, 4) COMMENT 'cash if every item were paid on its due date, those overdue in week 1' CODEC(LZ4),
    naive_due_date_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4),
    from_promises Decimal(18, 4) COMMENT 'part of expected that rests on promises and plan lines' CODEC(LZ4),
    from_promises_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(LZ4)
)
ENGINE = MergeTree
ORDER BY (company, customer_id, basis, currency, week_no)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'cash expected from the items open on as_of, in each of the 13 weeks after it (F1). Week 1 is the seven days after as_of, so its first day is a Monday where as_of is a Sunday. Rows of one customer, currency and week exist where any figure is not 0';

CREATE TABLE IF NOT EXISTS huikuan.cash_forecast_backtest
(
    origin Date32 COMMENT 'month-end at which the forecast is made' CODEC(DoubleDelta, LZ4),
    week Date32 COMMENT 'first day of the week' CODEC(DoubleDelta, LZ4),
    week_no Int64 COMMENT '1 = the seven days after origin, up to 13' CODEC(LZ4),
    scope LowCardinality(String) COMMENT 'group, company, segment',
    scope_id String COMMENT 'identifier within the scope; empty for the group' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'reporting currency of every amount here, at the invoice\'s rate',
    forecast Decimal(18, 4) COMMENT 'expected cash of the week' CODEC(LZ4),
    low Nullable(Decimal(18, 4)) COMMENT 'lower band, from the origins whose week was over by then and what is known today of their cash; NULL = fewer than 4 of them' CODEC(LZ4),
    high Nullable(Decimal(18, 4)) COMMENT 'upper band, from the origins whose week was over by then and what is known today of their cash; NULL = fewer than 4 of them' CODEC(LZ4),
    naive Decimal(18, 4) COMMENT 'the same items expected on their due dates, those overdue in week 1' CODEC(LZ4),
    actual Nullable(Decimal(18, 4)) COMMENT 'cash received in the week on the items open at origin; NULL = the week is not over' CODEC(LZ4),
    complete Bool COMMENT 'the week lies before the end of the as-of day'
)
ENGINE = MergeTree
ORDER BY (scope, scope_id, origin, week_no)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'the forecast as it would have been made at each of the last metrics.forecast.backtest_months month-ends, without looking ahead, beside the cash that came on the items then open (F2). WAPE = sum of |forecast - actual| / sum of actual over complete weeks';

CREATE TABLE IF NOT EXISTS huikuan.dso_bridge
(
    from_month_end Date32 COMMENT 'opening month-end' CODEC(DoubleDelta, LZ4),
    to_month_end Date32 COMMENT 'closing month-end; the last one is the as-of day' CODEC(DoubleDelta, LZ4),
    span LowCardinality(String) COMMENT 'month = the month-end before, year = the same month last year',
    scope LowCardinality(String) COMMENT 'group, company, segment',
    scope_id String COMMENT 'identifier within the scope; empty for the group' CODEC(LZ4),
    currency LowCardinality(String) COMMENT 'reporting currency of the amounts',
    ar_from Nullable(Decimal(18, 4)) COMMENT 'net AR at from_month_end' CODEC(LZ4),
    sales_from Nullable(Decimal(18, 4)) COMMENT 'sales of the 90 days to from_month_end' CODEC(LZ4),
    ar_to Nullable(Decimal(18, 4)) COMMENT 'net AR at to_month_end' CODEC(LZ4),
    sales_to Nullable(Decimal(18, 4)) COMMENT 'sales of the 90 days to to_month_end' CODEC(LZ4),
    dso_from Nullable(Decimal(38, 10)) COMMENT 'ar_from / sales_from x 90, days; NULL = undefined, see the reason' CODEC(LZ4),
    terms Nullable(Decimal(38, 10)) COMMENT 'customers were granted longer or shorter terms, days; NULL = undefined, see the reason' CODEC(LZ4),
    speed Nullable(Decimal(38, 10)) COMMENT 'undisputed items were paid faster or more slowly against their terms, days; NULL = undefined, see the reason' CODEC(LZ4),
    mix Nullable(Decimal(38, 10)) COMMENT 'sales moved between customers that pay fast and slowly, days; NULL = undefined, see the reason' CODEC(LZ4),
    disputes Nullable(Decimal(38, 10)) COMMENT 'more or less was disputed, days; NULL = undefined, see the reason' CODEC(LZ4),
    write_offs Nullable(Decimal(38, 10)) COMMENT 'write-offs between the two month-ends took items out of AR, days, never above 0 where nothing was taken back; NULL = undefined, see the reason' CODEC(LZ4),
    fx Nullable(Decimal(38, 10)) COMMENT 'exchange rates moved between billing and balance, days; NULL = undefined, see the reason' CODEC(LZ4),
    dso_to Nullable(Decimal(38, 10)) COMMENT 'ar_to / sales_to x 90, days; NULL = undefined, see the reason' CODEC(LZ4),
    reason LowCardinality(Nullable(String)) COMMENT 'why the bridge is NULL: no_sales, sales_nonpositive, credit_balance, insufficient_history, missing_rate'
)
ENGINE = MergeTree
ORDER BY (scope, scope_id, to_month_end, span)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 16
COMMENT 'why DSO (90 days, B3) moved between two month-ends; dso_from + terms + speed + mix + disputes + write_offs + fx = dso_to, exactly. Negative = fewer days';

CREATE TABLE IF NOT EXISTS huikuan.cash_forecast_ledger
(
    created_at DateTime64(6, 'UTC') COMMENT 'instant the forecast was made, UTC' CODEC(Delta(8), ZSTD(1)),
    build_id String COMMENT 'build that made it' CODEC(ZSTD(1)),
    as_of Date32 COMMENT 'end of this day' CODEC(DoubleDelta, ZSTD(1)),
    company String COMMENT 'legal entity' CODEC(ZSTD(1)),
    customer_id String COMMENT 'customer; empty for the sales plan' CODEC(ZSTD(1)),
    segment LowCardinality(Nullable(String)) COMMENT 'segment of the customer on as_of',
    basis LowCardinality(String) COMMENT 'open_items = open invoices by pattern, promise or plan line; sales_plan = sales not yet billed, by the configured plan',
    currency LowCardinality(String) COMMENT 'document currency',
    week Date32 COMMENT 'first day of the week' CODEC(DoubleDelta, ZSTD(1)),
    week_no Int64 COMMENT '1 = the seven days after as_of, up to 13' CODEC(T64, ZSTD(1)),
    expected Decimal(18, 4) COMMENT 'expected cash of the week' CODEC(T64, ZSTD(1)),
    expected_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(T64, ZSTD(1)),
    low Nullable(Decimal(18, 4)) COMMENT 'expected x what came of the whole forecast for this week in past month-ends, never on the other side of expected: a quarter of the outcomes lay below; NULL = fewer than 4 origins' CODEC(T64, ZSTD(1)),
    low_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate' CODEC(T64, ZSTD(1)),
    high Nullable(Decimal(18, 4)) COMMENT 'expected x what came of the whole forecast for this week in past month-ends, never on the other side of expected: a quarter of the outcomes lay above; NULL = fewer than 4 origins' CODEC(T64, ZSTD(1)),
    high_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate' CODEC(T64, ZSTD(1)),
    naive_due_date Decimal(18, 4) COMMENT 'cash if every item were paid on its due date, those overdue in week 1' CODEC(T64, ZSTD(1)),
    naive_due_date_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(T64, ZSTD(1)),
    from_promises Decimal(18, 4) COMMENT 'part of expected that rests on promises and plan lines' CODEC(T64, ZSTD(1)),
    from_promises_rc Nullable(Decimal(18, 4)) COMMENT 'the same in reporting currency; NULL = no exchange rate' CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (company, customer_id, as_of, created_at, basis, currency, week_no)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'every forecast that was ever published, one set a build, to be scored when the weeks have passed; nothing is overwritten';

CREATE TABLE IF NOT EXISTS huikuan.raw_pages_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    hash String COMMENT 'SHA-256 of body and of what is stored with it to map it, hexadecimal' CODEC(ZSTD(1)),
    slice String COMMENT 'part of the stream that the page belongs to' CODEC(ZSTD(1)),
    ordinal Int64 COMMENT '1, 2, … within the slice' CODEC(T64, ZSTD(1)),
    url String COMMENT 'address of the request, without secrets' CODEC(ZSTD(1)),
    records_path String COMMENT 'dotted path to the records; empty = the body is the list' CODEC(ZSTD(1)),
    columns String COMMENT 'names of the columns as a JSON list where records are lists; else empty' CODEC(ZSTD(1)),
    record_count Int64 COMMENT 'number of records' CODEC(T64, ZSTD(1)),
    first_record Int64 COMMENT 'ordinal of the first record in the stream\'s read' CODEC(T64, ZSTD(1)),
    fetched_at DateTime64(6, 'UTC') COMMENT 'instant of receipt, UTC' CODEC(Delta(8), ZSTD(1)),
    run_id String COMMENT 'run that fetched it' CODEC(ZSTD(1)),
    body String COMMENT 'the page as received, as one Zstandard frame' CODEC(NONE),
    body_bytes Int64 COMMENT 'bytes of the page before compression' CODEC(T64, ZSTD(1)),
    page_version UInt64 COMMENT '_version of the rows that the page gave; 0 = kept before there was this column' CODEC(T64, ZSTD(1)),
    pass LowCardinality(String) COMMENT 'changed, open, full; empty = changed',
    file String COMMENT 'file it was read from; empty for APIs' CODEC(ZSTD(1)),
    lookups String COMMENT 'dictionaries of the page as JSON: name to entries, or to the hash of a row of raw_lookups' CODEC(ZSTD(1)),
    lines String COMMENT 'line numbers of the records as a JSON list, where they do not simply follow on first_record' CODEC(ZSTD(1)),
    replaces String COMMENT 'as JSON, the parents whose rows are all on the page: tables, column, values; empty if none' CODEC(ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, stream, hash)
TTL toDateTime(fetched_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'every page as received, so that a mended mapping can be replayed without asking the source';

CREATE OR REPLACE VIEW huikuan.raw_pages
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    hash String COMMENT 'SHA-256 of body and of what is stored with it to map it, hexadecimal',
    slice String COMMENT 'part of the stream that the page belongs to',
    ordinal Int64 COMMENT '1, 2, … within the slice',
    url String COMMENT 'address of the request, without secrets',
    records_path String COMMENT 'dotted path to the records; empty = the body is the list',
    columns String COMMENT 'names of the columns as a JSON list where records are lists; else empty',
    record_count Int64 COMMENT 'number of records',
    first_record Int64 COMMENT 'ordinal of the first record in the stream\'s read',
    fetched_at DateTime64(6, 'UTC') COMMENT 'instant of receipt, UTC',
    run_id String COMMENT 'run that fetched it',
    body String COMMENT 'the page as received, as one Zstandard frame',
    body_bytes Int64 COMMENT 'bytes of the page before compression',
    page_version UInt64 COMMENT '_version of the rows that the page gave; 0 = kept before there was this column',
    pass LowCardinality(String) COMMENT 'changed, open, full; empty = changed',
    file String COMMENT 'file it was read from; empty for APIs',
    lookups String COMMENT 'dictionaries of the page as JSON: name to entries, or to the hash of a row of raw_lookups',
    lines String COMMENT 'line numbers of the records as a JSON list, where they do not simply follow on first_record',
    replaces String COMMENT 'as JSON, the parents whose rows are all on the page: tables, column, values; empty if none'
)
AS SELECT
    source,
    stream,
    hash,
    slice,
    ordinal,
    url,
    records_path,
    columns,
    record_count,
    first_record,
    fetched_at,
    run_id,
    body,
    body_bytes,
    page_version,
    pass,
    file,
    lookups,
    lines,
    replaces
FROM huikuan.raw_pages_docs FINAL
WHERE _deleted = 0
COMMENT 'every page as received, so that a mended mapping can be replayed without asking the source';

CREATE TABLE IF NOT EXISTS huikuan.raw_lookups_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    hash String COMMENT 'SHA-256 of the dictionary, hexadecimal' CODEC(ZSTD(1)),
    name String COMMENT 'name of the dictionary' CODEC(ZSTD(1)),
    entries Int64 COMMENT 'number of entries' CODEC(T64, ZSTD(1)),
    saved_at DateTime64(6, 'UTC') COMMENT 'instant at which a page last needed it, UTC' CODEC(Delta(8), ZSTD(1)),
    body String COMMENT 'the dictionary as a JSON object, as one Zstandard frame' CODEC(NONE),
    body_bytes Int64 COMMENT 'bytes of it before compression' CODEC(T64, ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, hash)
TTL toDateTime(saved_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'dictionaries that raw pages were mapped with, each content once';

CREATE OR REPLACE VIEW huikuan.raw_lookups
(
    source LowCardinality(String) COMMENT 'configured source',
    hash String COMMENT 'SHA-256 of the dictionary, hexadecimal',
    name String COMMENT 'name of the dictionary',
    entries Int64 COMMENT 'number of entries',
    saved_at DateTime64(6, 'UTC') COMMENT 'instant at which a page last needed it, UTC',
    body String COMMENT 'the dictionary as a JSON object, as one Zstandard frame',
    body_bytes Int64 COMMENT 'bytes of it before compression'
)
AS SELECT
    source,
    hash,
    name,
    entries,
    saved_at,
    body,
    body_bytes
FROM huikuan.raw_lookups_docs FINAL
WHERE _deleted = 0
COMMENT 'dictionaries that raw pages were mapped with, each content once';

CREATE TABLE IF NOT EXISTS huikuan.ops_seen_keys_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    table_name LowCardinality(String) COMMENT 'table whose key it is',
    row_key String COMMENT 'parts of the key joined by the character 31' CODEC(ZSTD(1)),
    seen_at DateTime64(6, 'UTC') COMMENT 'instant at which the page with it was received, UTC' CODEC(Delta(8), ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, stream, table_name, row_key)
TTL toDateTime(seen_at) + INTERVAL 7 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'keys that a keys pass under way has met in the source; compared with the tables at its end and then dropped';

CREATE OR REPLACE VIEW huikuan.ops_seen_keys
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    table_name LowCardinality(String) COMMENT 'table whose key it is',
    row_key String COMMENT 'parts of the key joined by the character 31',
    seen_at DateTime64(6, 'UTC') COMMENT 'instant at which the page with it was received, UTC'
)
AS SELECT
    source,
    stream,
    table_name,
    row_key,
    seen_at
FROM huikuan.ops_seen_keys_docs FINAL
WHERE _deleted = 0
COMMENT 'keys that a keys pass under way has met in the source; compared with the tables at its end and then dropped';

CREATE TABLE IF NOT EXISTS huikuan.ops_lost_keys_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    table_name LowCardinality(String) COMMENT 'table whose key it is',
    row_key String COMMENT 'parts of the key joined by the character 31' CODEC(ZSTD(1)),
    state LowCardinality(String) COMMENT 'suspected: it may have been made since; absent: a read of everything did not bring it either, as the mapping leaves it out',
    noted_at DateTime64(6, 'UTC') COMMENT 'instant at which it was missed, UTC' CODEC(Delta(8), ZSTD(1)),
    run_id String COMMENT 'run that missed it' CODEC(ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, stream, table_name, row_key)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'keys that a keys pass met in the source and the tables lack';

CREATE OR REPLACE VIEW huikuan.ops_lost_keys
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    table_name LowCardinality(String) COMMENT 'table whose key it is',
    row_key String COMMENT 'parts of the key joined by the character 31',
    state LowCardinality(String) COMMENT 'suspected: it may have been made since; absent: a read of everything did not bring it either, as the mapping leaves it out',
    noted_at DateTime64(6, 'UTC') COMMENT 'instant at which it was missed, UTC',
    run_id String COMMENT 'run that missed it'
)
AS SELECT
    source,
    stream,
    table_name,
    row_key,
    state,
    noted_at,
    run_id
FROM huikuan.ops_lost_keys_docs FINAL
WHERE _deleted = 0
COMMENT 'keys that a keys pass met in the source and the tables lack';

CREATE TABLE IF NOT EXISTS huikuan.rejected_rows_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    record_hash String COMMENT 'SHA-256 of the raw record, hexadecimal' CODEC(ZSTD(1)),
    table_name LowCardinality(String) COMMENT 'table the record was meant for',
    record Int64 COMMENT 'ordinal in the read; for files the line number' CODEC(T64, ZSTD(1)),
    record_key String COMMENT 'identifier of the record where it is known' CODEC(ZSTD(1)),
    field String COMMENT 'field at fault' CODEC(ZSTD(1)),
    found String COMMENT 'value found' CODEC(ZSTD(1)),
    expected String COMMENT 'value expected' CODEC(ZSTD(1)),
    reason String COMMENT 'what is wrong' CODEC(ZSTD(1)),
    hint String COMMENT 'how to mend it' CODEC(ZSTD(1)),
    raw String COMMENT 'the record as received' CODEC(ZSTD(1)),
    run_id String COMMENT 'run that last met it' CODEC(ZSTD(1)),
    rejected_at DateTime64(6, 'UTC') COMMENT 'instant of the last rejection, UTC' CODEC(Delta(8), ZSTD(1)),
    id String COMMENT 'short name of the record: the first twelve digits of record_hash' CODEC(ZSTD(1)),
    status LowCardinality(String) COMMENT 'open or resolved; empty = open, rejected before there was this column',
    resolved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'instant at which the record was loaded after all, UTC' CODEC(Delta(8), ZSTD(1)),
    page String COMMENT 'hash of the row of raw_pages that holds it; empty if pages are not kept' CODEC(ZSTD(1)),
    page_version UInt64 COMMENT '_version that the rows of its page have' CODEC(T64, ZSTD(1)),
    pass LowCardinality(String) COMMENT 'pass of the stream that met it',
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, stream, record_hash)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'records that could not be mapped, each with its reason: loaded or rejected, never lost';

CREATE OR REPLACE VIEW huikuan.rejected_rows
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream of the source',
    record_hash String COMMENT 'SHA-256 of the raw record, hexadecimal',
    table_name LowCardinality(String) COMMENT 'table the record was meant for',
    record Int64 COMMENT 'ordinal in the read; for files the line number',
    record_key String COMMENT 'identifier of the record where it is known',
    field String COMMENT 'field at fault',
    found String COMMENT 'value found',
    expected String COMMENT 'value expected',
    reason String COMMENT 'what is wrong',
    hint String COMMENT 'how to mend it',
    raw String COMMENT 'the record as received',
    run_id String COMMENT 'run that last met it',
    rejected_at DateTime64(6, 'UTC') COMMENT 'instant of the last rejection, UTC',
    id String COMMENT 'short name of the record: the first twelve digits of record_hash',
    status LowCardinality(String) COMMENT 'open or resolved; empty = open, rejected before there was this column',
    resolved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'instant at which the record was loaded after all, UTC',
    page String COMMENT 'hash of the row of raw_pages that holds it; empty if pages are not kept',
    page_version UInt64 COMMENT '_version that the rows of its page have',
    pass LowCardinality(String) COMMENT 'pass of the stream that met it'
)
AS SELECT
    source,
    stream,
    record_hash,
    table_name,
    record,
    record_key,
    field,
    found,
    expected,
    reason,
    hint,
    raw,
    run_id,
    rejected_at,
    id,
    status,
    resolved_at,
    page,
    page_version,
    pass
FROM huikuan.rejected_rows_docs FINAL
WHERE _deleted = 0
COMMENT 'records that could not be mapped, each with its reason: loaded or rejected, never lost';

CREATE TABLE IF NOT EXISTS huikuan.ops_runs_docs
(
    run_id String COMMENT 'identifier, sorts by time' CODEC(ZSTD(1)),
    kind LowCardinality(String) COMMENT 'sync, build, replay, models (a build of models alone)',
    status LowCardinality(String) COMMENT 'running, ok, partial (rejected rows or failed tests), failed',
    started_at DateTime64(6, 'UTC') COMMENT 'begin, UTC' CODEC(Delta(8), ZSTD(1)),
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'end, UTC; empty while running or killed' CODEC(Delta(8), ZSTD(1)),
    rows_loaded Int64 COMMENT 'rows loaded' CODEC(T64, ZSTD(1)),
    rows_rejected Int64 COMMENT 'records rejected' CODEC(T64, ZSTD(1)),
    version LowCardinality(String) COMMENT 'version of huikuan',
    host LowCardinality(String) COMMENT 'machine',
    error String COMMENT 'first error; empty if none' CODEC(ZSTD(1)),
    full_because String COMMENT 'why a build replayed all documents, else which tables it computed anew from all customers; empty where the changed customers were enough' CODEC(ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY run_id
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'runs of sync and build';

CREATE OR REPLACE VIEW huikuan.ops_runs
(
    run_id String COMMENT 'identifier, sorts by time',
    kind LowCardinality(String) COMMENT 'sync, build, replay, models (a build of models alone)',
    status LowCardinality(String) COMMENT 'running, ok, partial (rejected rows or failed tests), failed',
    started_at DateTime64(6, 'UTC') COMMENT 'begin, UTC',
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'end, UTC; empty while running or killed',
    rows_loaded Int64 COMMENT 'rows loaded',
    rows_rejected Int64 COMMENT 'records rejected',
    version LowCardinality(String) COMMENT 'version of huikuan',
    host LowCardinality(String) COMMENT 'machine',
    error String COMMENT 'first error; empty if none',
    full_because String COMMENT 'why a build replayed all documents, else which tables it computed anew from all customers; empty where the changed customers were enough'
)
AS SELECT
    run_id,
    kind,
    status,
    started_at,
    finished_at,
    rows_loaded,
    rows_rejected,
    version,
    host,
    error,
    full_because
FROM huikuan.ops_runs_docs FINAL
WHERE _deleted = 0
COMMENT 'runs of sync and build';

CREATE TABLE IF NOT EXISTS huikuan.ops_slices_docs
(
    run_id String COMMENT 'run' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream',
    slice String COMMENT 'part of the stream; empty = all' CODEC(ZSTD(1)),
    status LowCardinality(String) COMMENT 'ok, partial, failed',
    started_at DateTime64(6, 'UTC') COMMENT 'begin, UTC' CODEC(Delta(8), ZSTD(1)),
    finished_at DateTime64(6, 'UTC') COMMENT 'end, UTC' CODEC(Delta(8), ZSTD(1)),
    pages Int64 COMMENT 'pages read' CODEC(T64, ZSTD(1)),
    records_read Int64 COMMENT 'records read = mapped + filtered + rejected' CODEC(T64, ZSTD(1)),
    records_filtered Int64 COMMENT 'records skipped by the mapping\'s conditions' CODEC(T64, ZSTD(1)),
    records_rejected Int64 COMMENT 'records rejected' CODEC(T64, ZSTD(1)),
    rows_loaded Int64 COMMENT 'rows loaded; one record may give several' CODEC(T64, ZSTD(1)),
    bytes Int64 COMMENT 'bytes of Arrow data sent' CODEC(T64, ZSTD(1)),
    error String COMMENT 'error that ended it; empty if none' CODEC(ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (run_id, source, stream, slice)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'what each stream brought in each run';

CREATE OR REPLACE VIEW huikuan.ops_slices
(
    run_id String COMMENT 'run',
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream',
    slice String COMMENT 'part of the stream; empty = all',
    status LowCardinality(String) COMMENT 'ok, partial, failed',
    started_at DateTime64(6, 'UTC') COMMENT 'begin, UTC',
    finished_at DateTime64(6, 'UTC') COMMENT 'end, UTC',
    pages Int64 COMMENT 'pages read',
    records_read Int64 COMMENT 'records read = mapped + filtered + rejected',
    records_filtered Int64 COMMENT 'records skipped by the mapping\'s conditions',
    records_rejected Int64 COMMENT 'records rejected',
    rows_loaded Int64 COMMENT 'rows loaded; one record may give several',
    bytes Int64 COMMENT 'bytes of Arrow data sent',
    error String COMMENT 'error that ended it; empty if none'
)
AS SELECT
    run_id,
    source,
    stream,
    slice,
    status,
    started_at,
    finished_at,
    pages,
    records_read,
    records_filtered,
    records_rejected,
    rows_loaded,
    bytes,
    error
FROM huikuan.ops_slices_docs FINAL
WHERE _deleted = 0
COMMENT 'what each stream brought in each run';

CREATE TABLE IF NOT EXISTS huikuan.ops_receipts
(
    written_at DateTime64(6, 'UTC') COMMENT 'instant of the acknowledgement, UTC' CODEC(Delta(8), ZSTD(1)),
    run_id String COMMENT 'run' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream',
    slice String COMMENT 'part of the stream' CODEC(ZSTD(1)),
    table_name LowCardinality(String) COMMENT 'table written',
    rows Int64 COMMENT 'rows' CODEC(T64, ZSTD(1)),
    bytes Int64 COMMENT 'bytes of Arrow data' CODEC(T64, ZSTD(1)),
    token String COMMENT 'deduplication token' CODEC(ZSTD(1)),
    hash String COMMENT 'hash of the payload' CODEC(ZSTD(1)),
    seconds Float64 COMMENT 'duration, seconds' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (written_at, run_id)
TTL toDateTime(written_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'every acknowledged insert';

CREATE TABLE IF NOT EXISTS huikuan.ops_model_runs
(
    run_id String COMMENT 'run' CODEC(ZSTD(1)),
    model LowCardinality(String) COMMENT 'model',
    status LowCardinality(String) COMMENT 'ok, failed, skipped',
    started_at DateTime64(6, 'UTC') COMMENT 'begin, UTC' CODEC(Delta(8), ZSTD(1)),
    seconds Float64 COMMENT 'duration, seconds' CODEC(ZSTD(1)),
    rows Int64 COMMENT 'rows of the model' CODEC(T64, ZSTD(1)),
    hash String COMMENT 'hashes of the model\'s file, of the values of its variables and of what the models that it reads were built from' CODEC(ZSTD(1)),
    error String COMMENT 'error; empty if none' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (model, started_at)
TTL toDateTime(started_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'every build of a SQL model';

CREATE TABLE IF NOT EXISTS huikuan.ops_test_results
(
    run_id String COMMENT 'run' CODEC(ZSTD(1)),
    test LowCardinality(String) COMMENT 'name of the test',
    table_name LowCardinality(String) COMMENT 'table or model tested',
    status LowCardinality(String) COMMENT 'passed, failed, error',
    severity LowCardinality(String) COMMENT 'error blocks the publication, warn does not',
    failed_rows Int64 COMMENT 'rows that break the rule' CODEC(T64, ZSTD(1)),
    detail String COMMENT 'what broke, with an example' CODEC(ZSTD(1)),
    tested_at DateTime64(6, 'UTC') COMMENT 'instant, UTC' CODEC(Delta(8), ZSTD(1)),
    seconds Float64 COMMENT 'duration, seconds' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (tested_at, test)
TTL toDateTime(tested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'every data test';

CREATE TABLE IF NOT EXISTS huikuan.ops_state_docs
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream',
    slice String COMMENT 'part of the stream; empty = all' CODEC(ZSTD(1)),
    state String COMMENT 'cursor as JSON' CODEC(ZSTD(1)),
    run_id String COMMENT 'run that moved it' CODEC(ZSTD(1)),
    saved_at DateTime64(6, 'UTC') COMMENT 'instant, UTC' CODEC(Delta(8), ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (source, stream, slice)
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'cursors, moved only after their data is acknowledged';

CREATE OR REPLACE VIEW huikuan.ops_state
(
    source LowCardinality(String) COMMENT 'configured source',
    stream LowCardinality(String) COMMENT 'stream',
    slice String COMMENT 'part of the stream; empty = all',
    state String COMMENT 'cursor as JSON',
    run_id String COMMENT 'run that moved it',
    saved_at DateTime64(6, 'UTC') COMMENT 'instant, UTC'
)
AS SELECT
    source,
    stream,
    slice,
    state,
    run_id,
    saved_at
FROM huikuan.ops_state_docs FINAL
WHERE _deleted = 0
COMMENT 'cursors, moved only after their data is acknowledged';

CREATE TABLE IF NOT EXISTS huikuan.ops_migrations_docs
(
    number Int64 COMMENT 'number of the file' CODEC(T64, ZSTD(1)),
    name String COMMENT 'file' CODEC(ZSTD(1)),
    checksum String COMMENT 'SHA-256 of the file, hexadecimal' CODEC(ZSTD(1)),
    statements Int64 COMMENT 'statements in it' CODEC(T64, ZSTD(1)),
    applied_at DateTime64(6, 'UTC') COMMENT 'instant, UTC' CODEC(Delta(8), ZSTD(1)),
    _version UInt64 COMMENT 'the highest version of a key wins' CODEC(T64, ZSTD(1)),
    _deleted UInt8 COMMENT '1 = withdrawn'
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY number
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'numbered migrations that were applied';

CREATE OR REPLACE VIEW huikuan.ops_migrations
(
    number Int64 COMMENT 'number of the file',
    name String COMMENT 'file',
    checksum String COMMENT 'SHA-256 of the file, hexadecimal',
    statements Int64 COMMENT 'statements in it',
    applied_at DateTime64(6, 'UTC') COMMENT 'instant, UTC'
)
AS SELECT
    number,
    name,
    checksum,
    statements,
    applied_at
FROM huikuan.ops_migrations_docs FINAL
WHERE _deleted = 0
COMMENT 'numbered migrations that were applied';

CREATE TABLE IF NOT EXISTS huikuan.document_first_seen
(
    stream LowCardinality(String) COMMENT 'document table',
    source LowCardinality(String) COMMENT 'name of the configured source',
    document_id String COMMENT 'identifier' CODEC(ZSTD(1)),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'when the first page with it was received' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (stream, source, document_id)
SETTINGS min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'since when documents are known that were loaded more than once';

CREATE TABLE IF NOT EXISTS huikuan.document_versions_log
(
    source LowCardinality(String) COMMENT 'name of the configured source',
    stream LowCardinality(String) COMMENT 'invoices or instalments',
    document_id String COMMENT 'invoice' CODEC(ZSTD(1)),
    instalment_seq Int64 COMMENT 'instalment; 0 = the invoice itself' CODEC(T64, ZSTD(1)),
    content UInt64 COMMENT 'hash of the content',
    follows DateTime64(6, 'UTC') COMMENT 'of a content that comes back: when another one was seen last before; 1970 = it does not',
    customer_id SimpleAggregateFunction(any, Nullable(String)) COMMENT 'customer; empty on instalments' CODEC(ZSTD(1)),
    document_date SimpleAggregateFunction(any, Nullable(Date32)) COMMENT 'date of the document; empty on instalments' CODEC(DoubleDelta, ZSTD(1)),
    due_date SimpleAggregateFunction(any, Nullable(Date32)) COMMENT 'due date; of an invoice the one it bears itself' CODEC(DoubleDelta, ZSTD(1)),
    terms_code SimpleAggregateFunction(any, Nullable(String)) COMMENT 'payment terms; empty on instalments' CODEC(ZSTD(1)),
    currency SimpleAggregateFunction(any, Nullable(String)) COMMENT 'currency; empty on instalments' CODEC(ZSTD(1)),
    amount SimpleAggregateFunction(any, Decimal(18, 4)) COMMENT 'amount with tax, or of the instalment' CODEC(T64, ZSTD(1)),
    edited_by SimpleAggregateFunction(any, Nullable(String)) COMMENT 'who changed it last, where the source tells' CODEC(ZSTD(1)),
    seen_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'when a load saw this content first' CODEC(ZSTD(1)),
    last_seen_at SimpleAggregateFunction(max, DateTime64(6, 'UTC')) COMMENT 'when a load saw it last, before it changed; the newest is what holds' CODEC(ZSTD(1)),
    made_by SimpleAggregateFunction(min, Tuple(UInt64, String)) COMMENT 'version of the row that had it first, and its run' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (document_id, source, stream, instalment_seq, content, follows)
SETTINGS min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 16
COMMENT 'what invoices and their instalments said, as loads saw them: one row for each time a document that was loaded more than once began to say something else, kept when it is deleted';

CREATE OR REPLACE VIEW huikuan.document_versions
(
    source LowCardinality(String) COMMENT 'name of the configured source',
    stream LowCardinality(String) COMMENT 'invoices or instalments',
    document_id String COMMENT 'invoice',
    instalment_seq Int64 COMMENT 'instalment; 0 = the invoice itself',
    customer_id Nullable(String) COMMENT 'customer; empty on instalments',
    document_date Nullable(Date32) COMMENT 'date of the document; empty on instalments',
    due_date Nullable(Date32) COMMENT 'due date; of an invoice the one it bears itself',
    terms_code LowCardinality(Nullable(String)) COMMENT 'payment terms; empty on instalments',
    currency LowCardinality(Nullable(String)) COMMENT 'currency; empty on instalments',
    amount Decimal(18, 4) COMMENT 'amount with tax, or of the instalment',
    edited_by Nullable(String) COMMENT 'who changed it last, where the source tells',
    seen_at DateTime64(6, 'UTC') COMMENT 'when a load saw this content first',
    last_seen_at DateTime64(6, 'UTC') COMMENT 'when a load saw it last, before it changed; the newest is what holds',
    run_id String COMMENT 'run that loaded it first'
)
AS SELECT
    source,
    stream,
    document_id,
    instalment_seq,
    customer_id,
    document_date,
    due_date,
    terms_code,
    currency,
    amount,
    edited_by,
    seen_at,
    last_seen_at,
    run_id
FROM (
    SELECT
        s.source AS source,
        s.stream AS stream,
        s.document_id AS document_id,
        s.instalment_seq AS instalment_seq,
        any(s.customer_id) AS customer_id,
        any(s.document_date) AS document_date,
        any(s.due_date) AS due_date,
        any(s.terms_code) AS terms_code,
        any(s.currency) AS currency,
        any(s.amount) AS amount,
        any(s.edited_by) AS edited_by,
        min(s.seen_at) AS seen_at,
        max(s.last_seen_at) AS last_seen_at,
        min(s.made_by).2 AS run_id
    FROM (
        SELECT *, countIf(isNull(before) OR content != before) OVER (PARTITION BY source, stream, document_id, instalment_seq ORDER BY seen_at, made_by, content ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth
        FROM (
            SELECT *, lagInFrame(toNullable(content)) OVER (PARTITION BY source, stream, document_id, instalment_seq ORDER BY seen_at, made_by, content ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
            FROM (
                SELECT *
                FROM (
SELECT source, stream, document_id, instalment_seq, content, follows, holds, any(l.customer_id) AS customer_id, any(l.document_date) AS document_date, any(l.due_date) AS due_date, any(l.terms_code) AS terms_code, any(l.currency) AS currency, any(l.amount) AS amount, any(l.edited_by) AS edited_by, min(l.seen_at) AS seen_at, max(l.last_seen_at) AS last_seen_at, min(l.made_by) AS made_by
FROM (
SELECT source, stream, document_id, instalment_seq, content, customer_id, document_date, due_date, terms_code, currency, amount, edited_by, seen_at, last_seen_at, made_by, follows, 0 AS holds
FROM huikuan.document_versions_log
UNION ALL
SELECT
    source,
    'invoices' AS stream,
    invoice_id AS document_id,
    toInt64(0) AS instalment_seq,
    sipHash64(tuple(toNullable(customer_id)), tuple(toNullable(invoice_date)), tuple(due_date), tuple(CAST(terms_code, 'Nullable(String)')), tuple(CAST(currency, 'Nullable(String)')), tuple(gross_amount)) AS content,
    toNullable(customer_id) AS customer_id,
    toNullable(invoice_date) AS document_date,
    due_date AS due_date,
    CAST(terms_code, 'Nullable(String)') AS terms_code,
    CAST(currency, 'Nullable(String)') AS currency,
    gross_amount AS amount,
    edited_by AS edited_by,
    least(_loaded_at, if(_version > 100000000000000000, fromUnixTimestamp64Micro(toInt64(intDiv(_version, 256)), 'UTC'), _loaded_at)) AS seen_at,
    seen_at AS last_seen_at,
    (_version, _run_id) AS made_by,
    toDateTime64(0, 6, 'UTC') AS follows,
    1 AS holds
FROM huikuan.invoices_docs FINAL
WHERE _deleted = 0 AND invoice_id GLOBAL IN (SELECT document_id FROM huikuan.document_versions_log)
UNION ALL
SELECT
    source,
    'instalments' AS stream,
    invoice_id AS document_id,
    seq AS instalment_seq,
    sipHash64(tuple(toNullable(due_date)), tuple(amount)) AS content,
    CAST(NULL, 'Nullable(String)') AS customer_id,
    CAST(NULL, 'Nullable(Date32)') AS document_date,
    toNullable(due_date) AS due_date,
    CAST(NULL, 'Nullable(String)') AS terms_code,
    CAST(NULL, 'Nullable(String)') AS currency,
    amount AS amount,
    CAST(NULL, 'Nullable(String)') AS edited_by,
    least(_loaded_at, if(_version > 100000000000000000, fromUnixTimestamp64Micro(toInt64(intDiv(_version, 256)), 'UTC'), _loaded_at)) AS seen_at,
    seen_at AS last_seen_at,
    (_version, _run_id) AS made_by,
    toDateTime64(0, 6, 'UTC') AS follows,
    1 AS holds
FROM huikuan.instalments_docs FINAL
WHERE _deleted = 0 AND invoice_id GLOBAL IN (SELECT document_id FROM huikuan.document_versions_log)
) AS l
GROUP BY source, stream, document_id, instalment_seq, content, follows, holds
                )
                ORDER BY source, stream, document_id, instalment_seq, made_by.1 DESC, last_seen_at DESC
                LIMIT 1 BY source, stream, document_id, instalment_seq, if(made_by.1 > 100000000000000000, intDiv(made_by.1, 256), made_by.1)
            )
        )
    ) AS s
    GROUP BY s.source, s.stream, s.document_id, s.instalment_seq, s.nth
)
COMMENT 'what invoices and their instalments said, as loads saw them: one row for each time a document that was loaded more than once began to say something else, kept when it is deleted';
