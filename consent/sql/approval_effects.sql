-- What an approved proposal does. The row of its execution and the effect are one statement: neither without the other.
-- This file is run anew, as a whole, by the migration of whatever changes in it.

CREATE OR REPLACE FUNCTION {schema}.consent_execution_takes_effect() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    p {schema}.consent_proposal;
    told jsonb;
    wording {schema}.consent_purposeversion;
    policy {schema}.consent_approvalpolicy;
BEGIN
    SELECT * INTO STRICT p FROM {schema}.consent_proposal WHERE id = NEW.proposal_id;
    told := p.payload::jsonb;
    IF p.kind = 'purpose_version' THEN
        -- Who may read which tables stays as it is: that changes together with the code that reads.
        SELECT * INTO wording FROM {schema}.consent_purposeversion
            WHERE purpose = told ->> 'purpose' AND is_current FOR UPDATE;
        -- What was approved is the step from one version to the next: another version between them, and it is void.
        IF wording.version IS DISTINCT FROM (told ->> 'version')::integer - 1 THEN
            RAISE EXCEPTION 'version % does not follow version %', told ->> 'version', wording.version
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_follows_current';
        END IF;
        UPDATE {schema}.consent_purposeversion SET is_current = false WHERE id = wording.id;
        wording.id := nextval(pg_get_serial_sequence('{schema}.consent_purposeversion', 'id'));
        wording.version := wording.version + 1;
        wording.title := told ->> 'title';
        wording.text := told ->> 'text';
        wording.legal_basis := told ->> 'legal_basis';
        wording.assessment := told ->> 'assessment';
        wording.minimum_age := (told ->> 'minimum_age')::smallint;
        wording.keeps_for := make_interval(days => (told ->> 'keeps_for_days')::integer);
        wording.in_force_at := NEW.executed_at;
        INSERT INTO {schema}.consent_purposeversion VALUES (wording.*);
    ELSIF p.kind = 'approval_policy' THEN
        SELECT * INTO policy FROM {schema}.consent_approvalpolicy
            WHERE kind = told ->> 'target' AND is_current FOR UPDATE;
        IF policy.version IS DISTINCT FROM (told ->> 'version')::integer - 1 THEN
            RAISE EXCEPTION 'version % does not follow version %', told ->> 'version', policy.version
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_follows_current';
        END IF;
        IF NOT {schema}.consent_are_enough(told -> 'decided_by', (told ->> 'approvals_needed')::integer) THEN
            RAISE EXCEPTION 'too few hold a role that would decide'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_leaves_deciders';
        END IF;
        UPDATE {schema}.consent_approvalpolicy SET is_current = false WHERE id = policy.id;
        policy.id := nextval(pg_get_serial_sequence('{schema}.consent_approvalpolicy', 'id'));
        policy.version := policy.version + 1;
        policy.approvals_needed := (told ->> 'approvals_needed')::smallint;
        policy.decided_by := ARRAY(SELECT jsonb_array_elements_text(told -> 'decided_by'));
        policy.expires_after := make_interval(hours => (told ->> 'expiry_hours')::integer);
        policy.execution_window := make_interval(hours => (told ->> 'execution_hours')::integer);
        policy.in_force_at := NEW.executed_at;
        policy.proposal := p.id;
        INSERT INTO {schema}.consent_approvalpolicy VALUES (policy.*);
        -- What is open keeps the earlier of both deadlines, as it keeps the stricter of both counts.
        UPDATE {schema}.consent_proposal open_one
            SET expires_at = least(open_one.expires_at, open_one.opened_at + policy.expires_after),
                execute_before = least(open_one.execute_before,
                                       open_one.opened_at + policy.expires_after + policy.execution_window)
            WHERE open_one.kind = policy.kind AND open_one.state = 'open';
    ELSIF p.kind = 'grant_role' THEN
        INSERT INTO {schema}.accounts_roleheld (person_id, role, given_at, given_by)
            VALUES ((told ->> 'person')::uuid, told ->> 'role', NEW.executed_at, NEW.executed_by);
    ELSIF p.kind = 'close_company' THEN
        -- Its doors shut with this commit; what follows is a job's work (consent/domain/closing.py).
        UPDATE public.tenants_company SET state = 'suspended', suspended_at = NEW.executed_at,
                suspended_by = NEW.executed_by, closing_at = NEW.executed_at
            WHERE schema_name = '{schema}'::regnamespace::text AND state = 'active' AND name = told ->> 'name';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no open company has this name and schema'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_follows_current';
        END IF;
    ELSIF p.kind = 'legal_hold' THEN
        INSERT INTO {schema}.consent_legalhold
            (id, person, reason, authority, review_on, silent_because, proposal, placed_at, placed_by)
            VALUES (gen_random_uuid(), (told ->> 'person')::uuid, told ->> 'reason', told ->> 'authority',
                    (told ->> 'review_on')::date, told ->> 'silent_because', p.id, NEW.executed_at, NEW.executed_by);
    ELSIF p.kind = 'accept_remainder' THEN
        -- What was approved is what was left then. Should more be found since, it takes two others anew.
        UPDATE {schema}.consent_erasure e SET accepted = p.id, next_at = clock_timestamp()
            WHERE e.id = (told ->> 'erasure')::uuid AND e.state = 'erasing' AND e.found = told -> 'left';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'something else is left than was approved'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_follows_current';
        END IF;
    ELSIF EXISTS (SELECT FROM {schema}.consent_matterrule r WHERE r.kind = p.kind) THEN
        EXECUTE format('SELECT {schema}.%I($1)', (SELECT r.done_by FROM {schema}.consent_matterrule r WHERE r.kind = p.kind))
            USING p.id;
    ELSIF p.kind <> 'people_export' THEN  -- an export is its caller's work, in this same transaction
        RAISE EXCEPTION 'nothing is known that % would do', p.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_has_effect';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER consent_execution_takes_effect AFTER INSERT ON {schema}.consent_execution
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_execution_takes_effect();

