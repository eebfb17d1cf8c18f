-- What is open follows from what was granted and withdrawn. The app role appends grants and withdrawals;
-- these triggers, the owner's, keep the open ones, and the cascades behind them delete what they covered.

CREATE FUNCTION {schema}.consent_grant_opens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wording {schema}.consent_purposeversion;
BEGIN
    -- One person's grants and withdrawals queue up behind each other: no tie can slip between.
    PERFORM FROM {schema}.accounts_person WHERE id = NEW.person_id AND is_active FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'person % cannot grant', NEW.person_id USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO STRICT wording FROM {schema}.consent_purposeversion WHERE id = NEW.purpose_version_id;
    IF NOT wording.is_current THEN
        RAISE EXCEPTION 'purpose % version % is no longer current', wording.purpose, wording.version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_for_current_version';
    END IF;
    IF NEW.counts_from > (NEW.granted_at AT TIME ZONE 'UTC')::date + 1
       OR NEW.counts_from < (NEW.granted_at AT TIME ZONE 'UTC')::date - 7 * 27 THEN
        RAISE EXCEPTION 'a grant counts from this week or from up to 26 weeks back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_counts_from_recent';
    END IF;
    -- At the same instant, or with clocks that disagree, the withdrawal wins.
    IF EXISTS (
        SELECT FROM {schema}.consent_withdrawal w JOIN {schema}.consent_grant g ON g.id = w.grant_id
        JOIN {schema}.consent_purposeversion v ON v.id = g.purpose_version_id
        WHERE g.person_id = NEW.person_id AND g.source_id = NEW.source_id AND v.purpose = wording.purpose
          AND w.withdrawn_at >= NEW.granted_at
    ) THEN
        RAISE EXCEPTION 'withdrawn at the same instant or later' USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_after_withdrawal';
    END IF;
    INSERT INTO {schema}.consent_participation (person_id, purpose, since)
        VALUES (NEW.person_id, wording.purpose, NEW.granted_at) ON CONFLICT (person_id, purpose) DO NOTHING;
    INSERT INTO {schema}.consent_opengrant (grant_id, person_id, purpose, purpose_version_id, source_id, counts_from)
        VALUES (NEW.id, NEW.person_id, wording.purpose, NEW.purpose_version_id, NEW.source_id, NEW.counts_from);
    RETURN NULL;
END $$;

CREATE TRIGGER consent_grant_opens AFTER INSERT ON {schema}.consent_grant
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_grant_opens();

CREATE FUNCTION {schema}.consent_withdrawal_closes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    closed {schema}.consent_opengrant;
BEGIN
    PERFORM FROM {schema}.accounts_person p JOIN {schema}.consent_grant g ON g.person_id = p.id
        WHERE g.id = NEW.grant_id FOR NO KEY UPDATE OF p;
    DELETE FROM {schema}.consent_opengrant WHERE grant_id = NEW.grant_id RETURNING * INTO STRICT closed;
    -- Scores were made of all the person's sources: they go, and the purpose goes on with what is left.
    DELETE FROM {schema}.consent_participation WHERE person_id = closed.person_id AND purpose = closed.purpose;
    INSERT INTO {schema}.consent_participation (person_id, purpose, since)
        SELECT closed.person_id, closed.purpose, NEW.withdrawn_at
        WHERE EXISTS (SELECT FROM {schema}.consent_opengrant
                      WHERE person_id = closed.person_id AND purpose = closed.purpose);
    RETURN NULL;
END $$;

CREATE TRIGGER consent_withdrawal_closes AFTER INSERT ON {schema}.consent_withdrawal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_withdrawal_closes();

-- Open grants of a source, held open until the transaction ends: a withdrawal waits, and then takes the new rows too.
CREATE FUNCTION {schema}.consent_hold_open_grants(source uuid, purpose_key text)
RETURNS TABLE (grant_id bigint, person_id uuid, counts_from date)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT o.grant_id, o.person_id, o.counts_from FROM {schema}.consent_opengrant o
    JOIN {schema}.consent_purposeversion v ON v.id = o.purpose_version_id AND v.is_current
    WHERE o.source_id = source AND o.purpose = purpose_key
    FOR KEY SHARE OF o
$$;

-- The same for those who take part in a purpose: scores hang on these rows.
CREATE FUNCTION {schema}.consent_hold_participations(purpose_key text)
RETURNS TABLE (participation_id bigint, person_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, p.person_id FROM {schema}.consent_participation p WHERE p.purpose = purpose_key FOR KEY SHARE OF p
$$;
