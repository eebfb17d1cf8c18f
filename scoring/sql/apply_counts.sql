-- A file's counts take the place of what was counted before, in one statement.
--
-- %(source)s   the source; its row is locked, so that nobody else writes counts of its grants meanwhile
-- %(whole)s    date[]: Mondays of the weeks that the file covers wholly; in others the larger number is kept
--
-- `counted` is the session's temporary table of (grant_id, kind, week, colleagues).
WITH held AS MATERIALIZED (
    -- Locked until commit: who withdraws meanwhile waits, then takes the new counts with them.
    SELECT grant_id, person_id FROM consent_hold_open_grants(%(source)s, 'scoring')
), now AS MATERIALIZED (
    SELECT person_id, grant_id, kind, week, colleagues FROM pg_temp.counted JOIN held USING (grant_id)
), before AS MATERIALIZED (
    SELECT c.person_id, c.grant_id, c.kind, c.week, c.colleagues
    FROM scoring_weekcount c JOIN held h ON h.person_id = c.person_id AND h.grant_id = c.grant_id
), gone AS (
    DELETE FROM scoring_weekcount c
    USING before b LEFT JOIN now n USING (person_id, grant_id, kind, week)
    WHERE (c.person_id, c.grant_id, c.kind, c.week) = (b.person_id, b.grant_id, b.kind, b.week)
      AND n.person_id IS NULL AND b.week = ANY (%(whole)s::date[])
    RETURNING c.person_id
), corrected AS (
    UPDATE scoring_weekcount c SET colleagues = n.colleagues
    FROM before b JOIN now n USING (person_id, grant_id, kind, week)
    WHERE (c.person_id, c.grant_id, c.kind, c.week) = (b.person_id, b.grant_id, b.kind, b.week)
      AND n.colleagues <> b.colleagues AND (n.colleagues > b.colleagues OR b.week = ANY (%(whole)s::date[]))
    RETURNING c.person_id
), added AS (
    INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT person_id, grant_id, kind, week, n.colleagues
    FROM now n LEFT JOIN before b USING (person_id, grant_id, kind, week)
    WHERE b.person_id IS NULL
    ORDER BY person_id, grant_id, kind, week  -- as in the primary key, which then grows page by page
    RETURNING person_id
), changed AS (
    SELECT person_id FROM gone
    UNION ALL SELECT person_id FROM corrected
    UNION ALL SELECT person_id FROM added
), stale AS (
    INSERT INTO scoring_stalescore (person_id, participation_id)
    SELECT p.person_id, p.id FROM consent_participation p
    WHERE p.purpose = 'scoring' AND p.person_id IN (SELECT person_id FROM changed)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM changed
