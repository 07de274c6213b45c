-- As 0001, with the columns that customers have gained since.
CREATE OR REPLACE VIEW customers_current AS
SELECT
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
    valid_from
FROM customers
ORDER BY customer_id, valid_from DESC, _loaded_at DESC, source
LIMIT 1 BY customer_id
