-- Figures about teams after a run for everyone (ADR 13). A team gets one if five people or more of it count who said yes
-- to that, and if since its last figure either nobody or five people or more came or went: two figures never differ by
-- a handful of known people. Otherwise the last one stays, whatever the reason. Returns how many were published.
CREATE FUNCTION {schema}.scoring_publish_team_figures(run bigint, published timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    use uuid := {schema}.gate_use('team_figures');
    fewest constant integer := 5;
    teams uuid[];
BEGIN
    CREATE TEMPORARY TABLE contributor ON COMMIT DROP AS
        SELECT m.team_id, s.person_id, s.value
        FROM {schema}.scoring_score s
        JOIN {schema}.accounts_teammember m ON m.person_id = s.person_id
        JOIN {schema}.consent_datauseperson d ON d.person_id = s.person_id AND d.use_id = use AND d.is_allowed
        WHERE s.run_id = run AND cardinality(s.kinds) > 0;
    WITH team AS (
        SELECT c.team_id, count(*) AS number, percentile_disc(0.5) WITHIN GROUP (ORDER BY c.value) AS median,
               count(p.person_id) AS stayed
        FROM contributor c
        LEFT JOIN {schema}.scoring_teamfigureperson p ON p.team_id = c.team_id AND p.person_id = c.person_id
        GROUP BY c.team_id HAVING count(*) >= fewest
    ), last AS (
        SELECT DISTINCT ON (f.team_id) f.team_id, f.counted FROM {schema}.scoring_teamfigure f
        ORDER BY f.team_id, f.week DESC
    ), fit AS (
        SELECT t.* FROM team t LEFT JOIN last l USING (team_id)
        WHERE l.team_id IS NULL OR (l.counted - t.stayed) + (t.number - t.stayed) NOT BETWEEN 1 AND fewest - 1
    ), written AS (
        INSERT INTO {schema}.scoring_teamfigure AS f (team_id, week, median, at_least, counted, published_at)
        SELECT t.team_id, r.week, round(t.median / 500.0) * 5, t.number / fewest * fewest, t.number, published
        FROM fit t CROSS JOIN {schema}.scoring_run r WHERE r.id = run
        ON CONFLICT (team_id, week) DO UPDATE SET median = excluded.median, at_least = excluded.at_least,
            counted = excluded.counted, published_at = excluded.published_at
        RETURNING f.team_id
    )
    SELECT coalesce(array_agg(team_id), '{}') INTO teams FROM written;
    DELETE FROM {schema}.scoring_teamfigureperson p WHERE p.team_id = ANY (teams);
    INSERT INTO {schema}.scoring_teamfigureperson (person_id, team_id)
        SELECT c.person_id, c.team_id FROM contributor c WHERE c.team_id = ANY (teams);
    DROP TABLE contributor;
    RETURN cardinality(teams);
END $$;

ALTER FUNCTION {schema}.scoring_publish_team_figures(bigint, timestamptz) OWNER TO {engine};
