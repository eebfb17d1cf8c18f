-- Two others decide (Article 6). The app adds proposals, decisions and executions; these triggers, the owner's, say
-- what they come to. Instants are the database's own, and nothing that the app claims about a state is believed.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

-- The fields of each kind, in order. A kind that neither this nor an app above knows, a field too many or too few: refused.
CREATE OR REPLACE FUNCTION {schema}.consent_payload_fields(kind_ text) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE kind_
        WHEN 'purpose_version' THEN
            ARRAY['assessment', 'keeps_for_days', 'legal_basis', 'minimum_age', 'purpose', 'text', 'title', 'version']
        WHEN 'approval_policy' THEN
            ARRAY['approvals_needed', 'decided_by', 'execution_hours', 'expiry_hours', 'target', 'version']
        WHEN 'grant_role' THEN ARRAY['person', 'role']
        WHEN 'people_export' THEN ARRAY['people', 'reason', 'what']
        WHEN 'accept_remainder' THEN ARRAY['erasure', 'left', 'reason']
        WHEN 'close_company' THEN ARRAY['name', 'reason']
        WHEN 'legal_hold' THEN ARRAY['authority', 'person', 'reason', 'review_on', 'silent_because']
        ELSE (SELECT fields FROM {schema}.consent_matterrule r WHERE r.kind = kind_) END
$$;

-- What the app above says of a payload of its own kind: NULL where no app above knows the kind. It may also refuse.
CREATE OR REPLACE FUNCTION {schema}.consent_asked_above(kind_ text, told jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked text := (SELECT r.checked_by FROM {schema}.consent_matterrule r WHERE r.kind = kind_);
    answer boolean;
BEGIN
    IF asked IS NOT NULL THEN
        EXECUTE format('SELECT {schema}.%I($1)', asked) INTO answer USING told;
    END IF;
    RETURN answer;
END $$;

-- Whether what a payload names is here. What is not could neither be shown to anybody nor take effect.
CREATE OR REPLACE FUNCTION {schema}.consent_thing_exists(kind_ text, told jsonb) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(CASE kind_
        WHEN 'purpose_version' THEN
            EXISTS (SELECT FROM {schema}.consent_purposeversion WHERE purpose = told ->> 'purpose' AND is_current)
        WHEN 'approval_policy' THEN
            EXISTS (SELECT FROM {schema}.consent_approvalpolicy WHERE kind = told ->> 'target' AND is_current)
        WHEN 'grant_role' THEN
            told ->> 'role' IN ('approver', 'steward', 'officer')
            AND EXISTS (SELECT FROM {schema}.accounts_person WHERE id = (told ->> 'person')::uuid)
        WHEN 'people_export' THEN
            jsonb_array_length(told -> 'people') > 0
            AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(told -> 'people') subject
                            WHERE NOT EXISTS (SELECT FROM {schema}.accounts_person WHERE id = subject::uuid))
        WHEN 'close_company' THEN
            EXISTS (SELECT FROM public.tenants_company c
                    WHERE c.schema_name = '{schema}'::regnamespace::text AND c.name = told ->> 'name')
        WHEN 'legal_hold' THEN
            EXISTS (SELECT FROM {schema}.accounts_person WHERE id = (told ->> 'person')::uuid)
            AND (told ->> 'review_on')::date BETWEEN current_date AND current_date + 365
            AND NOT EXISTS (SELECT FROM {schema}.consent_legalhold
                            WHERE person = (told ->> 'person')::uuid AND lifted_at IS NULL)
        WHEN 'accept_remainder' THEN
            EXISTS (SELECT FROM {schema}.consent_erasure
                    WHERE id = (told ->> 'erasure')::uuid AND state = 'erasing' AND found <> '{}' AND found = told -> 'left')
        ELSE {schema}.consent_asked_above(kind_, told) END, false)
$$;

-- In UTC: three days from now are 72 hours, whatever the session says of its clock.
CREATE OR REPLACE FUNCTION {schema}.consent_proposal_opens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    policy {schema}.consent_approvalpolicy;
    before {schema}.consent_proposal;
    told jsonb := NEW.payload::jsonb;
