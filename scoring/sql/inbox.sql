-- The push inbox (ADR 26). An event is filtered by grants before anything of it is written. Until its week is over a
-- colleague is a number under the week's key, which the engine alone reads; closing the week turns numbers into counts and
-- destroys the key, in one transaction.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

CREATE OR REPLACE FUNCTION {schema}.scoring_count_events(source_ uuid, outcome_ text, events_ bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO {schema}.scoring_inboxday AS d (source_id, day, outcome, events)
    SELECT i.source_id, (clock_timestamp() AT TIME ZONE 'UTC')::date, outcome_, events_
    FROM {schema}.scoring_inbox i WHERE i.source_id = source_ AND events_ > 0
      AND outcome_ IN ('kept', 'not_granted', 'private', 'left_out', 'late', 'duplicate', 'refused', 'malformed')
    ON CONFLICT (source_id, day, outcome) DO UPDATE SET events = d.events + excluded.events
$$;

-- Take one delivery in. Returns what became of its dealings: kept, not granted, left out, late; or NULL for one that came
-- before.
--
-- delivery           SHA-256 of the service's own number of it
-- actors, targets    e-mail addresses, or what the service calls people
-- mine, theirs       the kinds that a dealing counts for actor and target
-- weeks              Mondays
CREATE OR REPLACE FUNCTION {schema}.scoring_take_events(
    source_ uuid, delivery bytea, actors text[], mine smallint[], theirs smallint[], targets text[], weeks date[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    box {schema}.scoring_inbox;
    this_week date := date_trunc('week', clock_timestamp() AT TIME ZONE 'UTC')::date;
    open_weeks date[];
    result bigint[];
BEGIN
    -- Locked, so that a week is not closed meanwhile.
    SELECT i.* INTO box FROM {schema}.scoring_inbox i
        WHERE i.source_id = source_ AND i.is_open FOR SHARE OF i;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is taken in for this source' USING ERRCODE = 'check_violation', CONSTRAINT = 'inbox_is_open';
    END IF;
    PERFORM {schema}.scoring_refuse_if_stopped(source_);
    INSERT INTO {schema}.scoring_delivery (source_id, digest) VALUES (source_, delivery) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM {schema}.scoring_count_events(source_, 'duplicate', 1);
        RETURN NULL;
    END IF;
    -- One week back, for what comes late; one ahead, for clocks that are.
    SELECT coalesce(array_agg(w), '{}') INTO open_weeks FROM unnest(ARRAY[this_week - 7, this_week, this_week + 7]) w
        WHERE w = ANY (weeks) AND w > coalesce(box.closed_through, '-infinity');
    INSERT INTO {schema}.scoring_weekkey (source_id, week, key)
        SELECT source_, w, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
        FROM unnest(open_weeks) w ON CONFLICT DO NOTHING;
    WITH told AS (
        SELECT n, lower(btrim(actor)) AS actor, mine_, theirs_, lower(btrim(target)) AS target, week,
               week <> ALL (open_weeks) AS is_late
        FROM unnest(actors, mine, theirs, targets, weeks) WITH ORDINALITY AS t (actor, mine_, theirs_, target, week, n)
    ), name AS (
        SELECT actor AS said FROM told UNION SELECT target FROM told
    ), known AS MATERIALIZED (
        SELECT said, person_id FROM (
            SELECT said, p.id AS person_id FROM name JOIN {schema}.accounts_person p ON p.email = said
            UNION ALL
            SELECT said, h.person_id FROM name JOIN {schema}.scoring_handle h ON h.handle = said AND h.source_id = source_
        ) AS found
    ), granted AS MATERIALIZED (
        -- Locked until commit: who withdraws meanwhile waits, then takes what is new with them.
        SELECT k.said, o.person_id, o.grant_id, o.counts_from FROM known k
        JOIN {schema}.consent_opengrant o ON o.person_id = k.person_id AND o.source_id = source_ AND o.purpose = 'scoring'
        JOIN {schema}.consent_purposeversion v ON v.id = o.purpose_version_id AND v.is_current
        FOR KEY SHARE OF o
    ), dealing AS (
        SELECT t.*, coalesce(a.person_id::text, t.actor) AS one, coalesce(b.person_id::text, t.target) AS other
        FROM told t LEFT JOIN known a ON a.said = t.actor LEFT JOIN known b ON b.said = t.target
    ), seen AS (
        SELECT d.n, g.person_id, g.grant_id, mine_ AS kind, week, other AS colleague
        FROM dealing d JOIN granted g ON g.said = d.actor WHERE NOT is_late AND one <> other AND week >= g.counts_from
        UNION ALL
        SELECT d.n, g.person_id, g.grant_id, theirs_, week, one
        FROM dealing d JOIN granted g ON g.said = d.target WHERE NOT is_late AND one <> other AND week >= g.counts_from
    ), written AS (
        INSERT INTO {schema}.scoring_sighting (person_id, grant_id, kind, week, colleague)
        SELECT person_id, grant_id, kind, week, substring(sha256(key || convert_to(colleague, 'UTF8')) FOR 16)
        FROM seen JOIN {schema}.scoring_weekkey k USING (week) WHERE k.source_id = source_
        ORDER BY 1, 3, 4, 5  -- in one order, or two deliveries that tell of the same could wait for each other
        ON CONFLICT DO NOTHING
    )
    SELECT ARRAY[
        (SELECT count(DISTINCT n) FROM seen),
        count(*) FILTER (WHERE NOT is_late AND one <> other AND n NOT IN (SELECT n FROM seen)),
        count(*) FILTER (WHERE NOT is_late AND one = other),
        count(*) FILTER (WHERE is_late)
    ] INTO result FROM dealing;
    PERFORM {schema}.scoring_count_events(source_, outcome, n)
        FROM unnest(ARRAY['kept', 'not_granted', 'left_out', 'late'], result) AS t (outcome, n) WHERE n > 0;
    RETURN result;
END $$;

-- What a service calls people: kept for those who granted the source, by the address they sign in with. Returns how many.
CREATE OR REPLACE FUNCTION {schema}.scoring_name_handles(source_ uuid, handles text[], addresses text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('scoring');
    named bigint;
BEGIN
    DELETE FROM {schema}.scoring_handle WHERE source_id = source_;
    INSERT INTO {schema}.scoring_handle (person_id, grant_id, source_id, handle)
    SELECT DISTINCT ON (o.person_id) o.person_id, o.grant_id, source_, said
    FROM (SELECT lower(btrim(handle)) AS said, min(lower(btrim(address))) AS address
          FROM unnest(handles, addresses) AS t (handle, address) GROUP BY 1
          HAVING count(DISTINCT lower(btrim(address))) = 1) AS t  -- two people of one name are told apart by nobody
    JOIN {schema}.accounts_person p ON p.email = address
    JOIN {schema}.consent_hold_open_grants(source_, 'scoring') o ON o.person_id = p.id
    JOIN {schema}.consent_datauseperson d ON d.person_id = o.person_id AND d.use_id = use AND d.is_allowed
    WHERE said <> ''
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS named = ROW_COUNT;
    RETURN named;
END $$;

-- Whom a week that is over is about: opaque ids, to be named on the receipt.
CREATE OR REPLACE FUNCTION {schema}.scoring_sighted_people(source_ uuid, week_ date) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT s.person_id), '{}') FROM {schema}.scoring_sighting s
    JOIN {schema}.consent_opengrant o ON o.grant_id = s.grant_id WHERE o.source_id = source_ AND s.week = week_
$$;

-- Close a week: count, forget who it was, destroy the key. Returns how many counts it left.
CREATE OR REPLACE FUNCTION {schema}.scoring_close_week(source_ uuid, week_ date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('scoring');
    grants bigint[];
    written bigint;
BEGIN
    IF week_ + 9 > (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the week is not over' USING ERRCODE = 'check_violation', CONSTRAINT = 'week_closed_when_over';
    END IF;
    -- Whoever withdraws takes this lock first and then those of their grants. We do the same, so that neither deadlocks.
    PERFORM FROM {schema}.accounts_person p
        WHERE p.id IN (SELECT d.person_id FROM {schema}.consent_datauseperson d WHERE d.use_id = use AND d.is_allowed)
        ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM FROM {schema}.scoring_inbox i WHERE i.source_id = source_ FOR UPDATE;
    WITH gone AS (
        DELETE FROM {schema}.scoring_sighting s USING {schema}.consent_opengrant o
        WHERE o.grant_id = s.grant_id AND o.source_id = source_ AND s.week = week_
        RETURNING s.person_id, s.grant_id, s.kind, s.week
    ), counted AS (
        SELECT person_id, grant_id, kind, week, count(*) AS colleagues FROM gone
        JOIN {schema}.consent_datauseperson d USING (person_id) WHERE d.use_id = use AND d.is_allowed
        GROUP BY person_id, grant_id, kind, week
    ), kept AS (
        -- A file of the same week may have come in before: the larger number is kept, as between two files.
        INSERT INTO {schema}.scoring_weekcount AS w (person_id, grant_id, kind, week, colleagues)
        SELECT * FROM counted
        ON CONFLICT (person_id, grant_id, kind, week)
            DO UPDATE SET colleagues = greatest(w.colleagues, excluded.colleagues)
        RETURNING person_id, grant_id
    ), stale AS (
        INSERT INTO {schema}.scoring_stalescore (person_id, participation_id)
        SELECT p.person_id, p.id FROM {schema}.consent_participation p
        WHERE p.purpose = 'scoring' AND p.person_id IN (SELECT person_id FROM kept)
        ON CONFLICT DO NOTHING
    )
    SELECT count(*), coalesce(array_agg(DISTINCT grant_id), '{}') INTO written, grants FROM kept;
    PERFORM {schema}.scoring_apply_corrections(grants);
    DELETE FROM {schema}.scoring_weekkey k WHERE k.source_id = source_ AND k.week = week_;
    DELETE FROM {schema}.scoring_delivery d WHERE d.source_id = source_ AND d.taken_at < clock_timestamp() - interval '30 days';
    UPDATE {schema}.scoring_inbox i
        SET closed_through = greatest(week_, coalesce(closed_through, week_)), keys_gone_at = NULL
        WHERE i.source_id = source_;
    RETURN written;
END $$;

RESET ROLE;

-- Keys and numbers of closed weeks leave their bytes in the tables' pages. Written anew, they hold what is there and nothing
-- else; only when a week was closed since the last time.
CREATE OR REPLACE FUNCTION {schema}.scoring_wipe_closed_weeks() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    closed_ago integer;
    name text;
BEGIN
    SELECT min(age(i.xmin)) INTO closed_ago FROM {schema}.scoring_inbox i
        WHERE i.closed_through IS NOT NULL AND i.keys_gone_at IS NULL;
    IF closed_ago IS NULL THEN
        RETURN;
    END IF;
    FOREACH name IN ARRAY ARRAY['scoring_weekkey', 'scoring_sighting'] LOOP
        EXECUTE format('CLUSTER {schema}.%I USING %I', name, name || '_pkey');
        EXECUTE format('ALTER TABLE {schema}.%I SET WITHOUT CLUSTER', name);
        -- What an older snapshot might still see was copied along (consent/sql/erasure.sql).
        IF (SELECT age(c.relfrozenxid) FROM pg_class c
            WHERE c.oid = format('{schema}.%I', name)::regclass) >= closed_ago THEN
            RAISE EXCEPTION 'somebody may still see keys of weeks that are closed'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    END LOOP;
    UPDATE {schema}.scoring_inbox SET keys_gone_at = clock_timestamp()
        WHERE closed_through IS NOT NULL AND keys_gone_at IS NULL;
END $$;
