/* 注册经营异址: premises of living organisations that are not where they are registered, another room of the building included.
   Of several registrations one at the place itself is enough; one too coarse to tell says nothing. */
WITH apart AS (
    SELECT *, bool_or(is_same) OVER (PARTITION BY other_id) AS is_registered_there,
           row_number() OVER (PARTITION BY other_id ORDER BY kind IS NULL, registered_from DESC NULLS LAST, registered_seen_from DESC NULLS LAST, registered_id) AS place
    FROM separation WHERE table_name = 'premises')
SELECT other_id AS premises_id, organisation_id, organisation.name, apart.kind,
       registered_id AS registered_premises_id, registered_address_id, registered_town, registered_community,
       other_address_id AS operating_address_id, other_town AS operating_town, other_community AS operating_community, since, since_basis
FROM apart JOIN organisation ON organisation.organisation_id = subject_id ANTI JOIN ended_organisation USING (organisation_id)
WHERE place = 1 AND apart.kind IS NOT NULL AND NOT is_registered_there
