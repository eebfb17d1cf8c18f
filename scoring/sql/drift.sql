-- Drift watch (ADR 32): a run is compared with the newest scores of the same people by the same model. Beyond the company's
-- bounds nothing of it is published (scoring_run in engine.sql) until a steward lets it through.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- Figures about 50 people or more who were scored both times, and about sources with ten or more:
--
-- stability        population stability index of the scores, over ten bands of ten points
-- without          shares without enough to go by: before, now
-- volumes          by source: colleagues of the newest week over the mean of the four weeks before; of runs for everyone
CREATE OR REPLACE FUNCTION {schema}.scoring_drift(run bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('scoring');
    now_run {schema}.scoring_run := (SELECT r FROM {schema}.scoring_run r WHERE r.id = run);
    last_full bigint := (SELECT max(r.id) FROM {schema}.scoring_run r
                         WHERE r.model_id = now_run.model_id AND r.scope = 'full' AND NOT r.is_held AND r.id < run);
    -- Of a large table some pages are enough: the sums are compared with sums over the same pages.
    portion real := least(100, 100 * 200000.0 / greatest(1, (SELECT c.reltuples FROM pg_class c
                                                          WHERE c.oid = '{schema}.scoring_weekcount'::regclass)));
    told jsonb;
    volumes jsonb := '[]';
BEGIN
    WITH newest AS (
        SELECT DISTINCT ON (s.person_id) s.person_id, s.value, s.kinds FROM {schema}.scoring_score s
        WHERE s.run_id >= last_full AND s.run_id < run ORDER BY s.person_id, s.run_id DESC
    ), both_ AS (
        SELECT CASE WHEN cardinality(a.kinds) > 0 THEN width_bucket(a.value, 0, 10000, 10) END AS before,
               CASE WHEN cardinality(b.kinds) > 0 THEN width_bucket(b.value, 0, 10000, 10) END AS now
        FROM {schema}.scoring_score b JOIN newest a USING (person_id)
        JOIN {schema}.consent_datauseperson d ON d.person_id = b.person_id AND d.use_id = use AND d.is_allowed
        WHERE b.run_id = run
    ), band AS (
        -- Half a person more in each band, so that an empty one has a logarithm.
        SELECT (count(*) FILTER (WHERE before = n) + 0.5) / (count(before) + 5)::float8 AS p,
               (count(*) FILTER (WHERE now = n) + 0.5) / (count(now) + 5)::float8 AS q
        FROM both_, generate_series(1, 10) n GROUP BY n
    )
    SELECT jsonb_build_object(
            'stability', CASE WHEN least(count(before), count(now)) >= 50
                THEN (SELECT round(sum((q - p) * ln(q / p))::numeric, 3) FROM band) END,
            'without', CASE WHEN count(*) >= 50
                THEN jsonb_build_array(round(1 - count(before)::numeric / count(*), 2), round(1 - count(now)::numeric / count(*), 2))
            END)
        INTO told FROM both_;
    IF now_run.scope = 'full' AND last_full IS NOT NULL THEN
        SELECT coalesce(jsonb_agg(jsonb_build_object('source', source_id, 'ratio', round(ratio, 2)) ORDER BY source_id), '[]')
            INTO volumes FROM (
            SELECT o.source_id,
                   coalesce(sum(c.colleagues) FILTER (WHERE c.week = now_run.week), 0)
                       / (sum(c.colleagues) FILTER (WHERE c.week < now_run.week) / 4.0) AS ratio
            FROM {schema}.scoring_weekcount c TABLESAMPLE SYSTEM (portion) REPEATABLE (1)
            JOIN {schema}.consent_opengrant o ON o.grant_id = c.grant_id
            JOIN {schema}.consent_datauseperson d ON d.person_id = c.person_id AND d.use_id = use AND d.is_allowed
            WHERE c.week BETWEEN now_run.week - 28 AND now_run.week
            GROUP BY o.source_id
            HAVING count(DISTINCT c.person_id) FILTER (WHERE c.week < now_run.week) >= 10
                AND sum(c.colleagues) FILTER (WHERE c.week < now_run.week) > 0
        ) v;
    END IF;
    RETURN told || jsonb_build_object('volumes', volumes);
END $$;

-- What of it lies beyond the company's bounds. What has no figure lies within them.
CREATE OR REPLACE FUNCTION {schema}.scoring_beyond(drift jsonb) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN (drift ->> 'stability')::numeric > b.stability THEN 'stability' END,
        CASE WHEN abs((drift #>> '{without,1}')::numeric - (drift #>> '{without,0}')::numeric) > b.without THEN 'without' END,
        CASE WHEN EXISTS (SELECT FROM jsonb_array_elements(drift -> 'volumes') v
                          WHERE (v ->> 'ratio')::numeric NOT BETWEEN b.volume_least AND b.volume_most) THEN 'volumes' END
    ], NULL) FROM {schema}.scoring_driftbounds b ORDER BY b.id DESC LIMIT 1
$$;

-- Whether a steward said, of a run that was held back, that the same week and model may be published.
CREATE OR REPLACE FUNCTION {schema}.scoring_is_let_through(run bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.scoring_run r JOIN {schema}.scoring_run held ON held.id = r.lets_through_id
        WHERE r.id = run AND held.is_held AND held.week = r.week AND held.model_id = r.model_id
          AND r.started_by IS NOT NULL AND btrim(r.reason) <> '')
$$;

RESET ROLE;
