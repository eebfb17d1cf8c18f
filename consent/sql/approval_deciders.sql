-- Who decides, and what decisions come to (Article 6). Nothing of it is stored: it is counted anew from roles and policies
-- as they are now. Triggers (approvals.sql) uphold it.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

-- Two accounts with one address are one person: small letters, no +tag, look-alike letters made one. Dots count.
CREATE OR REPLACE FUNCTION {schema}.consent_identity(email text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(lower(normalize(email, NFKC)), '\+[^@]*@', '@')
$$;

-- Every policy that holds for a proposal: that of its opening, today's, and for a change of policy today's of the kind
-- it would change. All of them must be content: the strictest wins.
CREATE OR REPLACE FUNCTION {schema}.consent_policies(proposal_ uuid) RETURNS SETOF {schema}.consent_approvalpolicy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT policy.* FROM {schema}.consent_proposal p JOIN {schema}.consent_approvalpolicy policy
        ON policy.id = p.policy_id
        OR policy.is_current AND policy.kind = p.kind
        OR policy.is_current AND p.kind = 'approval_policy' AND policy.kind = p.payload::jsonb ->> 'target'
    WHERE p.id = proposal_
$$;

-- Whether a person, under any account, wrote or edited this version or one before it, or is whom it is about.
CREATE OR REPLACE FUNCTION {schema}.consent_is_involved(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.consent_editor WHERE proposal_id = proposal_ AND person = person_)
        OR EXISTS (
            SELECT FROM {schema}.consent_editor e
            JOIN {schema}.accounts_person editor ON editor.id = e.person
            JOIN {schema}.accounts_person me ON me.id = person_
            WHERE e.proposal_id = proposal_
              AND {schema}.consent_identity(editor.email) = {schema}.consent_identity(me.email))
$$;

-- Whether an export or a hold is about this person, under any account. Who is looked into neither allows nor stops it.
CREATE OR REPLACE FUNCTION {schema}.consent_is_exported(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_proposal p
        CROSS JOIN LATERAL (
            SELECT jsonb_array_elements_text(p.payload::jsonb -> 'people') WHERE p.kind = 'people_export'
            UNION ALL SELECT p.payload::jsonb ->> 'person' WHERE p.kind = 'legal_hold') AS subject (id)
        JOIN {schema}.accounts_person named ON named.id = subject.id::uuid
        JOIN {schema}.accounts_person me ON me.id = person_
        WHERE p.id = proposal_
          AND {schema}.consent_identity(named.email) = {schema}.consent_identity(me.email))
$$;

-- Who can decide now: active, holding a role that every policy admits, no hand in it, and not whom it is about.
-- `identity` is the person behind the account.
CREATE OR REPLACE FUNCTION {schema}.consent_deciders(proposal_ uuid) RETURNS TABLE (person_id uuid, identity text)
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
      AND NOT {schema}.consent_is_exported(proposal_, p.id)
$$;

-- Whether so many people hold one of these roles. A policy that asks for more could never be changed again.
CREATE OR REPLACE FUNCTION {schema}.consent_are_enough(roles jsonb, needed integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(DISTINCT {schema}.consent_identity(p.email)) >= needed
    FROM {schema}.accounts_person p JOIN {schema}.accounts_roleheld r ON r.person_id = p.id
    WHERE p.is_active AND roles ? r.role
$$;

CREATE OR REPLACE FUNCTION {schema}.consent_has_decided(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_decision d
        LEFT JOIN {schema}.accounts_person other ON other.id = d.person
        LEFT JOIN {schema}.accounts_person me ON me.id = person_
        WHERE d.proposal_id = proposal_
          AND (d.person = person_
               OR {schema}.consent_identity(other.email) = {schema}.consent_identity(me.email)))
$$;

CREATE OR REPLACE FUNCTION {schema}.consent_can_decide(proposal_ uuid, person_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM {schema}.consent_deciders(proposal_) d WHERE d.person_id = person_)
       AND NOT {schema}.consent_has_decided(proposal_, person_)
$$;

CREATE OR REPLACE FUNCTION {schema}.consent_approvals_needed(proposal_ uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(approvals_needed)::integer FROM {schema}.consent_policies(proposal_)
$$;

-- Approvals of the very payload that lies here, by people who could still decide today. Never stored: it is counted.
CREATE OR REPLACE FUNCTION {schema}.consent_approvals(proposal_ uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(DISTINCT who.identity)::integer
    FROM {schema}.consent_proposal p
    JOIN {schema}.consent_decision d ON d.proposal_id = p.id AND d.verb = 'approve'
    JOIN {schema}.consent_deciders(proposal_) who ON who.person_id = d.person
    WHERE p.id = proposal_ AND d.digest = encode(sha256(convert_to(p.payload, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION {schema}.consent_is_approved(proposal_ uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce({schema}.consent_approvals(proposal_) >= {schema}.consent_approvals_needed(proposal_), false)
$$;

CREATE OR REPLACE FUNCTION {schema}.consent_standing(proposal_ uuid) RETURNS text
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
CREATE OR REPLACE FUNCTION {schema}.consent_executes_now(kind_ text, thing_ text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {schema}.consent_execution e JOIN {schema}.consent_proposal p ON p.id = e.proposal_id
        WHERE p.kind = kind_ AND p.thing = thing_ AND e.executed_at >= now()
          AND e.transaction = pg_current_xact_id_if_assigned()::text::bigint)
$$;
