-- One run: the score of everyone who takes part (or of the given people), with all its parts, in whole numbers.
-- Who has not enough to go on gets a row without parts.
--
-- %(run)s      the run's row
-- %(week)s     Monday of the as-of week A, the last full one
-- %(model)s    the model version
-- %(weights)s  int[]: millionths that a week 0, 1, 2, … weeks back weighs for people without pauses
-- %(decay)s    int[]: the same for each active day of age
-- %(people)s   uuid[] of the people to score, or NULL for all
--
-- Age of a count's week W: the days of [W + 7, A + 7) on which the person's clock ran. Nearly nobody has a pause, an
-- exclusion or an outdated grant: all rows are summed as if nobody had, and `mend` sets right the few that differ.
-- Sums of whole numbers do not mind the order, so the result is the same to the last digit.
WITH held AS MATERIALIZED (
    -- Locked until commit: a withdrawal waits, then takes the new scores with it.
    SELECT participation_id, person_id FROM consent_hold_participations('scoring')
    WHERE %(people)s::uuid[] IS NULL OR person_id = ANY (%(people)s::uuid[])
), summed AS (
    SELECT person_id, kind, sum(colleagues::bigint * (%(weights)s::int[])[(%(week)s::date - week) / 7 + 1]) AS x
    FROM scoring_weekcount
    WHERE week <= %(week)s AND (%(people)s::uuid[] IS NULL OR person_id = ANY (%(people)s::uuid[]))
    GROUP BY person_id, kind
), special AS MATERIALIZED (
    SELECT person_id FROM scoring_pause
    UNION SELECT person_id FROM scoring_exclusion
    UNION SELECT o.person_id FROM consent_opengrant o JOIN consent_purposeversion v ON v.id = o.purpose_version_id
          WHERE NOT v.is_current
), paused AS (
    SELECT p.person_id, w.week,
           sum(greatest(0, least(coalesce(p.ended_on, 'infinity'), %(week)s::date + 7)
                           - greatest(p.started_on, w.week + 7)))::int AS days
    FROM scoring_pause p,
         (SELECT %(week)s::date - 7 * n AS week FROM generate_series(0, cardinality(%(weights)s::int[]) - 1) n) w
    WHERE p.started_on < %(week)s::date + 7
    GROUP BY p.person_id, w.week
), mend AS (
    SELECT c.person_id, c.kind, c.colleagues::bigint * (
        CASE WHEN e.person_id IS NULL AND v.is_current AND c.week >= o.counts_from
             THEN coalesce((%(decay)s::int[])[%(week)s::date - c.week - coalesce(p.days, 0) + 1], 0) ELSE 0 END
        - coalesce((%(weights)s::int[])[(%(week)s::date - c.week) / 7 + 1], 0)) AS x
    FROM scoring_weekcount c
    JOIN consent_opengrant o ON o.grant_id = c.grant_id
    JOIN consent_purposeversion v ON v.id = o.purpose_version_id
    LEFT JOIN paused p ON p.person_id = c.person_id AND p.week = c.week
    LEFT JOIN scoring_exclusion e
        ON e.person_id = c.person_id AND e.grant_id = c.grant_id AND e.kind = c.kind AND e.week = c.week
    WHERE c.week <= %(week)s AND c.person_id = ANY (ARRAY(
        SELECT person_id FROM special
        WHERE %(people)s::uuid[] IS NULL OR person_id = ANY (%(people)s::uuid[])))
), weighed AS (
    SELECT person_id, kind, sum(x)::bigint AS x
    FROM (SELECT * FROM summed UNION ALL SELECT * FROM mend) AS every_row
    GROUP BY person_id, kind
    HAVING sum(x) > 0
), part AS (
    -- Hundredths of a point, rounded half up: round(a / b) = (2a + b) div 2b.
    SELECT person_id, kind, x, ((200 * t.weight * x + b) / (2 * b))::smallint AS points
    FROM weighed JOIN scoring_modelterm t USING (kind)
    CROSS JOIN LATERAL (SELECT x + t.halfway * 1000000::bigint AS b) AS below
    WHERE t.model_id = %(model)s
), total AS (
    SELECT person_id, sum(points) AS value, array_agg(kind ORDER BY kind) AS kinds,
           array_agg(points ORDER BY kind) AS points, array_agg(x ORDER BY kind) AS colleagues
    FROM part GROUP BY person_id
    HAVING sum(x) >= (SELECT minimum_colleagues * 1000000::bigint FROM scoring_modelversion WHERE id = %(model)s)
)
INSERT INTO scoring_score (run_id, person_id, participation_id, value, kinds, points, colleagues)
SELECT %(run)s, person_id, participation_id,
       coalesce(value, 0), coalesce(kinds, '{}'), coalesce(points, '{}'), coalesce(colleagues, '{}')
FROM held LEFT JOIN total USING (person_id)
