/* ---
description: x
columns: [{name: a, description: b}]
--- */
SELECT 1 AS a
