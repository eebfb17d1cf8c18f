-- After a restore nobody's data is read until the journal of those who left has been replayed (ADR 18). Where the data was
-- last brought up to date stands in one row; PostgreSQL knows by itself where it is now. A dump that is loaded has other
-- numbers for its tables or its cluster, a cluster that was recovered to a point in time has another timeline. A copy of
-- the server's files has all of them in common with what it was copied from; but it was started later.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

CREATE OR REPLACE FUNCTION {schema}.consent_place() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws('/', (SELECT s.system_identifier FROM pg_control_system() s),
                     left(pg_walfile_name(pg_current_wal_lsn()), 8),
                     (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()),
                     '{schema}.consent_fence'::regclass::oid)
$$;

-- Whether reading is fenced off. No row, no reading.
CREATE OR REPLACE FUNCTION {schema}.consent_is_fenced() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM {schema}.consent_fence f WHERE f.raised_at IS NULL
                       AND f.server_started_at = pg_postmaster_start_time() AND f.mark = {schema}.consent_place())
$$;

-- Whether nothing but a start of the server keeps it shut: comparing the journal is enough then, and takes a moment.
CREATE OR REPLACE FUNCTION {schema}.consent_is_restarted() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.consent_fence f WHERE f.raised_at IS NULL
                   AND f.server_started_at <> pg_postmaster_start_time() AND f.mark = {schema}.consent_place())
$$;

-- Goes on after a start of the server, on the record, once the journal was compared and knows nothing more.
CREATE OR REPLACE FUNCTION {schema}.consent_go_on() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT {schema}.consent_is_restarted() THEN
        RAISE EXCEPTION 'more than a start of the server stands in the way' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE {schema}.consent_fence SET server_started_at = pg_postmaster_start_time();
    INSERT INTO {schema}.audit_entry (at, event, payload)
        SELECT clock_timestamp(), 'consent.journal_compared', jsonb_build_object('position', m.position, 'digest', m.digest)
        FROM {schema}.consent_journalmark m;
END $$;

-- A new company stands in a new place, and nobody has left it yet.
CREATE OR REPLACE FUNCTION {schema}.consent_settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.accounts_person) OR EXISTS (SELECT FROM {schema}.audit_entry) THEN
        RAISE EXCEPTION 'only a new company settles by itself' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM {schema}.consent_fence;
    INSERT INTO {schema}.consent_fence (id, mark, server_started_at, lowered_at)
        VALUES (1, {schema}.consent_place(), pg_postmaster_start_time(), clock_timestamp());
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_raise_fence() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.consent_fence SET raised_at = clock_timestamp() WHERE raised_at IS NULL
$$;

-- Lowered on the record, by the transaction that has brought everything up to what the journal knows.
CREATE OR REPLACE FUNCTION {schema}.consent_lower_fence() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.audit_entry e
                   WHERE e.xid = pg_current_xact_id()::text::bigint AND e.event = 'consent.journal_replayed') THEN
        RAISE EXCEPTION 'the fence is lowered in the transaction that puts the replay on record'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.state = 'erasing'
                 AND EXISTS (SELECT FROM {schema}.accounts_person p WHERE p.id = e.person)) THEN
        RAISE EXCEPTION 'somebody who was erased is here again' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO {schema}.consent_fence AS f (id, mark, server_started_at, lowered_at)
        VALUES (1, {schema}.consent_place(), pg_postmaster_start_time(), clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, server_started_at = excluded.server_started_at,
                                       lowered_at = excluded.lowered_at, raised_at = NULL;
END $$;

RESET ROLE;
