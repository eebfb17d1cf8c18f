-- Leaving for good (Article 4). The app asks, on the record; these functions, the engine's, count, delete, blank, look
-- through everything again, and alone say that somebody is erased. What each table holds stands in consent_mappedtable.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- How many rows each table holds about somebody who is being erased. Of anybody else it says nothing: it would tell who
-- takes part.
CREATE OR REPLACE FUNCTION {schema}.consent_rows_about(subject uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mapped {schema}.consent_mappedtable;
    number bigint;
    counts jsonb := '{}';
BEGIN
    IF pg_trigger_depth() = 0 AND NOT EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = subject) THEN
        RAISE EXCEPTION 'rows are counted only of who is being erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR mapped IN SELECT * FROM {schema}.consent_mappedtable WHERE person_rows <> '' ORDER BY "table" LOOP
        EXECUTE format('SELECT count(*) FROM %1$I.%2$I WHERE ' || mapped.person_rows,
                       '{schema}'::regnamespace::text, mapped."table") INTO number USING subject;
        IF number > 0 THEN
            counts := counts || jsonb_build_object(mapped."table", number);
        END IF;
    END LOOP;
    RETURN counts;
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_map_digest() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(string_agg(m::text, E'\n' ORDER BY m."table" COLLATE "C"), 'UTF8')), 'hex')
    FROM {schema}.consent_mappedtable m
$$;

-- HMAC-SHA256 (RFC 2104) of an address under the company's own key, which nobody but these functions reads.
CREATE OR REPLACE FUNCTION {schema}.consent_address_digest(address text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k bytea;
    inner_pad bytea := decode(repeat('36', 64), 'hex');
    outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    IF pg_trigger_depth() = 0 THEN
        RAISE EXCEPTION 'addresses are hashed by triggers alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Two version-4 UUIDs twice hashed: 244 random bits.
    INSERT INTO {schema}.consent_suppressionkey (id, key)
        VALUES (1, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) ON CONFLICT DO NOTHING;
    SELECT key INTO STRICT k FROM {schema}.consent_suppressionkey;
    FOR i IN 0..31 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(k, i));
        outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(k, i));
    END LOOP;
    RETURN sha256(outer_pad || sha256(inner_pad || convert_to(lower(address), 'UTF8')));
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_erasure_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject {schema}.accounts_person;
BEGIN
    SELECT * INTO subject FROM {schema}.accounts_person WHERE id = NEW.person FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody here is %', NEW.person USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_of_somebody';
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.audit_entry e WHERE e.xid = pg_current_xact_id()::text::bigint
                     AND e.event = 'consent.erasure_requested' AND e.about = NEW.person) THEN
        RAISE EXCEPTION 'an erasure is asked for on the record'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_on_record';
    END IF;
    IF NEW.requested_by <> NEW.person AND (NEW.letter !~ '\S' OR NOT EXISTS (
        SELECT FROM {schema}.accounts_person o JOIN {schema}.accounts_roleheld h ON h.person_id = o.id
        WHERE o.id = NEW.requested_by AND o.is_active AND h.role = 'officer')) THEN
        RAISE EXCEPTION 'a person asks for it, or an officer who acts on their letter'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_asked_for';
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.consent_obligation o
                   WHERE o.id = NEW.obligation_id AND o.kind = 'erasure' AND o.person = NEW.person AND o.done_at IS NULL) THEN
        RAISE EXCEPTION 'an erasure has a deadline' USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_has_deadline';
    END IF;
    NEW.state := 'erasing';
    NEW.requested_at := clock_timestamp();
    NEW.next_at := NEW.requested_at;
    NEW.email := subject.email;
    NEW.addresses := ARRAY(SELECT DISTINCT lower(a.email) FROM {schema}.account_emailaddress a
                           WHERE a.user_id = NEW.person AND lower(a.email) <> lower(subject.email));
    NEW.requested_xid := pg_current_xact_id()::text::bigint;
    NEW.barrier_xid := NULL;
    NEW.name := subject.name;
    NEW.before := {schema}.consent_rows_about(NEW.person);
    NEW.map_digest := {schema}.consent_map_digest();
    NEW.after := NULL;
    NEW.found := NULL;
    NEW.held := 0;
    NEW.attempts := 0;
    NEW.verified_at := NULL;
    NEW.erased_at := NULL;
    NEW.rewritten_at := NULL;
    NEW.accepted := NULL;
    NEW.entry := NULL;
    INSERT INTO {schema}.consent_suppression (digest)
        SELECT {schema}.consent_address_digest(address) FROM unnest(NEW.addresses || subject.email::text) address
        ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;

