-- Article 1: rows about a person exist only under that person's own open grant. Composite keys bind a row's person
-- to its grant's person, and the cascade makes a withdrawal delete in its own transaction, race or no race.

ALTER TABLE {schema}.scoring_weekcount ADD CONSTRAINT week_count_under_open_grant
    FOREIGN KEY (person_id, grant_id) REFERENCES {schema}.consent_opengrant (person_id, grant_id) ON DELETE CASCADE;
ALTER TABLE {schema}.scoring_exclusion ADD CONSTRAINT exclusion_under_open_grant
    FOREIGN KEY (person_id, grant_id) REFERENCES {schema}.consent_opengrant (person_id, grant_id) ON DELETE CASCADE;
ALTER TABLE {schema}.scoring_score ADD CONSTRAINT score_under_participation
    FOREIGN KEY (person_id, participation_id) REFERENCES {schema}.consent_participation (person_id, id) ON DELETE CASCADE;
ALTER TABLE {schema}.scoring_stalescore ADD CONSTRAINT stale_score_under_participation
    FOREIGN KEY (person_id, participation_id) REFERENCES {schema}.consent_participation (person_id, id) ON DELETE CASCADE;

-- The cascade from a participation looks scores up by both columns.
CREATE INDEX score_of_participation ON {schema}.scoring_score (person_id, participation_id);

-- Article 8: the parts of a score add up to it exactly.
CREATE FUNCTION {schema}.scoring_total(parts smallint[]) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$ SELECT coalesce(sum(p), 0) FROM unnest(parts) p $$;
ALTER TABLE {schema}.scoring_score ADD CONSTRAINT score_parts_add_up CHECK (
    value = {schema}.scoring_total(points)
    AND cardinality(points) = cardinality(kinds) AND cardinality(colleagues) = cardinality(kinds)
);
