-- Two others decide (Article 6). The app adds proposals, decisions and executions; these triggers, the owner's, say
-- what they come to. Instants are the database's own, and nothing that the app claims about a state is believed.

-- Two accounts with one address are one person: small letters, no +tag, look-alike letters made one. Dots count.
CREATE FUNCTION {schema}.consent_identity(email text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(lower(normalize(email, NFKC)), '\+[^@]*@', '@')
$$;

-- Every policy that holds for a proposal: that of its opening, today's, and for a change of policy today's of the kind
-- it would change. All of them must be content: the strictest wins.
CREATE FUNCTION {schema}.consent_policies(proposal_ uuid) RETURNS SETOF {schema}.consent_approvalpolicy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT policy.* FROM {schema}.consent_proposal p JOIN {schema}.consent_approvalpolicy policy
        ON policy.id = p.policy_id
        OR policy.is_current AND policy.kind = p.kind
        OR policy.is_current AND p.kind = 'approval_policy' AND policy.kind = p.payload::jsonb ->> 'target'
    WHERE p.id = proposal_
$$;

-- Whether a person, under any account, wrote or edited this version or one before it, or is whom it is about.
CREATE FUNCTION {schema}.consent_is_involved(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.consent_editor WHERE proposal_id = proposal_ AND person = person_)
        OR EXISTS (
            SELECT FROM {schema}.consent_editor e
            JOIN {schema}.accounts_person editor ON editor.id = e.person
            JOIN {schema}.accounts_person me ON me.id = person_
            WHERE e.proposal_id = proposal_
              AND {schema}.consent_identity(editor.email) = {schema}.consent_identity(me.email))
$$;

-- Who can decide now: active, holding a role that every policy admits, and no hand in it. `identity` is the person
-- behind the account.
CREATE FUNCTION {schema}.consent_deciders(proposal_ uuid) RETURNS TABLE (person_id uuid, identity text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, {schema}.consent_identity(p.email) FROM {schema}.accounts_person p
    WHERE p.is_active
      AND p.id IN (SELECT r.person_id FROM {schema}.accounts_roleheld r)
      AND EXISTS (SELECT FROM {schema}.consent_policies(proposal_))
      AND NOT EXISTS (
          SELECT FROM {schema}.consent_policies(proposal_) policy
          WHERE NOT EXISTS (SELECT FROM {schema}.accounts_roleheld r
                            WHERE r.person_id = p.id AND r.role = ANY (policy.decided_by)))
      AND NOT {schema}.consent_is_involved(proposal_, p.id)
$$;

CREATE FUNCTION {schema}.consent_has_decided(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_decision d
        LEFT JOIN {schema}.accounts_person other ON other.id = d.person
        LEFT JOIN {schema}.accounts_person me ON me.id = person_
        WHERE d.proposal_id = proposal_
          AND (d.person = person_
               OR {schema}.consent_identity(other.email) = {schema}.consent_identity(me.email)))
$$;

CREATE FUNCTION {schema}.consent_can_decide(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.consent_deciders(proposal_) d WHERE d.person_id = person_)
       AND NOT {schema}.consent_has_decided(proposal_, person_)
$$;

CREATE FUNCTION {schema}.consent_approvals_needed(proposal_ uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(approvals_needed)::integer FROM {schema}.consent_policies(proposal_)
$$;

-- Approvals of the very payload that lies here, by people who could still decide today. Never stored: it is counted.
CREATE FUNCTION {schema}.consent_approvals(proposal_ uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(DISTINCT who.identity)::integer
    FROM {schema}.consent_proposal p
    JOIN {schema}.consent_decision d ON d.proposal_id = p.id AND d.verb = 'approve'
    JOIN {schema}.consent_deciders(proposal_) who ON who.person_id = d.person
    WHERE p.id = proposal_ AND d.digest = encode(sha256(convert_to(p.payload, 'UTF8')), 'hex')
$$;

CREATE FUNCTION {schema}.consent_is_approved(proposal_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce({schema}.consent_approvals(proposal_) >= {schema}.consent_approvals_needed(proposal_), false)
$$;

CREATE FUNCTION {schema}.consent_standing(proposal_ uuid) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p.state <> 'open' THEN p.state
        WHEN clock_timestamp() >= p.execute_before THEN 'expired'
        WHEN {schema}.consent_is_approved(p.id) THEN 'approved'
        WHEN clock_timestamp() >= p.expires_at THEN 'expired'
        ELSE 'open' END
    FROM {schema}.consent_proposal p WHERE p.id = proposal_
$$;

-- Whether this very transaction is the one in which a proposal takes effect. The instant is asked too, since the
-- numbers of transactions begin anew where a backup is restored.
CREATE FUNCTION {schema}.consent_executes_now(kind_ text, thing_ text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_execution e JOIN {schema}.consent_proposal p ON p.id = e.proposal_id
        WHERE p.kind = kind_ AND p.thing = thing_ AND e.executed_at >= now()
          AND e.transaction = pg_current_xact_id_if_assigned()::text::bigint)
$$;

-- The fields of each kind, in order. A kind that is not here, a field too many or too few: refused.
CREATE FUNCTION {schema}.consent_payload_fields(kind_ text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE kind_
        WHEN 'purpose_version' THEN
            ARRAY['assessment', 'keeps_for_days', 'legal_basis', 'minimum_age', 'purpose', 'text', 'title', 'version']
        WHEN 'approval_policy' THEN
            ARRAY['approvals_needed', 'decided_by', 'execution_hours', 'expiry_hours', 'target', 'version']
        WHEN 'grant_role' THEN ARRAY['person', 'role']
        WHEN 'people_export' THEN ARRAY['people', 'reason', 'what'] END
$$;

CREATE FUNCTION {schema}.consent_proposal_opens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
        ELSE coalesce(split_part(before.thing, ':', 2), NEW.id::text) END;
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

CREATE TRIGGER consent_proposal_opens BEFORE INSERT ON {schema}.consent_proposal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_proposal_opens();

CREATE FUNCTION {schema}.consent_proposal_is_written() RETURNS trigger
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

CREATE TRIGGER consent_proposal_is_written AFTER INSERT ON {schema}.consent_proposal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_proposal_is_written();

CREATE FUNCTION {schema}.consent_decision_is_made() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p {schema}.consent_proposal;
    refusal text;
BEGIN
    SELECT * INTO p FROM {schema}.consent_proposal WHERE id = NEW.proposal_id FOR UPDATE;
    NEW.decided_at := clock_timestamp();
    refusal := CASE
        WHEN p.state IS DISTINCT FROM 'open' THEN 'decision_on_open_proposal'
        WHEN NEW.digest <> p.digest THEN 'decision_on_digest_seen'
        WHEN NEW.verb = 'withdraw' AND NOT {schema}.consent_is_involved(p.id, NEW.person) THEN 'decision_withdraws_own'
        WHEN NEW.verb = 'withdraw' THEN NULL
        WHEN {schema}.consent_is_involved(p.id, NEW.person) THEN 'decision_by_another'
        WHEN NOT EXISTS (SELECT FROM {schema}.consent_deciders(p.id) d WHERE d.person_id = NEW.person)
            THEN 'decision_by_decider'
        WHEN {schema}.consent_has_decided(p.id, NEW.person) THEN 'decision_once'
        WHEN NEW.verb <> 'approve' AND btrim(NEW.reason) = '' THEN 'decision_has_reason'
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

CREATE TRIGGER consent_decision_is_made BEFORE INSERT ON {schema}.consent_decision
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_decision_is_made();

CREATE FUNCTION {schema}.consent_execution_is_due() RETURNS trigger
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

CREATE TRIGGER consent_execution_is_due BEFORE INSERT ON {schema}.consent_execution
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_execution_is_due();
