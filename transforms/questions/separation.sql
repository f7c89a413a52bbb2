/* Every place where somebody or something is registered against every place where they live or work: how far apart.
   kind is NULL where both may be the same place: one lies in the other, or one is not known deeply enough to tell. */
WITH pair AS (
    SELECT registered.table_name, registered.subject_id,
           registered.id AS registered_id, registered.address_id AS registered_address_id, registered.town AS registered_town,
           registered.community AS registered_community, registered.effective_from AS registered_from,
           registered.effective_from_basis AS registered_from_basis,
           other.id AS other_id, other.kind AS other_kind, other.address_id AS other_address_id, other.town AS other_town,
           other.community AS other_community, other.effective_from AS other_from, other.effective_from_basis AS other_from_basis,
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
    FROM stay AS registered JOIN stay AS other USING (table_name, subject_id)
    WHERE registered.kind = 'registered' AND other.kind <> 'registered')
SELECT *, CASE WHEN other_from IS NULL THEN NULL WHEN registered_from > other_from THEN registered_from ELSE other_from END AS since,
       CASE WHEN other_from IS NULL THEN NULL WHEN registered_from > other_from THEN registered_from_basis ELSE other_from_basis END AS since_basis
FROM pair
