-- A file's counts take the place of what was counted before, in one statement.
--
-- %(source)s   the source
-- %(whole)s    date[]: Mondays of the weeks that the file covers wholly; in others the larger number is kept
--
-- `counted` is the session's temporary table of (grant_id, kind, week, colleagues).
WITH held AS MATERIALIZED (
    -- Locked until commit: who withdraws meanwhile waits, then takes the new counts with them.
    SELECT grant_id, person_id FROM consent_hold_open_grants(%(source)s, 'scoring')
), counted AS MATERIALIZED (
    SELECT person_id, grant_id, kind, week, colleagues FROM pg_temp.counted JOIN held USING (grant_id)
), gone AS (
    DELETE FROM scoring_weekcount c USING held h
    WHERE c.person_id = h.person_id AND c.grant_id = h.grant_id
      AND c.week = ANY (%(whole)s::date[])
      AND NOT EXISTS (SELECT FROM counted n WHERE n.person_id = c.person_id AND n.grant_id = c.grant_id
                      AND n.kind = c.kind AND n.week = c.week)
    RETURNING c.person_id
), written AS (
    INSERT INTO scoring_weekcount AS c (person_id, grant_id, kind, week, colleagues)
    SELECT person_id, grant_id, kind, week, colleagues FROM counted
    ON CONFLICT (person_id, grant_id, kind, week) DO UPDATE SET colleagues = excluded.colleagues
    WHERE c.colleagues <> excluded.colleagues
      AND (c.colleagues < excluded.colleagues OR c.week = ANY (%(whole)s::date[]))
    RETURNING c.person_id
), changed AS (
    SELECT person_id FROM gone UNION ALL SELECT person_id FROM written
), stale AS (
    INSERT INTO scoring_stalescore (person_id, participation_id)
    SELECT p.person_id, p.id FROM consent_participation p
    WHERE p.purpose = 'scoring' AND p.person_id IN (SELECT person_id FROM changed)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM changed
