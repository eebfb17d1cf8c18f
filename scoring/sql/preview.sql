-- What a model would do (ADR 24): both models over the same counts, in one look, and nothing but figures about groups of
-- five or more comes out. Only those count who said yes to figures about groups.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- Works a model out over everybody who is counted in figures, as of a week, and keeps the figures. Returns nothing.
CREATE OR REPLACE FUNCTION {schema}.scoring_make_preview(as_of date, half_life integer, minimum integer, terms jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('team_figures');
    fewest constant integer := 5;
    now_model {schema}.scoring_modelversion;
    now_terms jsonb;
    figures jsonb;
BEGIN
    SELECT * INTO now_model FROM {schema}.scoring_modelversion WHERE is_current;
    SELECT jsonb_agg(jsonb_build_object('kind', t.kind, 'weight', t.weight, 'halfway', t.halfway)) INTO now_terms
        FROM {schema}.scoring_modelterm t WHERE t.model_id = now_model.id;
    WITH who AS (
        SELECT d.person_id FROM {schema}.consent_datauseperson d
        JOIN {schema}.consent_participation p ON p.person_id = d.person_id AND p.purpose = 'scoring'
        WHERE d.use_id = use AND d.is_allowed
    ), people AS (
        SELECT array_agg(person_id) AS ids FROM who
    ), a AS (
        SELECT w.* FROM people, {schema}.scoring_work_out(as_of, now_model.decay, now_model.minimum_colleagues, now_terms, ids) w
    ), b AS (
        SELECT w.* FROM people,
            {schema}.scoring_work_out(as_of, {schema}.scoring_decay(half_life), minimum, terms, ids) w
    ), both_ AS (
        SELECT who.person_id, a.value / 100.0 AS before, b.value / 100.0 AS after, (b.value - a.value) / 100.0 AS moved,
               a.kinds AS kinds_before, a.points AS points_before, b.kinds AS kinds_after, b.points AS points_after,
               m.team_id
        FROM who LEFT JOIN a USING (person_id) LEFT JOIN b USING (person_id)
        LEFT JOIN {schema}.accounts_teammember m ON m.person_id = who.person_id
    ), ranked AS (
        SELECT moved, rank() OVER (ORDER BY before) + (count(*) OVER (PARTITION BY before) - 1) / 2.0 AS r,
               rank() OVER (ORDER BY after) + (count(*) OVER (PARTITION BY after) - 1) / 2.0 AS s
        FROM both_ WHERE moved IS NOT NULL
    ), band AS (
        SELECT width_bucket(moved, ARRAY[-10, -5, -1, 1.0001, 5.0001, 10.0001]) AS n FROM both_ WHERE moved IS NOT NULL
    ), kind_moved AS (
        SELECT person_id, moved > 0 AS up, kind, sum(points) / 100.0 AS points FROM (
            SELECT person_id, moved, k AS kind, p AS points FROM both_, unnest(kinds_after, points_after) AS t (k, p)
            UNION ALL
            SELECT person_id, moved, k, -p FROM both_, unnest(kinds_before, points_before) AS t (k, p)
        ) AS every_part WHERE abs(moved) > 1 GROUP BY person_id, up, kind
    ), team AS (
        SELECT t.name, count(*) AS n,
               avg((before > median_before)::int) AS rate_before, avg((after > median_after)::int) AS rate_after,
               avg(before) AS mean_before, avg(after) AS mean_after,
               coalesce(var_samp(before), 0) AS var_before, coalesce(var_samp(after), 0) AS var_after
        FROM both_ JOIN {schema}.accounts_team t ON t.id = both_.team_id,
             (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY before) AS median_before,
                     percentile_cont(0.5) WITHIN GROUP (ORDER BY after) AS median_after FROM both_ WHERE moved IS NOT NULL) AS m
        WHERE moved IS NOT NULL GROUP BY t.name
        HAVING count(*) >= fewest AND (SELECT count(*) FROM both_ WHERE moved IS NOT NULL) - count(*) >= fewest
    )
    SELECT jsonb_build_object(
        'people', (SELECT count(*) / fewest * fewest FROM who),
        'scored_before', (SELECT count(before) / fewest * fewest FROM both_),
        'scored_after', (SELECT count(after) / fewest * fewest FROM both_),
        'distribution', (SELECT jsonb_agg(jsonb_build_array(
                (SELECT count(*) FROM both_ WHERE width_bucket(before, 0, 100, 10) = n) / fewest * fewest,
                (SELECT count(*) FROM both_ WHERE width_bucket(after, 0, 100, 10) = n) / fewest * fewest) ORDER BY n)
            FROM generate_series(1, 10) n),
        'moves', (SELECT jsonb_agg((SELECT count(*) FROM band WHERE band.n = g) / fewest * fewest ORDER BY g)
            FROM generate_series(0, 6) g),
        'rank_correlation', (SELECT round(corr(r, s)::numeric, 3) FROM ranked HAVING count(*) >= fewest),
        'moved_99', (SELECT round(percentile_cont(0.99) WITHIN GROUP (ORDER BY abs(moved))::numeric, 1)
            FROM ranked HAVING count(*) >= 100),
        'reasons', (SELECT coalesce(jsonb_agg(jsonb_build_object('up', up, 'kind', kind, 'points', points)
                ORDER BY up, abs(points) DESC), '[]') FROM (
            SELECT up, kind, round(avg(points), 1) AS points FROM kind_moved GROUP BY up, kind HAVING count(*) >= fewest
        ) AS by_kind WHERE points <> 0),
        'groups', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'people', n / fewest * fewest, 'n', n,
                'rate_before', round(rate_before, 4), 'rate_after', round(rate_after, 4),
                'mean_before', round(mean_before, 3), 'mean_after', round(mean_after, 3),
                'var_before', round(var_before, 3), 'var_after', round(var_after, 3)) ORDER BY name), '[]') FROM team),
        'groups_hidden', (SELECT count(DISTINCT team_id) FROM both_) > (SELECT count(*) FROM team)
    ) INTO figures;
    INSERT INTO {schema}.scoring_modelpreview (digest, against, figures)
        VALUES ({schema}.scoring_model_digest(half_life, minimum, terms), now_model.digest, figures)
        ON CONFLICT (digest, against) DO UPDATE SET figures = excluded.figures, made_at = clock_timestamp();
