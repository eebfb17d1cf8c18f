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

-- What is kept of the disputed numbers now, and whether the person has left them out of the score.
CREATE OR REPLACE FUNCTION {schema}.scoring_disputed_counts(dispute uuid)
RETURNS TABLE (week date, kind smallint, source text, colleagues integer, is_excluded boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    said {schema}.scoring_dispute;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute;
    PERFORM {schema}.scoring_reader('dispute_review', said.person_id);
    RETURN QUERY
        SELECT c.week, c.kind, s.name::text, c.colleagues, e.person_id IS NOT NULL
        FROM {schema}.scoring_weekcount c
        JOIN {schema}.consent_opengrant g ON g.grant_id = c.grant_id
        JOIN {schema}.consent_source s ON s.id = g.source_id
        LEFT JOIN {schema}.scoring_exclusion e
            ON (e.person_id, e.grant_id, e.kind, e.week) = (c.person_id, c.grant_id, c.kind, c.week)
        WHERE c.person_id = said.person_id AND c.week = coalesce(said.week, c.week)
          AND c.kind = coalesce(said.kind, c.kind) AND g.source_id = coalesce(said.source_id, g.source_id)
        ORDER BY c.week DESC, s.name, c.kind;
END $$;

-- A steward answers, once, and nobody answers themself.
CREATE OR REPLACE FUNCTION {schema}.scoring_answer_dispute(dispute uuid, outcome_ text, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said {schema}.scoring_dispute;
    reader uuid;
BEGIN
    SELECT * INTO said FROM {schema}.scoring_dispute d WHERE d.id = dispute FOR UPDATE;
    reader := {schema}.scoring_reader('dispute_review', said.person_id);
    IF reader = said.person_id THEN
        RAISE EXCEPTION 'nobody answers themself' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_answered_by_another';
    END IF;
    IF said.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'it is answered' USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_answered_once';
    END IF;
    IF outcome_ NOT IN ('upheld', 'dismissed') THEN
        RAISE EXCEPTION 'no outcome is called %', outcome_ USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_outcome_known';
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
