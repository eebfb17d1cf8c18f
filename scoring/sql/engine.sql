-- Work on many people's rows happens here, inside the database, and returns nothing about anybody (design §6). Each
-- function first finds the use under which it runs, whose receipt names the people; nobody else's rows are touched.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- What was set right after a dispute stays right, whatever a file or the inbox says. Changes nothing but back.
CREATE OR REPLACE FUNCTION {schema}.scoring_apply_corrections(grants bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.scoring_weekcount c SET colleagues = k.colleagues FROM {schema}.scoring_correction k
        WHERE (c.person_id, c.grant_id, c.kind, c.week) = (k.person_id, k.grant_id, k.kind, k.week)
          AND k.colleagues > 0 AND c.colleagues <> k.colleagues AND k.grant_id = ANY (grants);
    DELETE FROM {schema}.scoring_weekcount c USING {schema}.scoring_correction k
        WHERE (c.person_id, c.grant_id, c.kind, c.week) = (k.person_id, k.grant_id, k.kind, k.week)
          AND k.colleagues = 0 AND k.grant_id = ANY (grants);
$$;

-- A file's counts take the place of what was counted before.
--
-- source         its row is locked by the caller, so that nobody else writes counts of its grants meanwhile
-- whole_weeks    Mondays of the weeks that the file covers wholly; in others the larger number is kept
-- grants, kinds, weeks, numbers    the counts, row by row: different colleagues of one grant, kind and week
CREATE OR REPLACE FUNCTION {schema}.scoring_apply_counts(
    source uuid, whole_weeks date[], grants bigint[], kinds smallint[], weeks date[], numbers integer[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('scoring');
    written bigint;
BEGIN
    PERFORM {schema}.scoring_refuse_if_stopped(source);
    WITH held AS MATERIALIZED (
        -- Locked until commit: who withdraws meanwhile waits, then takes the new counts with them.
        SELECT o.grant_id, o.person_id FROM {schema}.consent_hold_open_grants(source, 'scoring') o
        JOIN {schema}.consent_datauseperson d ON d.person_id = o.person_id AND d.use_id = use AND d.is_allowed
    ), now AS MATERIALIZED (
        SELECT h.person_id, c.grant_id, c.kind, c.week, c.colleagues
        FROM unnest(grants, kinds, weeks, numbers) AS c (grant_id, kind, week, colleagues) JOIN held h USING (grant_id)
    ), before AS MATERIALIZED (
        SELECT c.person_id, c.grant_id, c.kind, c.week, c.colleagues
        FROM {schema}.scoring_weekcount c JOIN held h ON h.person_id = c.person_id AND h.grant_id = c.grant_id
    ), gone AS (
        DELETE FROM {schema}.scoring_weekcount c
        USING before b LEFT JOIN now n USING (person_id, grant_id, kind, week)
        WHERE (c.person_id, c.grant_id, c.kind, c.week) = (b.person_id, b.grant_id, b.kind, b.week)
          AND n.person_id IS NULL AND b.week = ANY (whole_weeks)
        RETURNING c.person_id
    ), corrected AS (
        UPDATE {schema}.scoring_weekcount c SET colleagues = n.colleagues
        FROM before b JOIN now n USING (person_id, grant_id, kind, week)
        WHERE (c.person_id, c.grant_id, c.kind, c.week) = (b.person_id, b.grant_id, b.kind, b.week)
          AND n.colleagues <> b.colleagues AND (n.colleagues > b.colleagues OR b.week = ANY (whole_weeks))
        RETURNING c.person_id
    ), added AS (
        INSERT INTO {schema}.scoring_weekcount (person_id, grant_id, kind, week, colleagues)
        SELECT person_id, grant_id, kind, week, n.colleagues
        FROM now n LEFT JOIN before b USING (person_id, grant_id, kind, week)
        WHERE b.person_id IS NULL
        ORDER BY person_id, grant_id, kind, week  -- as in the primary key, which then grows page by page
        RETURNING person_id
    ), changed AS (
        SELECT person_id FROM gone
        UNION ALL SELECT person_id FROM corrected
        UNION ALL SELECT person_id FROM added
    ), stale AS (
        INSERT INTO {schema}.scoring_stalescore (person_id, participation_id)
        SELECT p.person_id, p.id FROM {schema}.consent_participation p
        WHERE p.purpose = 'scoring' AND p.person_id IN (SELECT person_id FROM changed)
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO written FROM changed;
    PERFORM {schema}.scoring_apply_corrections(grants);
    RETURN written;
END $$;

-- Whose scores no longer match what they are made of: opaque ids, to be named on the receipt of the next run.
CREATE OR REPLACE FUNCTION {schema}.scoring_stale_people() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT person_id), '{}') FROM {schema}.scoring_stalescore
$$;

-- Scores by any model, over what is counted now: everybody's who has enough to go on. The one place where a score is worked
-- out in the database; the same is done in plain Python (scoring/domain/reference.py). Hands nothing to the app.
--
-- as_of     Monday of the as-of week A
-- decay     millionths that a week weighs at each active day of age
-- terms     [{kind, weight, halfway}]
-- chosen    the people, or NULL for everybody
--
-- Age of a count's week W: the days of [W + 7, A + 7) on which the person's clock ran. Nearly nobody has a pause, an
-- exclusion or an outdated grant: all rows are summed as if nobody had, and `mend` sets right the few that differ.
-- Sums of whole numbers do not mind the order, so the result is the same to the last digit.
CREATE OR REPLACE FUNCTION {schema}.scoring_work_out(as_of date, decay integer[], minimum integer, terms jsonb, chosen uuid[])
RETURNS TABLE (person_id uuid, value bigint, kinds smallint[], points smallint[], colleagues bigint[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '128MB' SET jit = off
-- A plan for everybody is a bad one for the few, and the other way round.
SET plan_cache_mode = 'force_custom_plan' AS $$
#variable_conflict use_column
DECLARE
    -- What a week weighs 0, 1, 2, … weeks back, for people without pauses.
    weights integer[] := ARRAY(SELECT decay[i] FROM generate_series(1, cardinality(decay), 7) i ORDER BY i);
BEGIN
    RETURN QUERY WITH summed AS (
        SELECT person_id, kind, sum(colleagues::bigint * weights[(as_of - week) / 7 + 1]) AS x
        FROM {schema}.scoring_weekcount
        WHERE week <= as_of AND (chosen IS NULL OR person_id = ANY (chosen))
        GROUP BY person_id, kind
    ), special AS MATERIALIZED (
        SELECT person_id FROM {schema}.scoring_pause
        UNION SELECT person_id FROM {schema}.scoring_exclusion
        UNION SELECT o.person_id FROM {schema}.consent_opengrant o
              JOIN {schema}.consent_purposeversion v ON v.id = o.purpose_version_id WHERE NOT v.is_current
    ), paused AS (
        SELECT p.person_id, w.week,
               sum(greatest(0, least(coalesce(p.ended_on, 'infinity'), as_of + 7)
                               - greatest(p.started_on, w.week + 7)))::int AS days
        FROM {schema}.scoring_pause p,
             (SELECT as_of - 7 * n AS week FROM generate_series(0, cardinality(weights) - 1) n) w
        WHERE p.started_on < as_of + 7
        GROUP BY p.person_id, w.week
    ), mend AS (
        SELECT c.person_id, c.kind, sum(c.colleagues::bigint * (
            CASE WHEN e.person_id IS NULL AND v.is_current AND c.week >= o.counts_from
                 THEN coalesce(decay[as_of - c.week - coalesce(p.days, 0) + 1], 0) ELSE 0 END
            - coalesce(weights[(as_of - c.week) / 7 + 1], 0))) AS x
        FROM {schema}.scoring_weekcount c
        JOIN {schema}.consent_opengrant o ON o.grant_id = c.grant_id
        JOIN {schema}.consent_purposeversion v ON v.id = o.purpose_version_id
        LEFT JOIN paused p ON p.person_id = c.person_id AND p.week = c.week
        LEFT JOIN {schema}.scoring_exclusion e
            ON e.person_id = c.person_id AND e.grant_id = c.grant_id AND e.kind = c.kind AND e.week = c.week
        WHERE c.week <= as_of AND c.person_id = ANY (ARRAY(
            SELECT person_id FROM special
            WHERE chosen IS NULL OR person_id = ANY (chosen)))
        GROUP BY c.person_id, c.kind
    ), weighed AS (
        SELECT person_id, kind, (s.x + coalesce(m.x, 0))::bigint AS x FROM summed s LEFT JOIN mend m USING (person_id, kind)
    ), part AS (
        -- Hundredths of a point, rounded half up: round(a / b) = (2a + b) div 2b.
        SELECT person_id, kind, x, ((200 * t.weight * x + b) / (2 * b))::smallint AS points
        FROM weighed JOIN jsonb_to_recordset(terms) AS t (kind smallint, weight integer, halfway integer) USING (kind)
        CROSS JOIN LATERAL (SELECT x + t.halfway * 1000000::bigint AS b) AS below
        WHERE x > 0
    )
    SELECT person_id, sum(points), array_agg(kind ORDER BY kind), array_agg(points ORDER BY kind),
           array_agg(x ORDER BY kind)
    FROM part GROUP BY person_id HAVING sum(x) >= minimum * 1000000::bigint;
END $$;

-- One run: the score of everyone on the receipt, with all its parts, in whole numbers. Who has not enough to go on gets
-- a row without parts. Returns how many got a score.
--
-- run       the run's row
-- as_of     Monday of the as-of week, the last full one
-- model     the model version
-- chosen    the people to score, or NULL for all on the receipt
CREATE OR REPLACE FUNCTION {schema}.scoring_run(run bigint, as_of date, model bigint, chosen uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The receipt was written a moment ago, so the planner knows of none of its rows and would loop over them.
SET enable_nestloop = off SET work_mem = '128MB' AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('scoring');
    version {schema}.scoring_modelversion;
    terms jsonb;
    scored integer;
    moved jsonb;
    too_far text[] := '{}';
BEGIN
    -- What two others approved, and nothing else, scores (Article 6).
    SELECT v.* INTO version FROM {schema}.scoring_modelversion v JOIN {schema}.scoring_run r ON r.model_id = v.id
        WHERE v.id = model AND r.id = run AND v.is_current;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not of the model in effect', run
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_of_model_in_effect';
    END IF;
    SELECT jsonb_agg(t) INTO terms FROM {schema}.scoring_modelterm t WHERE t.model_id = model;
    -- Taken back as a whole, stale marks included, where it drifted too far.
    BEGIN
        DELETE FROM {schema}.scoring_stalescore s WHERE chosen IS NULL OR s.person_id = ANY (chosen);
        WITH held AS MATERIALIZED (
            -- Locked until commit: a withdrawal waits, then takes the new scores with it. Nobody is scored who is not on the
            -- receipt.
            SELECT p.participation_id, p.person_id FROM {schema}.consent_hold_participations('scoring') p
            JOIN {schema}.consent_datauseperson d ON d.person_id = p.person_id AND d.use_id = use AND d.is_allowed
        )
        INSERT INTO {schema}.scoring_score
            (run_id, person_id, participation_id, value, kinds, points, colleagues)
        SELECT run, person_id, participation_id,
               coalesce(value, 0), coalesce(kinds, '{}'), coalesce(points, '{}'), coalesce(colleagues, '{}')
        FROM held LEFT JOIN {schema}.scoring_work_out(as_of, version.decay, version.minimum_colleagues, terms, chosen)
            USING (person_id);
        SELECT count(*) INTO scored FROM {schema}.scoring_score s WHERE s.run_id = run AND cardinality(s.kinds) > 0;
        moved := {schema}.scoring_drift(run);
        too_far := {schema}.scoring_beyond(moved);
        IF too_far <> '{}' AND NOT {schema}.scoring_is_let_through(run) THEN
            RAISE EXCEPTION USING ERRCODE = 'ASDFT';
        END IF;
    EXCEPTION WHEN SQLSTATE 'ASDFT' THEN
        UPDATE {schema}.scoring_run r SET is_held = true WHERE r.id = run;
    END;
    UPDATE {schema}.scoring_run r SET drift = moved, beyond = too_far WHERE r.id = run;
    RETURN scored;
END $$;

RESET ROLE;
