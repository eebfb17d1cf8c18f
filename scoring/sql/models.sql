-- Models of scoring as data. A version exists only because two others approved exactly these numbers (Article 6): the
-- app can read versions and write none. This file is run anew, as a whole, by the migration of whatever changes in it.

-- What a model weighs a week at each day of age, in millionths.
CREATE OR REPLACE FUNCTION {schema}.scoring_decay(half_life_days integer) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(round(1000000 * power(2::float8, -age::float8 / half_life_days))::integer ORDER BY age)
    FROM generate_series(0, 728) age
$$;

-- The numbers that a model works with, in one line, and its SHA-256. Two versions with the same digest give everybody
-- the same score. The same is worked out in Python (scoring/domain/model_numbers.py).
CREATE OR REPLACE FUNCTION {schema}.scoring_model_digest(half_life_days integer, minimum integer, terms jsonb)
RETURNS text LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(half_life_days || '|' || minimum || '|' || string_agg(
        (t ->> 'kind') || ':' || (t ->> 'weight') || ':' || (t ->> 'halfway'), ',' ORDER BY (t ->> 'kind')::integer), 'UTF8')), 'hex')
    FROM jsonb_array_elements(terms) t
$$;

-- Refuse numbers that are no model. True if it is the step from the version in effect to the next.
CREATE OR REPLACE FUNCTION {schema}.scoring_model_can_follow(told jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    refusal text := CASE
        WHEN jsonb_typeof(told -> 'terms') IS DISTINCT FROM 'array' OR jsonb_array_length(told -> 'terms') = 0
            THEN 'model_has_terms'
        WHEN jsonb_path_exists(told, '$.terms[*].* ? (@.type() != "number")')
             OR jsonb_path_exists(told, '$.* ? (@.type() == "number" && @ != @.floor())')
             OR jsonb_path_exists(told, '$.terms[*].* ? (@ != @.floor())') THEN 'model_of_whole_numbers'
        WHEN EXISTS (SELECT FROM jsonb_array_elements(told -> 'terms') t
                     WHERE ARRAY(SELECT key FROM jsonb_object_keys(t) key ORDER BY key COLLATE "C") <> ARRAY['halfway', 'kind', 'weight']
                        OR (t ->> 'kind')::numeric NOT BETWEEN 1 AND 8
                        OR (t ->> 'weight')::numeric NOT BETWEEN 1 AND 100
                        OR (t ->> 'halfway')::numeric NOT BETWEEN 1 AND 10000) THEN 'model_terms_in_bounds'
        WHEN (SELECT count(DISTINCT t ->> 'kind') < count(*) FROM jsonb_array_elements(told -> 'terms') t)
            THEN 'model_kind_once'
        WHEN (SELECT sum((t ->> 'weight')::integer) FROM jsonb_array_elements(told -> 'terms') t) <> 100
            THEN 'model_weights_add_up'
        WHEN (told ->> 'half_life_days')::numeric NOT BETWEEN 7 AND 365
             OR (told ->> 'minimum_colleagues')::numeric NOT BETWEEN 1 AND 1000
             OR length(btrim(told ->> 'name')) NOT BETWEEN 1 AND 80 OR length(btrim(told ->> 'reason')) = 0
            THEN 'model_in_bounds' END;
BEGIN
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'these numbers are no model: %', refusal USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    RETURN (told ->> 'version')::integer = (SELECT max(v.number) + 1 FROM {schema}.scoring_modelversion v);
END $$;

-- An approved model takes effect, and the one before retires, in the statement of the execution.
CREATE OR REPLACE FUNCTION {schema}.scoring_model_takes_effect(proposal uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told jsonb := (SELECT p.payload::jsonb FROM {schema}.consent_proposal p WHERE p.id = proposal AND p.state = 'executed');
    half_life integer := told ->> 'half_life_days';
    minimum integer := told ->> 'minimum_colleagues';
    model bigint;
BEGIN
    IF NOT {schema}.consent_executes_now('scoring_model', 'scoring_model:itself') THEN
        RAISE EXCEPTION 'no approved model takes effect now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_is_approved';
    END IF;
    PERFORM FROM {schema}.scoring_modelversion FOR UPDATE;
    -- What was approved is the step from one version to the next: another version between them, and it is void.
    IF {schema}.scoring_model_can_follow(told) IS NOT TRUE THEN
        RAISE EXCEPTION 'version % does not follow', told ->> 'version'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_follows_current';
    END IF;
    UPDATE {schema}.scoring_modelversion SET is_current = false, retired_at = clock_timestamp() WHERE is_current;
    INSERT INTO {schema}.scoring_modelversion
        (number, name, half_life_days, minimum_colleagues, decay, is_current, in_effect_at, digest, proposal)
        VALUES ((told ->> 'version')::smallint, told ->> 'name', half_life, minimum, {schema}.scoring_decay(half_life), true,
                clock_timestamp(), {schema}.scoring_model_digest(half_life, minimum, told -> 'terms'), proposal)
        RETURNING id INTO model;
    INSERT INTO {schema}.scoring_modelterm (model_id, kind, weight, halfway)
        SELECT model, (t ->> 'kind')::smallint, (t ->> 'weight')::smallint, (t ->> 'halfway')::smallint
        FROM jsonb_array_elements(told -> 'terms') t;
END $$;
