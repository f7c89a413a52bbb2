/* 人户分离: whoever lives elsewhere than where they are registered. Another flat of the same building is not elsewhere.
   Of several places to live the registered letting counts before a mere address, then the newest; of several registrations the newest.
   Of those without a day the one that came up last is the newest. Contradicted is who is at home elsewhere, not where nobody can tell. */
WITH apart AS (
    SELECT separation.*,
           bool_or(is_same OR coalesce(kind = 'within_building', FALSE)) OVER of_person AS is_contradicted,
           row_number() OVER (
               PARTITION BY subject_id
               ORDER BY kind IS NULL OR kind = 'within_building', other_kind <> 'rented', other_from DESC NULLS LAST, other_seen_from DESC NULLS LAST,
                        other_id, registered_from DESC NULLS LAST, registered_seen_from DESC NULLS LAST, registered_id) AS place
    FROM separation WHERE table_name = 'residence'
    WINDOW of_person AS (PARTITION BY subject_id))
SELECT subject_id AS person_id, apart.kind,
       registered_id AS registered_residence_id, registered_address_id, registered_town, registered_community,
       other_id AS staying_residence_id, other_kind AS staying_kind, other_address_id AS staying_address_id, other_town AS staying_town,
       other_community AS staying_community, since, since_basis,
       since <= data_date - (SELECT value FROM threshold WHERE name = 'separated_days')::INTEGER AS is_long, is_contradicted
FROM apart SEMI JOIN person ON person.person_id = subject_id CROSS JOIN scope
WHERE place = 1 AND apart.kind <> 'within_building' AND subject_id NOT IN (SELECT person_id FROM deceased)
