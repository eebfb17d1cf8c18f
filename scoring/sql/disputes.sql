-- Disputes (design §9, the right to rectification). A person says what is wrong; a steward who is not that person answers,
-- under a use of data that names the person, and sees the disputed numbers and no others. Who it is, these functions take
-- from the use that is bound to the transaction, never from the caller.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- The reader of the use, bound to this transaction, for a purpose about somebody; raises when there is none.
CREATE OR REPLACE FUNCTION {schema}.scoring_reader(purpose_key text, subject uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reader uuid;
BEGIN
    SELECT u.by INTO reader FROM {schema}.consent_datause u
    JOIN {schema}.consent_purposeversion v ON v.id = u.purpose_version_id AND v.is_current
    WHERE v.purpose = purpose_key AND u.reader_may AND subject = ANY (u.readable)
      AND u.reading_xid = pg_current_xact_id_if_assigned()::text::bigint AND u.opened_at >= transaction_timestamp()
    ORDER BY u.opened_at DESC LIMIT 1;
    IF reader IS NULL THEN
        RAISE EXCEPTION 'no data use for the purpose % about this person is bound to this transaction', purpose_key
            USING ERRCODE = 'insufficient_privilege', HINT = 'Open one with data_use(purpose, by=, about=, reason=, at=).';
    END IF;
    RETURN reader;
END $$;

-- Somebody says that something about themself is wrong. The obligation to answer was opened before, for this very dispute.
CREATE OR REPLACE FUNCTION {schema}.scoring_open_dispute(
    dispute uuid, obligation uuid, week date, kind smallint, source uuid, words text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owed {schema}.consent_obligation;
BEGIN
    SELECT * INTO STRICT owed FROM {schema}.consent_obligation o WHERE o.id = obligation;
    IF owed.kind <> 'dispute_answer' OR owed.thing IS DISTINCT FROM dispute OR owed.done_at IS NOT NULL THEN
        RAISE EXCEPTION '% is no promise to answer this', owed.reference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_has_deadline';
    END IF;
    INSERT INTO {schema}.scoring_dispute
        (id, person_id, obligation_id, week, kind, source_id, text, outcome, answer)
        VALUES (dispute, {schema}.scoring_reader('own_view', owed.person), obligation, week, kind, source, btrim(words), '', '');
END $$;

-- Somebody does not accept the answer: once, and another steward decides.
CREATE OR REPLACE FUNCTION {schema}.scoring_appeal(appeal uuid, obligation uuid, first uuid, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said {schema}.scoring_dispute;
BEGIN
    SELECT * INTO STRICT said FROM {schema}.scoring_dispute d WHERE d.id = first;
    IF said.answered_at IS NULL OR said.appeal_of IS NOT NULL THEN
        RAISE EXCEPTION 'one appeals once, against an answer' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_appealed_once';
    END IF;
    PERFORM {schema}.scoring_open_dispute(appeal, obligation, said.week, said.kind, said.source_id, words);
    UPDATE {schema}.scoring_dispute d SET appeal_of = first WHERE d.id = appeal AND d.person_id = said.person_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody appeals for somebody else' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_appealed_by_its_person';
    END IF;
END $$;

-- Who reads a dispute has no stake in it: is not its person, did not give the answer that is appealed against, and is not
-- of its person's team while another steward is not.
CREATE OR REPLACE FUNCTION {schema}.scoring_unconcerned_reader(dispute uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said {schema}.scoring_dispute;
    reader uuid;
    first_answer uuid;
    refusal text;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute;
    reader := {schema}.scoring_reader('dispute_review', said.person_id);
    first_answer := (SELECT d.answered_by FROM {schema}.scoring_dispute d WHERE d.id = said.appeal_of);
    refusal := CASE
        WHEN reader = said.person_id THEN 'dispute_answered_by_another'
        WHEN reader = first_answer THEN 'dispute_appeal_answered_by_another'
        WHEN reader IN (SELECT {schema}.scoring_team_of(said.person_id)) AND EXISTS (
            SELECT FROM {schema}.accounts_person p JOIN {schema}.accounts_roleheld r ON r.person_id = p.id AND r.role = 'steward'
            WHERE p.is_active AND p.id <> said.person_id AND p.id IS DISTINCT FROM first_answer
              AND p.id NOT IN (SELECT {schema}.scoring_team_of(said.person_id))) THEN 'dispute_answered_from_outside' END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'this reader has a stake in it: %', refusal USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    RETURN reader;
END $$;

-- Everybody in the team of somebody.
CREATE OR REPLACE FUNCTION {schema}.scoring_team_of(person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.person_id FROM {schema}.accounts_teammember m
    WHERE m.team_id = (SELECT own.team_id FROM {schema}.accounts_teammember own WHERE own.person_id = person)
$$;

-- What is kept of the disputed numbers now, and whether the person has left them out of the score.
DROP FUNCTION IF EXISTS {schema}.scoring_disputed_counts(uuid);
CREATE FUNCTION {schema}.scoring_disputed_counts(dispute uuid)
RETURNS TABLE (grant_id bigint, week date, kind smallint, source text, colleagues integer, is_excluded boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    said {schema}.scoring_dispute;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute;
    PERFORM {schema}.scoring_unconcerned_reader(dispute);
    RETURN QUERY
        SELECT c.grant_id, c.week, c.kind, s.name::text, c.colleagues, e.person_id IS NOT NULL
        FROM (
            SELECT person_id, grant_id, kind, week, colleagues FROM {schema}.scoring_weekcount
            UNION ALL  -- what was set to nothing can be disputed again
            SELECT person_id, grant_id, kind, week, 0 FROM {schema}.scoring_correction k WHERE k.colleagues = 0
        ) c
        JOIN {schema}.consent_opengrant g ON g.grant_id = c.grant_id
        JOIN {schema}.consent_source s ON s.id = g.source_id
        LEFT JOIN {schema}.scoring_exclusion e
            ON (e.person_id, e.grant_id, e.kind, e.week) = (c.person_id, c.grant_id, c.kind, c.week)
        WHERE c.person_id = said.person_id AND c.week = coalesce(said.week, c.week)
          AND c.kind = coalesce(said.kind, c.kind) AND g.source_id = coalesce(said.source_id, g.source_id)
        ORDER BY c.week DESC, s.name, c.kind;
END $$;

-- Set one disputed number right, before the answer. Only what the dispute names; zero takes it out.
CREATE OR REPLACE FUNCTION {schema}.scoring_correct(dispute uuid, grant_ bigint, kind_ smallint, week_ date, number integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said {schema}.scoring_dispute;
    before integer;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute FOR UPDATE;
    -- An import of the same source holds this row, and brings the wrong number again before or after, never meanwhile.
    PERFORM FROM {schema}.consent_source s JOIN {schema}.consent_opengrant g ON g.source_id = s.id
        WHERE g.grant_id = grant_ FOR UPDATE OF s;
    SELECT c.colleagues INTO before FROM {schema}.scoring_disputed_counts(dispute) c
        WHERE (c.grant_id, c.kind, c.week) = (grant_, kind_, week_);
    IF NOT FOUND OR said.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'the dispute names no such number' USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_of_disputed';
    END IF;
    IF number NOT BETWEEN 0 AND 100000 OR number = before THEN
        RAISE EXCEPTION 'that corrects nothing' USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_another_number';
    END IF;
    INSERT INTO {schema}.scoring_correction (person_id, grant_id, kind, week, dispute, was, colleagues)
        VALUES (said.person_id, grant_, kind_, week_, dispute, before, number)
        ON CONFLICT (person_id, grant_id, kind, week) DO UPDATE
            SET dispute = excluded.dispute, was = excluded.was, colleagues = excluded.colleagues,
                corrected_at = excluded.corrected_at;
    IF number = 0 THEN
        DELETE FROM {schema}.scoring_weekcount c
            WHERE (c.person_id, c.grant_id, c.kind, c.week) = (said.person_id, grant_, kind_, week_);
    ELSE
        INSERT INTO {schema}.scoring_weekcount (person_id, grant_id, kind, week, colleagues)
            VALUES (said.person_id, grant_, kind_, week_, number)
            ON CONFLICT (person_id, grant_id, kind, week) DO UPDATE SET colleagues = number;
    END IF;
    INSERT INTO {schema}.scoring_stalescore (person_id, participation_id)
        SELECT p.person_id, p.id FROM {schema}.consent_participation p
        WHERE p.purpose = 'scoring' AND p.person_id = said.person_id ON CONFLICT DO NOTHING;
END $$;

-- A steward without a stake answers, once.
CREATE OR REPLACE FUNCTION {schema}.scoring_answer_dispute(dispute uuid, outcome_ text, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said {schema}.scoring_dispute;
    reader uuid;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute FOR UPDATE;
    reader := {schema}.scoring_unconcerned_reader(dispute);
    IF said.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'it is answered' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_answered_once';
    END IF;
    IF outcome_ NOT IN ('upheld', 'dismissed') THEN
        RAISE EXCEPTION 'no outcome is called %', outcome_ USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_outcome_known';
    END IF;
    -- Being right changes something: what is wrong is set right, or left out of the score.
    IF outcome_ = 'upheld' AND NOT EXISTS (SELECT FROM {schema}.scoring_correction k WHERE k.dispute = scoring_answer_dispute.dispute)
       AND EXISTS (SELECT FROM {schema}.scoring_disputed_counts(dispute) c WHERE NOT c.is_excluded) THEN
        RAISE EXCEPTION 'nothing is set right' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_upheld_corrects';
    END IF;
    UPDATE {schema}.scoring_dispute d
        SET answered_at = clock_timestamp(), answered_by = reader, outcome = outcome_, answer = btrim(words)
        WHERE d.id = dispute;
END $$;

-- The promise to answer is kept by an answer alone; it is taken back only with everything else of whoever is erased.
CREATE OR REPLACE FUNCTION {schema}.scoring_answer_is_given() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_shown boolean := CASE NEW.outcome
        WHEN 'complete' THEN
            EXISTS (SELECT FROM {schema}.scoring_dispute d WHERE d.obligation_id = OLD.id AND d.answered_at IS NOT NULL)
        WHEN 'cancelled' THEN EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = OLD.person)
        ELSE false END;
BEGIN
    IF NOT is_shown THEN
        RAISE EXCEPTION 'nothing shows that % was answered', OLD.reference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_done_with_evidence';
    END IF;
    RETURN NEW;
END $$;

RESET ROLE;

CREATE OR REPLACE TRIGGER scoring_answer_is_given BEFORE UPDATE ON {schema}.consent_obligation
    FOR EACH ROW WHEN (OLD.kind = 'dispute_answer' AND OLD.done_at IS NULL AND NEW.done_at IS NOT NULL)
    EXECUTE FUNCTION {schema}.scoring_answer_is_given();
