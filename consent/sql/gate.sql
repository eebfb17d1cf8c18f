-- The gate (design §6). Rows about a person can be read only in a transaction to which a data use is bound, and that
-- use was committed, by another transaction, before the first row was read. Nothing here is written while rows are read.
--
-- All functions belong to the engine, a role that nobody can log in as and whose own policy lets it see every row.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};  -- the owner does not inherit what the engine's are: it has to step into its role

-- Open a use for a transaction that is going on elsewhere. Call it on a connection of its own, which commits: whatever
-- becomes of the reader's transaction, the receipt stays.
CREATE OR REPLACE FUNCTION {schema}.gate_open(
    purpose_key text, reader uuid, about_people uuid[], reason_given text, reading_xid bigint, opened timestamptz
) RETURNS TABLE (use_id uuid, asked integer, allowed integer, reader_may boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wording {schema}.consent_purposeversion;
    may boolean;
    people uuid[] := about_people;
    use uuid := gen_random_uuid();
BEGIN
    IF reading_xid = pg_current_xact_id()::text::bigint
       OR pg_xact_status(reading_xid::text::xid8) IS DISTINCT FROM 'in progress' THEN
        RAISE EXCEPTION 'a data use is opened by one transaction for another that is going on'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Restored or rewritten, the ledger may have forgotten who said no since. Only what deletes goes on.
    IF purpose_key <> 'erasure' AND EXISTS (SELECT FROM {schema}.audit_alarm a WHERE a.resolved_at IS NULL) THEN
        RAISE EXCEPTION 'a witness remembers another ledger: nothing about people is read until an officer resolves it'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    -- The same after a restore, until the journal outside has said who left since.
    IF purpose_key <> 'erasure' AND {schema}.consent_is_fenced() THEN
        RAISE EXCEPTION 'this database was restored: nothing about people is read until the journal is replayed'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT * INTO STRICT wording FROM {schema}.consent_purposeversion v WHERE v.purpose = purpose_key AND v.is_current;
    may := CASE
        WHEN reader IS NULL THEN 'machine' = ANY (wording.readers)
        ELSE EXISTS (SELECT FROM {schema}.accounts_person p WHERE p.id = reader AND p.is_active) AND (
            'self' = ANY (wording.readers) AND about_people = ARRAY[reader]
            OR 'named' = ANY (wording.readers) AND {schema}.consent_is_shown(reader, about_people)
            OR EXISTS (SELECT FROM {schema}.accounts_roleheld h WHERE h.person_id = reader AND h.role = ANY (wording.readers)))
    END;
    -- Whoever was erased is in no receipt any more, for it would be a new row about them; but what is held is read on record.
    people := ARRAY(SELECT p FROM unnest(people) p
                    WHERE purpose_key = 'legal_hold' OR NOT EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = p));
    IF about_people IS NULL THEN
        people := ARRAY(SELECT DISTINCT o.person_id FROM {schema}.consent_opengrant o
                        WHERE o.purpose = purpose_key AND o.purpose_version_id = wording.id);
    END IF;
    WITH told AS (
        INSERT INTO {schema}.consent_datauseperson (person_id, use_id, is_allowed)
        SELECT DISTINCT ON (p) p, use, may AND (NOT wording.needs_grant OR o.grant_id IS NOT NULL)
        FROM unnest(people) p
        LEFT JOIN {schema}.consent_opengrant o
            ON o.person_id = p AND o.purpose = purpose_key AND o.purpose_version_id = wording.id
        RETURNING person_id, is_allowed
    ), summed AS (
        SELECT count(*) AS asked, count(*) FILTER (WHERE is_allowed) AS allowed,
               -- Rows leave the database under uses that name their people; a use about everyone lets none out.
               coalesce(array_agg(person_id) FILTER (WHERE is_allowed AND about_people IS NOT NULL), '{}') AS readable
        FROM told
    ), receipt AS (
        INSERT INTO {schema}.consent_datause
            (id, purpose_version_id, by, reason, opened_at, reading_xid, reader_may, tables, readable)
        SELECT use, wording.id, reader, reason_given, clock_timestamp(), gate_open.reading_xid, may, wording.tables,
               s.readable FROM summed s
    ), entry AS (
        INSERT INTO {schema}.audit_entry (at, event, by, about, payload)
        SELECT opened, 'consent.data_used', reader, CASE WHEN s.asked = 1 THEN people[1] END,
               jsonb_build_object('use', use, 'purpose', purpose_key, 'version', wording.version,
                                  'asked', s.asked, 'allowed', s.allowed) FROM summed s
    )
    SELECT s.asked, s.allowed INTO asked, allowed FROM summed s;
    use_id := use;
    reader_may := may;
    RETURN NEXT;
END $$;

-- The people whose rows of a table this transaction may see. Raises when no use is bound to it that may read the table:
-- forgetting is an error and never an empty page. A receipt from before a restore cannot fit, though numbers of
-- transactions begin anew: it was opened before this transaction began.
CREATE OR REPLACE FUNCTION {schema}.gate_people(table_name text) RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    people uuid[];
BEGIN
    SELECT array_agg(person) FILTER (WHERE person IS NOT NULL) INTO people
    FROM {schema}.consent_datause u LEFT JOIN LATERAL unnest(u.readable) person ON true
    WHERE u.reading_xid = pg_current_xact_id_if_assigned()::text::bigint AND u.opened_at >= transaction_timestamp()
      AND gate_people.table_name = ANY (u.tables)
    HAVING count(*) > 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no data use is bound to this transaction that may read %', gate_people.table_name
            USING ERRCODE = 'insufficient_privilege', HINT = 'Open one with data_use(purpose, by=, about=, reason=, at=).';
    END IF;
    RETURN coalesce(people, '{}');
END $$;

-- The use under which work on many people runs, inside engine functions; raises when there is none.
CREATE OR REPLACE FUNCTION {schema}.gate_use(purpose_key text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    use uuid;
BEGIN
    SELECT u.id INTO use FROM {schema}.consent_datause u
    JOIN {schema}.consent_purposeversion v ON v.id = u.purpose_version_id AND v.is_current
    WHERE v.purpose = purpose_key AND u.reader_may
      AND u.reading_xid = pg_current_xact_id_if_assigned()::text::bigint AND u.opened_at >= transaction_timestamp()
    ORDER BY u.opened_at DESC LIMIT 1;
    IF use IS NULL THEN
        RAISE EXCEPTION 'no data use for the purpose % is bound to this transaction', purpose_key
            USING ERRCODE = 'insufficient_privilege', HINT = 'Open one with data_use(purpose, by=, about=, reason=, at=).';
    END IF;
    RETURN use;
END $$;

-- How many rows the gated tables hold, for the record of processing; null while so few take part that it could tell on one.
CREATE OR REPLACE FUNCTION {schema}.gate_row_counts() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gated regclass;
    number bigint;
    counts jsonb := '{}';
    people bigint := (SELECT count(*) FROM {schema}.consent_participation p WHERE p.purpose = 'scoring');
BEGIN
    FOR gated IN SELECT c.oid FROM pg_class c
            WHERE c.relnamespace = '{schema}'::regnamespace AND c.relrowsecurity LOOP
        EXECUTE format('SELECT count(*) FROM %s', gated) INTO number;
        counts := counts || jsonb_build_object(
            (SELECT relname FROM pg_class WHERE oid = gated), CASE WHEN people >= 5 THEN number END);
    END LOOP;
    RETURN counts;
END $$;

RESET ROLE;
