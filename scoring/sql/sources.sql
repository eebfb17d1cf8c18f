-- A source that is stopped takes nothing in until it is started again, and a retired one never (ADR 25). No file is read,
-- no event taken and nothing counted, whoever writes the SQL; what a dispute set right stays right all the same.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

CREATE OR REPLACE FUNCTION {schema}.scoring_refuse_if_stopped(source_ uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM {schema}.consent_source s
        WHERE s.id = source_ AND s.stopped_at IS NULL AND s.retired_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this source is stopped or retired'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'source_is_not_stopped';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION {schema}.scoring_refuse_file_of_stopped() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM {schema}.scoring_refuse_if_stopped(NEW.source_id);
    RETURN NEW;
END $$;

-- What of an open week was not counted yet is not kept for later: it goes, with its keys, in the stop's own transaction.
CREATE OR REPLACE FUNCTION {schema}.scoring_forget_open_weeks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_week date := date_trunc('week', clock_timestamp() AT TIME ZONE 'UTC')::date - 7;
BEGIN
    -- Deliveries hold this lock: those under way end first, and their events go as well.
    PERFORM FROM {schema}.scoring_inbox i WHERE i.source_id = NEW.id FOR UPDATE;
    DELETE FROM {schema}.scoring_sighting s USING {schema}.consent_opengrant o
        WHERE o.grant_id = s.grant_id AND o.source_id = NEW.id;
    DELETE FROM {schema}.scoring_weekkey k WHERE k.source_id = NEW.id;
    IF FOUND THEN
        -- Its bytes are wiped from disk by the next closing of weeks.
        UPDATE {schema}.scoring_inbox i
            SET closed_through = greatest(i.closed_through, last_week), keys_gone_at = NULL WHERE i.source_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

RESET ROLE;

CREATE TRIGGER scoring_import_source_runs BEFORE INSERT ON {schema}.scoring_import
    FOR EACH ROW EXECUTE FUNCTION {schema}.scoring_refuse_file_of_stopped();
CREATE TRIGGER scoring_import_source_still_runs BEFORE UPDATE OF state ON {schema}.scoring_import
    FOR EACH ROW WHEN (NEW.state <> 'failed' AND NEW.state <> 'cancelled')
    EXECUTE FUNCTION {schema}.scoring_refuse_file_of_stopped();
CREATE TRIGGER scoring_source_stops AFTER UPDATE OF stopped_at ON {schema}.consent_source
    FOR EACH ROW WHEN (OLD.stopped_at IS NULL AND NEW.stopped_at IS NOT NULL)
    EXECUTE FUNCTION {schema}.scoring_forget_open_weeks();