BEGIN
    SELECT * INTO policy FROM {schema}.consent_approvalpolicy WHERE kind = NEW.kind AND is_current;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no policy says who decides on %', NEW.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_kind_has_policy';
    END IF;
    IF ARRAY(SELECT key FROM json_object_keys(NEW.payload::json) key ORDER BY key COLLATE "C")
       IS DISTINCT FROM {schema}.consent_payload_fields(NEW.kind) THEN
        RAISE EXCEPTION 'the payload does not have exactly the fields of %', NEW.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_fields_known';
    END IF;
    IF NEW.digest <> encode(sha256(convert_to(NEW.payload, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the digest is not that of the payload'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_digest_of_payload';
    END IF;
    IF NOT {schema}.consent_thing_exists(NEW.kind, told) THEN
        RAISE EXCEPTION 'what the payload names is not here'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_about_something';
    END IF;
    IF NEW.kind = 'approval_policy'
       AND NOT {schema}.consent_are_enough(told -> 'decided_by', (told ->> 'approvals_needed')::integer) THEN
        RAISE EXCEPTION 'too few hold a role that would decide'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_leaves_deciders';
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.accounts_person WHERE id = NEW.author AND is_active) THEN
        RAISE EXCEPTION 'person % cannot propose', NEW.author
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_by_active_person';
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        -- Whoever decides, edits or executes takes this lock first: of two at once, one finds it done.
        SELECT * INTO before FROM {schema}.consent_proposal WHERE id = NEW.supersedes_id FOR UPDATE;
        IF before.state NOT IN ('open', 'sent_back') THEN
            RAISE EXCEPTION 'version % is %', before.version, before.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_supersedes_open';
        END IF;
        UPDATE {schema}.consent_proposal SET state = 'superseded' WHERE id = before.id;
    END IF;
    NEW.thing := NEW.kind || ':' || CASE NEW.kind
        WHEN 'purpose_version' THEN told ->> 'purpose'
        WHEN 'approval_policy' THEN told ->> 'target'
        WHEN 'grant_role' THEN (told ->> 'person')::uuid || ':' || (told ->> 'role')
        WHEN 'accept_remainder' THEN (told ->> 'erasure')::uuid::text
        WHEN 'legal_hold' THEN (told ->> 'person')::uuid::text
        WHEN 'close_company' THEN 'itself'
        ELSE coalesce(
            (SELECT coalesce(told ->> r.about, 'itself') FROM {schema}.consent_matterrule r WHERE r.kind = NEW.kind),
            split_part(before.thing, ':', 2), NEW.id::text) END;
    IF NEW.supersedes_id IS NOT NULL AND (before.kind, before.thing) <> (NEW.kind, NEW.thing) THEN
        RAISE EXCEPTION 'a new version must be about the same thing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_same_thing';
    END IF;
    UPDATE {schema}.consent_proposal SET state = 'expired'
        WHERE thing = NEW.thing AND state = 'open' AND {schema}.consent_standing(id) = 'expired';
    NEW.version := coalesce(before.version, 0) + 1;
    NEW.policy_id := policy.id;
    NEW.state := 'open';
    NEW.opened_at := clock_timestamp();
    NEW.expires_at := NEW.opened_at + policy.expires_after;
    NEW.execute_before := NEW.expires_at + policy.execution_window;
    NEW.executed_at := NULL;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_proposal_opens BEFORE INSERT ON {schema}.consent_proposal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_proposal_opens();

CREATE OR REPLACE FUNCTION {schema}.consent_proposal_is_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Who wrote an earlier version has written this one too; and nobody decides about themself.
    INSERT INTO {schema}.consent_editor (proposal_id, person)
        SELECT NEW.id, NEW.author
        UNION SELECT NEW.id, e.person FROM {schema}.consent_editor e WHERE e.proposal_id = NEW.supersedes_id
        UNION SELECT NEW.id, (NEW.payload::jsonb ->> 'person')::uuid WHERE NEW.kind = 'grant_role';
    IF (SELECT count(DISTINCT identity) FROM {schema}.consent_deciders(NEW.id))
       < {schema}.consent_approvals_needed(NEW.id) THEN
        RAISE EXCEPTION 'too few can decide on this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_has_enough_deciders';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER consent_proposal_is_written AFTER INSERT ON {schema}.consent_proposal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_proposal_is_written();

CREATE OR REPLACE FUNCTION {schema}.consent_decision_is_made() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p {schema}.consent_proposal;
    refusal text;
BEGIN
    SELECT * INTO p FROM {schema}.consent_proposal WHERE id = NEW.proposal_id FOR UPDATE;
    NEW.decided_at := clock_timestamp();
    refusal := CASE
        WHEN NEW.verb NOT IN ('approve', 'send_back', 'reject', 'withdraw') THEN 'decision_verb_known'
        WHEN p.state IS DISTINCT FROM 'open' THEN 'decision_on_open_proposal'
        WHEN NEW.digest <> p.digest THEN 'decision_on_digest_seen'
        WHEN NEW.verb = 'withdraw' AND NOT {schema}.consent_is_involved(p.id, NEW.person) THEN 'decision_withdraws_own'
        WHEN NEW.verb = 'withdraw' THEN NULL
        WHEN {schema}.consent_is_involved(p.id, NEW.person) OR {schema}.consent_is_exported(p.id, NEW.person)
            THEN 'decision_by_another'
        WHEN NOT EXISTS (SELECT FROM {schema}.consent_deciders(p.id) d WHERE d.person_id = NEW.person)
            THEN 'decision_by_decider'
        WHEN {schema}.consent_has_decided(p.id, NEW.person) THEN 'decision_once'
        WHEN NEW.verb <> 'approve' AND NEW.reason !~ '\S' THEN 'decision_has_reason'
        WHEN NEW.verb <> 'approve' THEN NULL  -- stopping something is never too late
        WHEN NEW.decided_at >= p.expires_at THEN 'decision_in_time'
        WHEN NEW.authenticated_at IS NULL OR NOT NEW.authenticated_at
             BETWEEN NEW.decided_at - interval '5 minutes' AND NEW.decided_at + interval '5 seconds'
            THEN 'decision_freshly_authenticated'
        -- Who approves one thing after the other does not read them.
        WHEN (SELECT count(*) FROM {schema}.consent_decision d WHERE d.person = NEW.person AND d.verb = 'approve'
              AND d.decided_at > NEW.decided_at - interval '1 minute') >= 10 THEN 'decision_unhurried'
        END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'the decision is refused: %', refusal USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    UPDATE {schema}.consent_proposal
        SET state = CASE NEW.verb WHEN 'send_back' THEN 'sent_back' WHEN 'reject' THEN 'rejected' ELSE 'withdrawn' END
        WHERE id = p.id AND NEW.verb <> 'approve';
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_decision_is_made BEFORE INSERT ON {schema}.consent_decision
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_decision_is_made();

CREATE OR REPLACE FUNCTION {schema}.consent_execution_is_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p {schema}.consent_proposal;
    refusal text;
BEGIN
    SELECT * INTO p FROM {schema}.consent_proposal WHERE id = NEW.proposal_id FOR UPDATE;
    -- Whoever takes a role away or shuts an account in this moment comes first or waits: never in between.
    PERFORM FROM {schema}.accounts_roleheld r JOIN {schema}.consent_decision d ON d.person = r.person_id
        WHERE d.proposal_id = p.id ORDER BY r.id FOR SHARE OF r;
    PERFORM FROM {schema}.accounts_person a JOIN {schema}.consent_decision d ON d.person = a.id
        WHERE d.proposal_id = p.id ORDER BY a.id FOR SHARE OF a;
    NEW.executed_at := clock_timestamp();
    NEW.transaction := pg_current_xact_id()::text::bigint;
    refusal := CASE
        WHEN p.state = 'executed' THEN 'execution_once'
        WHEN p.state IS DISTINCT FROM 'open' THEN 'execution_of_open_proposal'
        WHEN NEW.executed_at >= p.execute_before THEN 'execution_in_window'
        WHEN NOT {schema}.consent_is_approved(p.id) THEN 'execution_is_approved'
        WHEN NOT EXISTS (SELECT FROM {schema}.accounts_person WHERE id = NEW.executed_by AND is_active)
            THEN 'execution_by_involved'
        WHEN NOT {schema}.consent_is_involved(p.id, NEW.executed_by)
             AND NOT EXISTS (SELECT FROM {schema}.consent_deciders(p.id) d WHERE d.person_id = NEW.executed_by)
            THEN 'execution_by_involved'
        END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'it does not take effect: %', refusal USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    UPDATE {schema}.consent_proposal SET state = 'executed', executed_at = NEW.executed_at WHERE id = p.id;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_execution_is_due BEFORE INSERT ON {schema}.consent_execution
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_execution_is_due();
