/* Every place where somebody or something is registered against every place where they live or work: how far apart.
   kind is NULL where nothing says that they are apart: is_same where the texts are the same or one lies in the other within a building, else one
   is not known deeply enough to tell. A registration that only tells more coarsely what another one tells is left out. */
WITH registered AS (
    SELECT * FROM stay AS coarse
    WHERE kind = 'registered' AND NOT EXISTS (
        FROM stay AS fine
        WHERE fine.table_name = coarse.table_name AND fine.subject_id = coarse.subject_id AND fine.kind = 'registered'
          AND fine.address_id <> coarse.address_id AND list_contains(fine.path, coarse.address_id))),
pair AS (
    SELECT registered.table_name, registered.subject_id,
           registered.id AS registered_id, registered.address_id AS registered_address_id, registered.town AS registered_town,
           registered.community AS registered_community, registered.effective_from AS registered_from,
           registered.effective_from_basis AS registered_from_basis, registered.seen_from AS registered_seen_from,
           other.id AS other_id, other.kind AS other_kind, other.address_id AS other_address_id, other.town AS other_town,
           other.community AS other_community, other.effective_from AS other_from, other.effective_from_basis AS other_from_basis,
           other.seen_from AS other_seen_from,
           coalesce(registered.address_text = other.address_text OR registered.site_id = other.site_id, FALSE) AS is_near,
           CASE WHEN registered.outside IS NOT NULL AND other.outside IS NOT NULL THEN NULL
                WHEN registered.outside IS NOT NULL THEN registered.outside
                WHEN other.outside IS NOT NULL THEN other.outside
                WHEN registered.province <> other.province THEN 'between_provinces'
                WHEN registered.city <> other.city THEN 'within_province'
                WHEN registered.county <> other.county THEN 'within_city'
                WHEN registered.town <> other.town THEN 'within_county'
                WHEN registered.community <> other.community THEN 'within_town'
                WHEN list_contains(registered.path, other.address_id) OR list_contains(other.path, registered.address_id) THEN NULL
                WHEN registered.site_id = other.site_id THEN 'within_building'
                WHEN list_contains(registered.path, other.site_id) OR list_contains(other.path, registered.site_id) THEN NULL
                WHEN registered.community = other.community AND registered.site_id <> other.site_id THEN 'within_community' END AS kind
    FROM registered JOIN stay AS other USING (table_name, subject_id)
    WHERE other.kind <> 'registered')
SELECT * EXCLUDE (is_near), kind IS NULL AND is_near AS is_same,
       CASE WHEN other_from IS NULL THEN NULL WHEN registered_from > other_from THEN registered_from ELSE other_from END AS since,
       CASE WHEN other_from IS NULL THEN NULL WHEN registered_from > other_from THEN registered_from_basis ELSE other_from_basis END AS since_basis
FROM pair
