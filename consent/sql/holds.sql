-- Legal holds. What a held person withdraws, or has erased, or what is too old, is moved behind the hold in the statement
-- that would destroy it; there it is read for the hold alone, through the gate. Lifting a hold destroys what it held.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- Hung behind every table about people, with the column that names whose a row is. Nothing is held nearly always: one
-- question a statement is all that costs.
CREATE OR REPLACE FUNCTION {schema}.consent_keep_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.consent_legalhold h WHERE h.lifted_at IS NULL) THEN
        EXECUTE format(
            'INSERT INTO {schema}.consent_heldrow (hold_id, person_id, "table", row)'
            ' SELECT h.id, h.person, %L, to_jsonb(g) FROM gone g JOIN {schema}.consent_legalhold h ON h.person = g.%I'
            ' WHERE h.lifted_at IS NULL', TG_TABLE_NAME, TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;

-- How many rows of each table a hold keeps. Only numbers leave.
CREATE OR REPLACE FUNCTION {schema}.consent_held_by_table(hold_ uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(x."table", x.number), '{}')
    FROM (SELECT r."table", count(*) AS number FROM {schema}.consent_heldrow r WHERE r.hold_id = hold_ GROUP BY 1) x
$$;

-- A hold is reviewed and lifted by an officer, in the transaction of the entry that says so. What it held goes with it.
CREATE OR REPLACE FUNCTION {schema}.consent_hold_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    act constant text := CASE WHEN NEW.lifted_at IS DISTINCT FROM OLD.lifted_at THEN 'consent.hold_lifted'
                              ELSE 'consent.hold_reviewed' END;
    actor constant uuid := CASE WHEN NEW.lifted_at IS DISTINCT FROM OLD.lifted_at THEN NEW.lifted_by ELSE NEW.reviewed_by END;
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'the hold is lifted' USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_lifted_once';
    END IF;
    IF NOT EXISTS (
        SELECT FROM {schema}.accounts_person p JOIN {schema}.accounts_roleheld r ON r.person_id = p.id
        JOIN {schema}.audit_entry e ON e.by = p.id
        WHERE p.id = actor AND p.is_active AND r.role = 'officer' AND e.xid = pg_current_xact_id()::text::bigint
          AND e.event = act AND e.payload @> jsonb_build_object('hold', OLD.id)) THEN
        RAISE EXCEPTION 'a hold is reviewed and lifted by an officer, on the record'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_changes_on_record';
    END IF;
    IF NEW.lifted_at IS NOT NULL THEN
        NEW.lifted_at := clock_timestamp();
        DELETE FROM {schema}.consent_heldrow WHERE hold_id = OLD.id;
        -- Looks under the hold left receipts about somebody who was erased meanwhile.
        DELETE FROM {schema}.consent_datauseperson d WHERE d.person_id = OLD.person
            AND EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = OLD.person AND e.state = 'erased');
    ELSE
        NEW.reviewed_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

RESET ROLE;

CREATE OR REPLACE TRIGGER consent_hold_changes BEFORE UPDATE ON {schema}.consent_legalhold
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_hold_changes();

-- The evidence that a hold was reviewed (consent/sql/obligations.sql).
CREATE OR REPLACE FUNCTION {schema}.consent_hold_review_may_end(obligation_ uuid, outcome_ text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT outcome_ = 'complete' AND EXISTS (
        SELECT FROM {schema}.consent_obligation o JOIN {schema}.consent_legalhold h ON h.id = o.thing
        WHERE o.id = obligation_ AND (h.lifted_at IS NOT NULL OR h.reviewed_at > o.opened_at))
$$;
