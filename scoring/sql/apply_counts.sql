-- A file's counts take the place of what was counted before, in one statement.
--
-- %(source)s   the source
-- %(first)s, %(last)s    Mondays of the first and last week that the file covers, even in part
-- %(partial)s  date[]: Mondays of the weeks that it covers only in part; these keep the larger number
--
-- `seen` is the session's temporary table of (grant_id, kind, week, colleague): whom each person dealt with, as numbers
-- that mean nothing outside this import.
WITH held AS MATERIALIZED (
    -- Locked until commit: who withdraws meanwhile waits, then takes the new counts with them.
    SELECT grant_id, person_id FROM consent_hold_open_grants(%(source)s, 'scoring')
), counted AS MATERIALIZED (
    SELECT h.person_id, h.grant_id, s.kind::smallint AS kind, date '0001-01-01' + 7 * s.week AS week, s.colleagues
    FROM (SELECT grant_id, kind, week, count(*)::int AS colleagues
          FROM (SELECT DISTINCT grant_id, kind, week, colleague FROM seen) AS different
          GROUP BY grant_id, kind, week) AS s
    JOIN held h USING (grant_id)
), gone AS (
    DELETE FROM scoring_weekcount c USING held h
    WHERE c.person_id = h.person_id AND c.grant_id = h.grant_id
      AND c.week BETWEEN %(first)s AND %(last)s AND NOT c.week = ANY (%(partial)s::date[])
      AND NOT EXISTS (SELECT FROM counted n WHERE n.person_id = c.person_id AND n.grant_id = c.grant_id
                      AND n.kind = c.kind AND n.week = c.week)
    RETURNING c.person_id
), written AS (
    INSERT INTO scoring_weekcount AS c (person_id, grant_id, kind, week, colleagues)
    SELECT person_id, grant_id, kind, week, colleagues FROM counted
    ON CONFLICT (person_id, grant_id, kind, week) DO UPDATE SET colleagues = excluded.colleagues
    WHERE c.colleagues <> excluded.colleagues
      AND (c.colleagues < excluded.colleagues OR NOT c.week = ANY (%(partial)s::date[]))
    RETURNING c.person_id
), changed AS (
    SELECT person_id FROM gone UNION ALL SELECT person_id FROM written
), stale AS (
    INSERT INTO scoring_stalescore (person_id, participation_id)
    SELECT DISTINCT c.person_id, p.id
    FROM changed c JOIN consent_participation p ON p.person_id = c.person_id AND p.purpose = 'scoring'
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM changed
