-- Before a company goes live, and after somebody has switched it off (ADR 30), nobody is scored. Off needs one person with a
-- reason; on needs two others, who see what was prepared.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

-- Whether scoring is on now.
CREATE OR REPLACE FUNCTION {schema}.scoring_is_on() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT s.is_on FROM {schema}.scoring_switch s ORDER BY s.id DESC LIMIT 1), false)
$$;

CREATE OR REPLACE FUNCTION {schema}.scoring_only_when_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Whoever switches off waits for the run that is going on, and no run begins after that.
    LOCK TABLE {schema}.scoring_switch IN SHARE MODE;
    IF NOT {schema}.scoring_is_on() THEN
        RAISE EXCEPTION 'scoring is off' USING ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'scoring_is_on';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER scoring_run_only_when_on BEFORE INSERT ON {schema}.scoring_run
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.scoring_only_when_on();
CREATE OR REPLACE TRIGGER scoring_score_only_when_on BEFORE INSERT ON {schema}.scoring_score
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.scoring_only_when_on();

-- What still keeps a company from going live: names of preparations. The notice has been out for so many working days.
CREATE OR REPLACE FUNCTION {schema}.scoring_unprepared(notice_days integer) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(wanted.kind ORDER BY wanted.kind), '{}')
    FROM unnest(ARRAY['notice', 'consultation', 'lawful_basis', 'overseer']) AS wanted (kind)
    LEFT JOIN LATERAL (
        SELECT p.* FROM {schema}.scoring_preparedness p WHERE p.kind = wanted.kind ORDER BY p.id DESC LIMIT 1) p ON true
    WHERE p.id IS NULL
       OR p.kind = 'notice' AND notice_days > 0
          AND {schema}.consent_due(p.recorded_at, notice_days, true) > clock_timestamp()
       OR p.kind = 'overseer' AND NOT EXISTS (
            SELECT FROM {schema}.accounts_person a WHERE a.id = p.overseer AND a.is_active)
$$;

CREATE OR REPLACE FUNCTION {schema}.scoring_can_go_live(told jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF jsonb_typeof(told -> 'notice_days') IS DISTINCT FROM 'number' OR (told ->> 'notice_days') !~ '^\d{1,3}$'
       OR length(btrim(told ->> 'reason')) = 0 THEN
        RAISE EXCEPTION 'that is no going live' USING ERRCODE = 'check_violation', CONSTRAINT = 'go_live_in_bounds';
    END IF;
    RETURN NOT {schema}.scoring_is_on();
END $$;

CREATE OR REPLACE FUNCTION {schema}.scoring_goes_live(proposal uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p {schema}.consent_proposal;
    missing text[];
BEGIN
    SELECT * INTO p FROM {schema}.consent_proposal WHERE id = proposal AND state = 'executed';
    IF NOT {schema}.consent_executes_now('go_live', 'go_live:itself') THEN
        RAISE EXCEPTION 'no approved going live takes effect now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_is_approved';
    END IF;
    missing := {schema}.scoring_unprepared((p.payload::jsonb ->> 'notice_days')::integer);
    IF missing <> '{}' THEN
        RAISE EXCEPTION 'not prepared: %', missing USING ERRCODE = 'check_violation', CONSTRAINT = 'go_live_when_prepared';
    END IF;
    INSERT INTO {schema}.scoring_switch (is_on, reason, switched_by)
        VALUES (true, p.payload::jsonb ->> 'reason', p.author);
END $$;

CREATE OR REPLACE FUNCTION {schema}.scoring_switch_is_set() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.switched_at := clock_timestamp();
    IF NEW.is_on AND NOT {schema}.consent_executes_now('go_live', 'go_live:itself') THEN
        RAISE EXCEPTION 'two others switch it on' USING ERRCODE = 'check_violation', CONSTRAINT = 'switch_on_by_two';
    END IF;
    IF NOT NEW.is_on AND NOT EXISTS (
        SELECT FROM {schema}.accounts_person a JOIN {schema}.accounts_roleheld r ON r.person_id = a.id
        WHERE a.id = NEW.switched_by AND a.is_active AND r.role IN ('owner', 'officer', 'steward')) THEN
        RAISE EXCEPTION 'an owner, officer or steward switches it off'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'switch_off_by_whom';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER scoring_switch_is_set BEFORE INSERT ON {schema}.scoring_switch
    FOR EACH ROW EXECUTE FUNCTION {schema}.scoring_switch_is_set();

-- When something was recorded, the database says: else a notice could be dated back.
CREATE OR REPLACE FUNCTION {schema}.scoring_preparedness_is_dated() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.recorded_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER scoring_preparedness_is_dated BEFORE INSERT ON {schema}.scoring_preparedness
    FOR EACH ROW EXECUTE FUNCTION {schema}.scoring_preparedness_is_dated();
