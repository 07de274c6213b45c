-- One row a rep: where two sources know the same rep, the one read last wins.
CREATE OR REPLACE VIEW reps_current AS
SELECT
    rep_id,
    name,
    team,
    company
FROM reps
ORDER BY rep_id, _loaded_at DESC, source
LIMIT 1 BY rep_id
