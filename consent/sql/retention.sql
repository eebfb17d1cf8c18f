-- Nothing is kept longer than its purpose or the data map says, by the database's own clock. Rows go in batches: each is a
-- short transaction that nobody waits for. What a legal hold keeps is moved aside by the trigger of holds.sql.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- The instant before which rows of a table are too old; null where they never are.
CREATE OR REPLACE FUNCTION {schema}.consent_kept_since(name text, on_day timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
    SELECT on_day - coalesce(
        (SELECT v.keeps_for FROM {schema}.consent_purposeversion v WHERE v.purpose = m.kept_by AND v.is_current), m.keeps_for)
    FROM {schema}.consent_mappedtable m WHERE m."table" = name AND m.aged_rows <> ''
$$;

-- Delete one batch of what is too old now. Returns how many rows that were.
CREATE OR REPLACE FUNCTION {schema}.consent_purge(name text, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    since constant timestamptz := {schema}.consent_kept_since(name, clock_timestamp());
    number bigint;
BEGIN
    IF since IS NULL THEN
        RAISE EXCEPTION 'rows of % do not grow too old', name USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format(
        'DELETE FROM %1$I.%2$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I.%2$I WHERE '
        || (SELECT aged_rows FROM {schema}.consent_mappedtable WHERE "table" = name) || ' LIMIT $2))',
        '{schema}'::regnamespace::text, name) USING since, most;
    GET DIAGNOSTICS number = ROW_COUNT;
    RETURN number;
END $$;

-- How many rows of each table will be too old at an instant: {table: rows}. Null where so few are about people that the
-- number could tell on one.
CREATE OR REPLACE FUNCTION {schema}.consent_expiring(on_day timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mapped {schema}.consent_mappedtable;
    number bigint;
    counts jsonb := '{}';
BEGIN
    FOR mapped IN SELECT * FROM {schema}.consent_mappedtable WHERE aged_rows <> '' LOOP
        EXECUTE format('SELECT count(*) FROM %1$I.%2$I WHERE ' || mapped.aged_rows,
                       '{schema}'::regnamespace::text, mapped."table") INTO number
            USING {schema}.consent_kept_since(mapped."table", on_day);
        counts := counts || jsonb_build_object(mapped."table", CASE WHEN mapped.is_gated AND number BETWEEN 1 AND 4 THEN NULL
                                                                    ELSE number END);
    END LOOP;
    RETURN counts;
END $$;

RESET ROLE;
