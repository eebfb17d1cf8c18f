-- What is promised by a date (design §9). The app opens obligations and says when they are done; these triggers, the
-- owner's, set every date by the database's clock, and refuse what would move one or call done what is not.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

-- The end of the n-th day from an instant, in the company's own calendar. However many days are made holidays, n working
-- days are over after three times as many days: nobody puts an answer off by declaring feasts.
CREATE OR REPLACE FUNCTION {schema}.consent_due(since timestamptz, days integer, working boolean) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    zone text := coalesce((SELECT c.time_zone FROM public.tenants_company c
                           WHERE c.schema_name = '{schema}'::regnamespace::text), 'UTC');
    last date := (since AT TIME ZONE zone)::date;
    latest constant date := last + 3 * days;
    left_over integer := days;
BEGIN
    WHILE left_over > 0 AND last < latest LOOP
        last := last + 1;
        IF NOT working
           OR extract(isodow FROM last) < 6 AND NOT EXISTS (SELECT FROM {schema}.consent_holiday h WHERE h.day = last) THEN
            left_over := left_over - 1;
        END IF;
    END LOOP;
    RETURN (last + 1)::timestamp AT TIME ZONE zone;
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_obligation_opens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    policy {schema}.consent_deadlinepolicy;
BEGIN
    SELECT * INTO policy FROM {schema}.consent_deadlinepolicy WHERE kind = NEW.kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no policy says until when %', NEW.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_kind_has_policy';
    END IF;
    NEW.opened_at := clock_timestamp();
    -- A hold is reviewed on the day that two others approved with it; all else is worked out here.
    IF NEW.kind <> 'hold_review' THEN
        NEW.due_at := {schema}.consent_due(NEW.opened_at, policy.days, policy.in_working_days);
    ELSIF NEW.due_at IS NULL OR NEW.due_at > {schema}.consent_due(NEW.opened_at, policy.days, false) THEN
        RAISE EXCEPTION 'a hold is reviewed within % days', policy.days
            USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_hold_reviewed_in_time';
    END IF;
    NEW.promised_at := NEW.due_at;
    NEW.soon_at := NEW.due_at - make_interval(days => policy.soon_days);
    NEW.overdue_at := NULL;
    NEW.done_at := NULL;
    NEW.done_by := NULL;
    NEW.outcome := '';
    NEW.late_because := '';
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_obligation_opens BEFORE INSERT ON {schema}.consent_obligation
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_obligation_opens();

-- Whether an erasure or the review of a hold may be called done is for the files that know its evidence to say:
-- consent_erasure_may_end (erasure.sql) and consent_hold_review_may_end (holds.sql).
CREATE OR REPLACE FUNCTION {schema}.consent_obligation_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.done_at IS NOT NULL
       AND (NEW.done_at, NEW.done_by, NEW.outcome) IS DISTINCT FROM (OLD.done_at, OLD.done_by, OLD.outcome) THEN
        RAISE EXCEPTION 'obligation % is done', OLD.reference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_done_once';
    END IF;
    IF OLD.done_at IS NULL AND NEW.done_at IS NOT NULL THEN
        NEW.done_at := clock_timestamp();
        IF OLD.kind = 'erasure' AND NOT {schema}.consent_erasure_may_end(OLD.id, NEW.outcome)
           OR OLD.kind = 'hold_review' AND NOT {schema}.consent_hold_review_may_end(OLD.id, NEW.outcome) THEN
            RAISE EXCEPTION 'nothing shows that % ended as %', OLD.reference, NEW.outcome
                USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_done_with_evidence';
        END IF;
        -- Done too late is late, whether or not anybody had noticed.
        IF NEW.done_at > OLD.due_at THEN
            NEW.overdue_at := coalesce(OLD.overdue_at, OLD.due_at);
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_obligation_ends BEFORE UPDATE ON {schema}.consent_obligation
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_obligation_ends();

-- A deadline moves once, before it is missed, by an officer, in the transaction of the entry that says so.
CREATE OR REPLACE FUNCTION {schema}.consent_deadline_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    o {schema}.consent_obligation;
    policy {schema}.consent_deadlinepolicy;
    refusal text;
BEGIN
    SELECT * INTO STRICT o FROM {schema}.consent_obligation WHERE id = NEW.obligation_id FOR UPDATE;
    SELECT * INTO STRICT policy FROM {schema}.consent_deadlinepolicy WHERE kind = o.kind;
    NEW.extended_at := clock_timestamp();
    refusal := CASE
        WHEN o.done_at IS NOT NULL OR o.due_at <= NEW.extended_at THEN 'extension_in_time'
        WHEN policy.extension_days = 0 THEN 'extension_foreseen'
        WHEN NOT EXISTS (
            SELECT FROM {schema}.accounts_person p JOIN {schema}.accounts_roleheld h ON h.person_id = p.id
            WHERE p.id = NEW.extended_by AND p.is_active AND h.role = 'officer') THEN 'extension_by_officer'
        WHEN NOT EXISTS (
            SELECT FROM {schema}.audit_entry e
            WHERE e.xid = pg_current_xact_id()::text::bigint AND e.event = 'consent.deadline_extended'
              AND e.by = NEW.extended_by AND e.payload @> jsonb_build_object('obligation', o.id))
            THEN 'extension_on_record'
    END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'the deadline of % is not moved', o.reference
            USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    UPDATE {schema}.consent_obligation
        SET due_at = {schema}.consent_due(o.due_at - interval '1 second', policy.extension_days, policy.in_working_days),
            soon_at = {schema}.consent_due(o.due_at - interval '1 second', policy.extension_days, policy.in_working_days)
                      - make_interval(days => policy.soon_days)
        WHERE id = o.id;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_deadline_moves BEFORE INSERT ON {schema}.consent_extension
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_deadline_moves();

-- Mark what has become overdue since this was last asked; returns what is new.
CREATE OR REPLACE FUNCTION {schema}.consent_mark_overdue() RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE {schema}.consent_obligation SET overdue_at = clock_timestamp()
    WHERE done_at IS NULL AND overdue_at IS NULL AND due_at < clock_timestamp() RETURNING id
$$;

-- Article 5: a missed deadline stops the machine. Hung before every table that scoring or sending must write.
CREATE OR REPLACE FUNCTION {schema}.consent_stands_still() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.consent_obligation
               WHERE kind IN ('erasure', 'hold_review') AND done_at IS NULL AND due_at < clock_timestamp()) THEN
        RAISE EXCEPTION 'a deadline was missed: nothing is scored or sent until it is met'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NULL;
END $$;
