-- One row a customer: the version that is valid last. Where two sources know the
-- same customer, the version that begins later wins, then the one read last.
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
    valid_from
FROM customers
ORDER BY customer_id, valid_from DESC, _loaded_at DESC, source
LIMIT 1 BY customer_id