END $$;

-- Whoever approves a model has opened what it would do here, beside the model that is in effect now.
CREATE OR REPLACE FUNCTION {schema}.scoring_preview_is_opened() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told jsonb := (SELECT p.payload::jsonb FROM {schema}.consent_proposal p
                   WHERE p.id = NEW.proposal_id AND p.kind = 'scoring_model');
BEGIN
    IF told IS NULL OR NEW.verb <> 'approve' THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.scoring_previewopened o
        JOIN {schema}.scoring_modelpreview w ON w.digest = {schema}.scoring_model_digest(
            (told ->> 'half_life_days')::integer, (told ->> 'minimum_colleagues')::integer, told -> 'terms')
        JOIN {schema}.scoring_modelversion v ON v.is_current AND v.digest = w.against
        WHERE o.proposal = NEW.proposal_id AND o.person = NEW.person) THEN
        RAISE EXCEPTION 'the preview was not opened'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_evidence_opened';
    END IF;
    RETURN NEW;
END $$;

-- One opens for oneself, what is there to be opened; when, the database says.
CREATE OR REPLACE FUNCTION {schema}.scoring_opens_a_preview() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.opened_at := clock_timestamp();
    IF NOT EXISTS (SELECT FROM {schema}.consent_proposal p, {schema}.scoring_modelpreview w
        WHERE p.id = NEW.proposal AND p.kind = 'scoring_model' AND w.digest = {schema}.scoring_model_digest(
            (p.payload::jsonb ->> 'half_life_days')::integer, (p.payload::jsonb ->> 'minimum_colleagues')::integer,
            p.payload::jsonb -> 'terms')) THEN
        RAISE EXCEPTION 'there is no preview of this' USING ERRCODE = 'check_violation', CONSTRAINT = 'preview_is_there';
    END IF;
    RETURN NEW;
END $$;

RESET ROLE;

CREATE OR REPLACE TRIGGER scoring_preview_is_opened BEFORE INSERT ON {schema}.consent_decision
    FOR EACH ROW EXECUTE FUNCTION {schema}.scoring_preview_is_opened();
CREATE OR REPLACE TRIGGER scoring_opens_a_preview BEFORE INSERT ON {schema}.scoring_previewopened
    FOR EACH ROW EXECUTE FUNCTION {schema}.scoring_opens_a_preview();
