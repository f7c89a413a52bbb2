/* Leases that run on the data date, that a source still speaks of, of tenants who are not known to be dead: a lease may outlive its tenant. */
SELECT house_id, person_id, tenancy_id
FROM tenancy_history CROSS JOIN scope
WHERE seen_to IS NULL
  AND (effective_from IS NULL OR effective_from <= data_date) AND (effective_to IS NULL OR effective_to > data_date)
  AND person_id NOT IN (SELECT person_id FROM deceased)