-- Delete or blank what some tables hold about one person, as the map says, and put "somebody who was erased" wherever
-- their opaque id stands in the rows of others. Asked again, it finds nothing left to do.
CREATE OR REPLACE FUNCTION {schema}.consent_erase_rows(erasure_ uuid, tables text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased constant uuid := '00000000-0000-0000-0000-000000000000';
    here constant text := '{schema}'::regnamespace::text;
    subject uuid;
    name text;
    actor text;
    mapped {schema}.consent_mappedtable;
    touched bigint;
    total bigint := 0;
BEGIN
    SELECT e.person INTO subject FROM {schema}.consent_erasure e WHERE e.id = erasure_ AND e.state = 'erasing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no erasure % is under way', erasure_ USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Whatever writes without having seen the erasure (consent/sql/erasure_fence.sql) has a lower number than this.
    UPDATE {schema}.consent_erasure SET barrier_xid = pg_current_xact_id()::text::bigint
        WHERE id = erasure_ AND barrier_xid IS NULL;
    FOREACH name IN ARRAY tables LOOP
        SELECT * INTO STRICT mapped FROM {schema}.consent_mappedtable m WHERE m."table" = name;
        IF mapped.on_erasure = 'keep' THEN
            RAISE EXCEPTION '% is kept', name USING ERRCODE = 'insufficient_privilege';
        ELSIF mapped.on_erasure = 'delete' THEN
            EXECUTE format('DELETE FROM %1$I.%2$I WHERE ' || mapped.person_rows, here, name) USING subject;
        ELSIF cardinality(mapped.personal) > 0 THEN
            EXECUTE format('UPDATE %1$I.%2$I SET ' || (SELECT string_agg(format('%I = ''''', c), ', ')
                           FROM unnest(mapped.personal) c) || ' WHERE ' || mapped.person_rows, here, name) USING subject;
        END IF;
        GET DIAGNOSTICS touched = ROW_COUNT;
        total := total + touched;
        FOREACH actor IN ARRAY mapped.actors LOOP
            EXECUTE format('UPDATE %1$I.%2$I SET %3$I = $2 WHERE %3$I = $1', here, name, actor) USING subject, erased;
            GET DIAGNOSTICS touched = ROW_COUNT;
            total := total + touched;
        END LOOP;
    END LOOP;
    RETURN total;
END $$;

-- Texts of others in which the person is named, and the places that list them beside others.
CREATE OR REPLACE FUNCTION {schema}.consent_erase_mentions(erasure_ uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased constant uuid := '00000000-0000-0000-0000-000000000000';
    subject uuid;
    words text[];
    addresses text[];
    touched bigint;
    total bigint := 0;
BEGIN
    SELECT e.person, e.addresses || lower(e.email) INTO subject, addresses
        FROM {schema}.consent_erasure e WHERE e.id = erasure_ AND e.state = 'erasing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no erasure % is under way', erasure_ USING ERRCODE = 'insufficient_privilege';
    END IF;
    words := ARRAY(SELECT n.fits FROM {schema}.consent_needles(ARRAY[erasure_]) n WHERE n.kind IN ('address', 'name'));
    UPDATE {schema}.consent_datause u SET readable = array_remove(u.readable, subject)
        FROM {schema}.consent_datauseperson d
        WHERE d.person_id = subject AND d.use_id = u.id AND subject = ANY (u.readable);
    GET DIAGNOSTICS touched = ROW_COUNT;
    total := total + touched;
    UPDATE {schema}.consent_datause u SET reason = '' FROM {schema}.consent_datauseperson d
        WHERE d.person_id = subject AND d.use_id = u.id AND lower(u.reason) ~ ANY (words);
    DELETE FROM {schema}.audit_opening o WHERE o.about = subject OR lower(o.text) ~ ANY (words);
    GET DIAGNOSTICS touched = ROW_COUNT;
    total := total + touched;
    DELETE FROM {schema}.accounts_invitation i WHERE lower(i.email) = ANY (addresses);
    GET DIAGNOSTICS touched = ROW_COUNT;
    total := total + touched;
    DELETE FROM {schema}.consent_scoreshare s WHERE s.viewer = subject;
    -- What others keep of searches for this person goes on as a search for nobody.
    UPDATE {schema}.consent_savedsearch s SET query = replace(s.query, subject::text, erased::text)
        WHERE strpos(s.query, subject::text) > 0;
    UPDATE {schema}.consent_ledgerexport x SET query = replace(x.query, subject::text, erased::text)
        WHERE strpos(x.query, subject::text) > 0;
    UPDATE {schema}.accounts_job j SET arguments = '{}'
        WHERE j.finished_at IS NOT NULL AND j.arguments <> '{}'
          AND (strpos(j.arguments::text, subject::text) > 0 OR lower(j.arguments::text) ~ ANY (words));
    RETURN total;
END $$;

-- Look through every column of every table for people who were to be gone, each table once for all of them
-- (consent/sql/residue.sql), and write down what is left: {"table.column": rows}. `elsewhere` adds what was found outside
-- of the database, and can take nothing away.
CREATE OR REPLACE FUNCTION {schema}.consent_verify_erasures(erasures uuid[], elsewhere jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    residue jsonb;
BEGIN
    IF EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.id = ANY (erasures) AND e.state = 'erasing'
               AND (e.barrier_xid IS NULL OR e.barrier_xid > pg_snapshot_xmin(pg_current_snapshot())::text::bigint)) THEN
        RAISE EXCEPTION 'something that began before the erasure may still write'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    residue := {schema}.consent_residue(erasures);
    UPDATE {schema}.consent_erasure e SET
        found = seen.found,
        after = {schema}.consent_rows_about(e.person),
        held = {schema}.consent_held_rows(e.person),
        accepted = CASE WHEN e.found = seen.found THEN e.accepted END,
        verified_at = clock_timestamp(),
        attempts = e.attempts + 1,
        next_at = clock_timestamp() + make_interval(mins => least(60, 2 ^ least(e.attempts, 10))::integer)
    FROM (SELECT one.id, coalesce(residue -> one.id::text, '{}') || coalesce(elsewhere -> one.id::text, '{}') AS found
          FROM {schema}.consent_erasure one WHERE one.id = ANY (erasures)) AS seen
    WHERE e.id = seen.id AND e.state = 'erasing';
END $$;

-- Something stands in the way of looking: a minute later again.
CREATE OR REPLACE FUNCTION {schema}.consent_put_off_erasures(erasures uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.consent_erasure SET next_at = clock_timestamp() + interval '1 minute'
    WHERE id = ANY (erasures) AND state = 'erasing'
$$;

-- How many rows a legal hold keeps of somebody.
CREATE OR REPLACE FUNCTION {schema}.consent_held_rows(subject uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = subject) THEN
        RAISE EXCEPTION 'rows are counted only of who is being erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT count(*) INTO number FROM {schema}.consent_heldrow h WHERE h.person_id = subject;
    RETURN number;
END $$;

-- The end: only after a look that found nothing, or once two others accepted what it found. Address and name go with it.
CREATE OR REPLACE FUNCTION {schema}.consent_end_erasure(erasure_ uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended {schema}.consent_erasure;
BEGIN
    UPDATE {schema}.consent_erasure e
        SET state = 'erased', erased_at = clock_timestamp(), email = '', addresses = '{}', name = '', letter = ''
        WHERE e.id = erasure_ AND e.state = 'erasing' AND e.verified_at IS NOT NULL
          AND (e.found = '{}' OR e.accepted IS NOT NULL)
        RETURNING * INTO ended;
    IF ended.id IS NULL THEN
        RAISE EXCEPTION 'nothing shows that % is erased', erasure_
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_ends_verified';
    END IF;
    RETURN CASE WHEN ended.found <> '{}' THEN 'incomplete' WHEN ended.held > 0 THEN 'held' ELSE 'complete' END;
END $$;

-- Nobody who was erased is brought back, by an import or by anybody else: only by themselves (consent_come_back).
CREATE OR REPLACE FUNCTION {schema}.consent_stays_away() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.consent_suppression) AND EXISTS (
        SELECT FROM {schema}.consent_suppression s WHERE s.digest = {schema}.consent_address_digest(NEW.email)) THEN
        RAISE EXCEPTION 'whoever has this address asked to be forgotten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_stays_away';
    END IF;
    RETURN NEW;
END $$;

-- Whoever accepts an invitation to an address may say that they want to be here again.
CREATE OR REPLACE FUNCTION {schema}.consent_come_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM {schema}.consent_suppression WHERE digest = {schema}.consent_address_digest(NEW.email);
    RETURN NULL;
END $$;

RESET ROLE;

-- The evidence that an obligation to erase was met (consent/sql/obligations.sql).
CREATE OR REPLACE FUNCTION {schema}.consent_erasure_may_end(obligation_ uuid, outcome_ text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_erasure e WHERE e.obligation_id = obligation_ AND e.state = 'erased' AND outcome_ =
            CASE WHEN e.found <> '{}' THEN 'incomplete' WHEN e.held > 0 THEN 'held' ELSE 'complete' END)
$$;

CREATE OR REPLACE TRIGGER consent_erasure_begins BEFORE INSERT ON {schema}.consent_erasure
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_erasure_begins();
CREATE OR REPLACE TRIGGER consent_stays_away BEFORE INSERT OR UPDATE OF email ON {schema}.accounts_person
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_stays_away();
CREATE OR REPLACE TRIGGER consent_stays_away BEFORE INSERT OR UPDATE OF email ON {schema}.account_emailaddress
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_stays_away();
-- Only where the very move is to "accepted, and says so": the app sets it from the person's own tick.
CREATE OR REPLACE TRIGGER consent_come_back AFTER UPDATE OF comes_back ON {schema}.accounts_invitation
    FOR EACH ROW WHEN (NEW.comes_back AND NEW.state = 'accepted') EXECUTE FUNCTION {schema}.consent_come_back();

-- Deleted rows leave their bytes in a table's pages. Written anew, the table holds what is there and nothing else. Only
-- when an erasure has ended since the last time, for nobody should be able to lock tables for fun.
CREATE OR REPLACE FUNCTION {schema}.consent_rewrite_storage(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    key name;
    ended_ago integer;
BEGIN
    -- In transactions: the row of an erasure was written last by the one that ended it, or by a later one.
    SELECT min(age(e.xmin)) INTO ended_ago FROM {schema}.consent_erasure e WHERE e.state = 'erased' AND e.rewritten_at IS NULL;
    IF ended_ago IS NULL THEN
        RAISE EXCEPTION 'no erasure has ended since' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT i.relname INTO STRICT key FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid AND x.indisprimary
        JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relnamespace = '{schema}'::regnamespace AND t.relname = name AND t.relkind = 'r';
    EXECUTE format('CLUSTER %I.%I USING %I', '{schema}'::regnamespace::text, name, key);
    EXECUTE format('ALTER TABLE %I.%I SET WITHOUT CLUSTER', '{schema}'::regnamespace::text, name);
    -- What an older snapshot might still see was copied along: CLUSTER freezes up to the very horizon below which it leaves
    -- dead rows out, so the table's own frozen mark says whether the erasures lie below it.
    IF (SELECT age(c.relfrozenxid) FROM pg_class c
        WHERE c.relnamespace = '{schema}'::regnamespace AND c.relname = name AND c.relkind = 'r') >= ended_ago THEN
        RAISE EXCEPTION 'somebody may still see rows of % that were erased', name
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_storage_is_rewritten(erasures uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.consent_erasure SET rewritten_at = clock_timestamp() WHERE id = ANY (erasures) AND state = 'erased'
$$;
