/* Addresses that anything stands at: their divisions, the building (or house) they are in, and the path from them up to it. */
WITH RECURSIVE used AS (
    SELECT address_id FROM residence_history WHERE seen_to IS NULL
    UNION SELECT address_id FROM premises_history WHERE seen_to IS NULL
    UNION SELECT address_id FROM house),
climb AS (
    SELECT address_id, address_id AS above, 0 AS steps FROM used WHERE address_id IS NOT NULL
    UNION ALL
    SELECT climb.address_id, parent.address_id, steps + 1
    FROM climb JOIN address AS child ON child.address_id = climb.above JOIN address AS parent ON parent.address_id = child.parent_id
    WHERE parent.level NOT IN ('province', 'city', 'county', 'town', 'community')),
path AS (
    SELECT climb.address_id, list(climb.above) AS path,
           coalesce(min(climb.above) FILTER (address.level = 'building'), min(climb.above) FILTER (address.level = 'house')) AS site_id
    FROM climb JOIN address ON address.address_id = climb.above
    GROUP BY climb.address_id)
SELECT address_id, level, full_text, province, city, county, town, community, site_id, path
FROM path JOIN address USING (address_id)