-- Three roles are given by two others. Until a company has had two who can decide, the owner gives them: nobody else
-- could. From the first moment that there are two, that way is shut for good.
CREATE OR REPLACE FUNCTION {schema}.consent_role_is_given() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    policy {schema}.consent_approvalpolicy;
    founding {schema}.consent_founding;
    already integer;
    afterwards integer;
BEGIN
    IF NEW.role NOT IN ('approver', 'steward', 'officer')
       OR {schema}.consent_executes_now('grant_role', 'grant_role:' || NEW.person_id || ':' || NEW.role) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO STRICT founding FROM {schema}.consent_founding FOR UPDATE;
    SELECT * INTO STRICT policy FROM {schema}.consent_approvalpolicy WHERE kind = 'grant_role' AND is_current;
    SELECT count(DISTINCT {schema}.consent_identity(p.email)) FILTER (WHERE r.role IS NOT NULL),
           count(DISTINCT {schema}.consent_identity(p.email))
        INTO already, afterwards
        FROM {schema}.accounts_person p
        LEFT JOIN {schema}.accounts_roleheld r ON r.person_id = p.id AND r.role = ANY (policy.decided_by)
        WHERE p.is_active
          AND (r.role IS NOT NULL OR p.id = NEW.person_id AND NEW.role = ANY (policy.decided_by));
    IF founding.founded_at IS NOT NULL OR already >= policy.approvals_needed THEN
        RAISE EXCEPTION 'the role % is given by two others', NEW.role
            USING ERRCODE = 'check_violation', CONSTRAINT = 'role_given_by_two_others';
    END IF;
    -- Written each time: of two at once, one that still sees the time before the other does not get past this row.
    UPDATE {schema}.consent_founding
        SET founded_at = CASE WHEN afterwards >= policy.approvals_needed THEN clock_timestamp() END;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER consent_role_is_given BEFORE INSERT OR UPDATE ON {schema}.accounts_roleheld
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_role_is_given();
