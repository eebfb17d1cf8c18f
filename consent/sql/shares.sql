-- Showing one's score (ADR 33): to one colleague or one team, for ninety days at most, by its person alone. Whose score it is,
-- these functions take from the look at one's own data that is bound to the transaction, never from the caller.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- Who looks at their own data in this transaction; raises when nobody does.
CREATE OR REPLACE FUNCTION {schema}.consent_looks_at_oneself() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    use uuid := {schema}.gate_use('own_view');
BEGIN
    RETURN (SELECT u.by FROM {schema}.consent_datause u WHERE u.id = use AND u.readable = ARRAY[u.by]);
END $$;

CREATE OR REPLACE FUNCTION {schema}.consent_share_score(shown_to uuid, shown_to_team uuid, shown_until timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me uuid := {schema}.consent_looks_at_oneself();
    made uuid := gen_random_uuid();
BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.consent_participation p WHERE p.person_id = me AND p.purpose = 'scoring') THEN
        RAISE EXCEPTION 'there is no score to show' USING ERRCODE = 'check_violation', CONSTRAINT = 'share_of_a_score';
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.accounts_person p WHERE p.id <> me AND p.is_active AND (
            p.id = shown_to OR p.id IN (
                SELECT m.person_id FROM {schema}.accounts_teammember m WHERE m.team_id = shown_to_team))) THEN
        RAISE EXCEPTION 'there is nobody to show it to' USING ERRCODE = 'check_violation', CONSTRAINT = 'share_with_somebody';
    END IF;
    UPDATE {schema}.consent_scoreshare s SET ended_at = s.until WHERE s.person_id = me AND s.ended_at IS NULL AND s.until <= now();
    INSERT INTO {schema}.consent_scoreshare (id, person_id, viewer, team, shared_at, until)
        VALUES (made, me, shown_to, shown_to_team, clock_timestamp(), shown_until);
    RETURN made;
END $$;

-- Take it back: at once, and for everybody whom it was shown to.
CREATE OR REPLACE FUNCTION {schema}.consent_end_share(share uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me uuid := {schema}.consent_looks_at_oneself();
BEGIN
    UPDATE {schema}.consent_scoreshare s SET ended_at = clock_timestamp()
        WHERE s.id = share AND s.person_id = me AND s.ended_at IS NULL;
    RETURN FOUND;
END $$;

-- Whether each of these people shows their score to this reader now; of a team, to who is in it now.
CREATE OR REPLACE FUNCTION {schema}.consent_is_shown(reader uuid, people uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT cardinality(people) > 0 AND NOT EXISTS (
        SELECT FROM unnest(people) shown WHERE NOT EXISTS (
            SELECT FROM {schema}.consent_scoreshare s
            WHERE s.person_id = shown AND s.ended_at IS NULL AND s.until > clock_timestamp()
              AND (s.viewer = reader OR s.team = (
                    SELECT m.team_id FROM {schema}.accounts_teammember m WHERE m.person_id = reader))))
$$;

-- Who withdraws scoring as a whole shows nothing to anybody any more, and does not begin to again by taking part anew.
CREATE OR REPLACE FUNCTION {schema}.consent_withdrawal_ends_shares() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE {schema}.consent_scoreshare s SET ended_at = NEW.withdrawn_at
    FROM {schema}.consent_grant g
    WHERE g.id = NEW.grant_id AND s.person_id = g.person_id AND s.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM {schema}.consent_opengrant o WHERE o.person_id = g.person_id AND o.purpose = 'scoring');
    RETURN NULL;
END $$;

RESET ROLE;

CREATE OR REPLACE TRIGGER consent_withdrawal_ends_shares AFTER INSERT ON {schema}.consent_withdrawal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_withdrawal_ends_shares();
