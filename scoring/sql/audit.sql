-- The bias audit of the model in effect (ADR 31). What people are by sex, ethnicity or the like comes as arguments, is joined
-- with scores in here, and goes with the transaction; what stays is figures about five people or more.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

GRANT USAGE, CREATE ON SCHEMA {schema} TO {engine};
SET LOCAL ROLE {engine};

-- Which numbers of people must not be shown. One from 1 to 4 is not; and in each line whose total is known, what is hidden is
-- two cells and five people or more, or it could be subtracted (complementary suppression). At last even a zero is hidden.
--
-- already         cells that are hidden anyway
-- lines, cells    side by side: this line contains the cell with this place in `numbers`
CREATE OR REPLACE FUNCTION {schema}.scoring_hide_small(numbers bigint[], already boolean[], lines bigint[], cells integer[])
RETURNS boolean[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fewest constant integer := 5;
    hidden boolean[] := ARRAY(SELECT coalesce(a, false) OR n BETWEEN 1 AND fewest - 1
                              FROM unnest(numbers, already) WITH ORDINALITY u (n, a, i) ORDER BY i);
    more integer[];
BEGIN
    LOOP
        -- The smallest cell of each weak line at once.
        more := ARRAY(SELECT DISTINCT ON (m.line) m.cell FROM unnest(lines, cells) m (line, cell) JOIN (
                SELECT line FROM unnest(lines, cells) u (line, cell) GROUP BY line
                HAVING count(*) FILTER (WHERE hidden[cell]) = 1
                    OR sum(numbers[cell]) FILTER (WHERE hidden[cell]) < fewest) weak USING (line)
            WHERE NOT hidden[m.cell]
            ORDER BY m.line, numbers[m.cell] = 0, numbers[m.cell], m.cell);
        EXIT WHEN cardinality(more) = 0;
        hidden := ARRAY(SELECT h OR i = ANY (more) FROM unnest(hidden) WITH ORDINALITY u (h, i) ORDER BY i);
    END LOOP;
    RETURN hidden;
END $$;

-- Audit the model in effect over the scores of its newest week, and keep the figures: once a model and week, since two audits
-- with one answer between them would tell about one person. Of those who said yes to figures about groups, all of them.
--
-- attributes    what the columns are called
-- people        opaque ids; `described` has one text a person and attribute, person by person, '' where it is not known
CREATE OR REPLACE FUNCTION {schema}.scoring_audit_model(attributes text[], people uuid[], described text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_column
DECLARE
    use uuid := {schema}.gate_use('team_figures');
    fewest constant integer := 5;
    model bigint;
    scored_week date;
    refusal text;
    figures jsonb;
    made bigint;
BEGIN
    SELECT v.id, max(r.week) INTO model, scored_week FROM {schema}.scoring_modelversion v
        LEFT JOIN {schema}.scoring_run r ON r.model_id = v.id AND NOT r.is_held WHERE v.is_current GROUP BY v.id;
    -- Figures about people whom the caller picked would be about whom the caller wants to know of.
    IF (SELECT u.readable <> '{}' FROM {schema}.consent_datause u WHERE u.id = use) THEN
        RAISE EXCEPTION 'an audit is of everybody who is counted in figures' USING ERRCODE = 'insufficient_privilege';
    END IF;
    CREATE TEMPORARY TABLE sample ON COMMIT DROP AS
        WITH newest AS (
            SELECT DISTINCT ON (s.person_id) s.person_id, s.value, s.kinds FROM {schema}.scoring_score s
            JOIN {schema}.scoring_run r ON r.id = s.run_id AND r.model_id = model AND r.week = scored_week
            JOIN {schema}.consent_datauseperson d ON d.person_id = s.person_id AND d.use_id = use AND d.is_allowed
            ORDER BY s.person_id, r.id DESC
        ), scored AS (SELECT * FROM newest WHERE cardinality(kinds) > 0)
        SELECT s.person_id, s.value > m.middle AS is_above
        FROM scored s, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS middle FROM scored) m;
    CREATE TEMPORARY TABLE answer ON COMMIT DROP AS
        SELECT s.person_id, s.is_above, a.attribute::integer AS attribute,
               coalesce(described[(p.place - 1) * cardinality(attributes) + a.attribute], '') AS category
        FROM sample s CROSS JOIN generate_series(1, cardinality(attributes)) a (attribute)
        LEFT JOIN unnest(people) WITH ORDINALITY p (person_id, place) ON p.person_id = s.person_id;
    refusal := CASE
        WHEN cardinality(attributes) NOT BETWEEN 1 AND 4
             OR cardinality(described) <> cardinality(attributes) * cardinality(people) THEN 'audit_attributes_few'
        WHEN EXISTS (SELECT FROM answer GROUP BY attribute HAVING count(DISTINCT category) > 40) THEN 'audit_categories_few'
        WHEN (SELECT count(*) FROM sample) < fewest THEN 'audit_of_five_or_more'
        WHEN EXISTS (SELECT FROM {schema}.scoring_biasaudit b WHERE b.model_id = model AND b.week = scored_week)
            THEN 'audit_once_a_week' END;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'there is no audit: %', refusal USING ERRCODE = 'check_violation', CONSTRAINT = refusal;
    END IF;
    figures := jsonb_build_object(
        'people', (SELECT count(*) FROM sample), 'above', (SELECT count(*) FILTER (WHERE is_above) FROM sample))
        || {schema}.scoring_audit_cells(attributes);
    DROP TABLE sample, answer;
    INSERT INTO {schema}.scoring_biasaudit (model_id, week, figures, audited_at, audited_by)
        SELECT model, scored_week, figures, clock_timestamp(), u.by FROM {schema}.consent_datause u WHERE u.id = use
        RETURNING id INTO made;
    RETURN made;
END $$;

-- Every group by one attribute and by two, as far as it may be shown. Reads `answer`, which the function above makes.
CREATE OR REPLACE FUNCTION {schema}.scoring_audit_cells(attributes text[]) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    hidden boolean[];
    told jsonb;
BEGIN
    CREATE TEMPORARY TABLE one ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY attribute, category)::integer AS cell, attribute, category, count(*) AS people,
               count(*) FILTER (WHERE is_above) AS above, false AS is_hidden
        FROM answer GROUP BY attribute, category;
    hidden := (SELECT {schema}.scoring_hide_small(array_agg(people ORDER BY cell), array_agg(false),
                   array_agg(attribute::bigint ORDER BY cell), array_agg(cell ORDER BY cell)) FROM one);
    UPDATE one SET is_hidden = hidden[cell];
    -- Who is hidden by one attribute is hidden by two, or the second table would give the first one away.
    CREATE TEMPORARY TABLE two ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY a.cell, b.cell)::integer AS cell, a.cell AS a, b.cell AS b, a.attribute,
               b.attribute AS other, a.category, b.category AS other_category, coalesce(c.people, 0) AS people,
               coalesce(c.above, 0) AS above, a.is_hidden OR b.is_hidden AS is_hidden
        FROM one a JOIN one b ON a.attribute < b.attribute
        LEFT JOIN (SELECT x.attribute, y.attribute AS other, x.category, y.category AS other_category, count(*) AS people,
                          count(*) FILTER (WHERE x.is_above) AS above
                   FROM answer x JOIN answer y ON y.person_id = x.person_id AND x.attribute < y.attribute
                   GROUP BY 1, 2, 3, 4) c
            ON (c.attribute, c.other, c.category, c.other_category) = (a.attribute, b.attribute, a.category, b.category);
    hidden := (SELECT {schema}.scoring_hide_small(
        (SELECT array_agg(people ORDER BY cell) FROM two), (SELECT array_agg(is_hidden ORDER BY cell) FROM two),
        array_agg(line), array_agg(cell))
        FROM (SELECT a * 1000000::bigint + other AS line, cell FROM two
              UNION ALL SELECT -(b * 1000000::bigint + attribute), cell FROM two) lines);
    UPDATE two SET is_hidden = hidden[cell];
    told := jsonb_build_object(
        'attributes', (SELECT jsonb_agg(jsonb_build_object(
                'name', attributes[attribute], 'hidden', hidden, 'unknown', unknown, 'groups', groups) ORDER BY attribute) FROM (
            SELECT attribute, count(*) FILTER (WHERE is_hidden AND category <> '') AS hidden,
                   -- Null where it is hidden, 0 where everybody is known.
                   CASE WHEN bool_or(is_hidden AND category = '') THEN NULL
                        ELSE coalesce(sum(people) FILTER (WHERE category = ''), 0) END AS unknown,
                   coalesce(jsonb_agg(jsonb_build_object('names', jsonb_build_array(category), 'people', people, 'above', above)
                       ORDER BY category) FILTER (WHERE NOT is_hidden AND category <> ''), '[]') AS groups
            FROM one GROUP BY attribute) a),
        'pairs', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', attributes[attribute] || ' and ' || attributes[other],
                'hidden', hidden, 'groups', groups) ORDER BY attribute, other), '[]') FROM (
            SELECT attribute, other, count(*) FILTER (WHERE is_hidden AND people > 0 AND category <> '' AND other_category <> '') > 0
                       AS hidden,
                   coalesce(jsonb_agg(jsonb_build_object('names', jsonb_build_array(category, other_category),
                           'people', people, 'above', above) ORDER BY category, other_category)
                       FILTER (WHERE NOT is_hidden AND people > 0 AND category <> '' AND other_category <> ''), '[]') AS groups
            FROM two GROUP BY attribute, other) p));
    DROP TABLE one, two;
    RETURN told;
END $$;

RESET ROLE;
