-- The residual scan: what is left of people under erasure, in every column of every table that can hold a word or an id.
-- What to search for stands in the erasures themselves, never in a question: this is no way to look for somebody.
--
-- One reading of a table serves many erasures. It knows columns by their type and not by the map, so that a table which
-- nobody thought of is read like all others. This file is run anew, as a whole, by the migration of whatever changes in it.

-- A literal as a regular expression.
CREATE OR REPLACE FUNCTION {schema}.consent_literal(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(word, '([^[:alnum:]])', '\\\1', 'g')
$$;

-- What is searched for: the opaque id, each address, the name. A name that somebody else bears, or that is shorter than
-- three letters, tells on nobody; one of a single word ('word') is searched only where names are declared to stand, as
-- it might be any word elsewhere. `fits` sees to it that jimbob@ is not bob@, also right behind an escaped line end.
CREATE OR REPLACE FUNCTION {schema}.consent_needles(erasures uuid[])
RETURNS TABLE (erasure uuid, kind text, needle text, fits text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH told AS (
        SELECT e.id, 'id' AS kind, e.person::text AS word FROM {schema}.consent_erasure e WHERE e.id = ANY (erasures)
        UNION ALL
        SELECT e.id, 'id', replace(e.person::text, '-', '') FROM {schema}.consent_erasure e WHERE e.id = ANY (erasures)
        UNION ALL
        SELECT e.id, 'address', lower(address) FROM {schema}.consent_erasure e, unnest(e.addresses || e.email::text) address
        WHERE e.id = ANY (erasures) AND address <> ''
        UNION ALL
        SELECT e.id, CASE WHEN btrim(e.name) ~ '\s' THEN 'name' ELSE 'word' END, lower(btrim(e.name))
        FROM {schema}.consent_erasure e
        WHERE e.id = ANY (erasures) AND length(btrim(e.name)) > 2
          AND NOT EXISTS (SELECT FROM {schema}.accounts_person p
                          WHERE lower(btrim(p.name)) = lower(btrim(e.name)) AND p.id <> e.person)
    ), written AS (  -- as it is, as JSON writes it, and as bytes are shown
        SELECT id, kind, word FROM told
        UNION SELECT id, kind, btrim(to_json(word)::text, '"') FROM told
        UNION SELECT id, kind, encode(convert_to(word, 'UTF8'), 'escape') FROM told
    )
    SELECT id, kind, word, CASE kind
        WHEN 'id' THEN {schema}.consent_literal(word)
        WHEN 'address' THEN '((?<![[:alnum:]._%+-])|(?<=\\[nrtbf]))' || {schema}.consent_literal(word)
                            || '(?![[:alnum:]-]|\.[[:alnum:]])'
        ELSE '((?<![[:alnum:]])|(?<=\\[nrtbf]))' || {schema}.consent_literal(word) || '(?![[:alnum:]])' END
    FROM written
$$;

-- Read all tables of a schema, with the rights of whoever calls. {erasure: {"table.column": rows}}
CREATE OR REPLACE FUNCTION {schema}.consent_scan(in_schema text, erasures uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    words text;          -- all that is searched for in texts, as one pattern
    words_without_ids text;
    ids uuid[];
    needles jsonb;
    t record;
    part jsonb;
    found jsonb := '{}';
BEGIN
    SELECT jsonb_agg(to_jsonb(n)), array_agg(DISTINCT n.needle::uuid) FILTER (WHERE n.kind = 'id'),
           string_agg(DISTINCT {schema}.consent_literal(n.needle), '|'),
           string_agg(DISTINCT {schema}.consent_literal(n.needle), '|') FILTER (WHERE n.kind <> 'id')
        INTO needles, ids, words, words_without_ids
        FROM {schema}.consent_needles(erasures) n
        WHERE in_schema <> 'public' OR n.kind IN ('id', 'address');  -- a company may be called like a person
    IF needles IS NULL THEN
        RETURN found;
    END IF;
    FOR t IN
        WITH columns AS (
            SELECT c.oid::regclass AS relation, c.relname, a.attname, a.attnum,
                   coalesce(e.typname, y.typname) AS base, y.typcategory = 'A' AS is_array,
                   coalesce(m.on_erasure = 'keep' AND (a.attname = ANY (m.personal) OR a.attname = ANY (m.pseudonymous)),
                            false) AS keeps_ids,
                   coalesce(a.attname = ANY (m.personal), in_schema <> 'public' AND m."table" IS NULL) AS may_name
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type y ON y.oid = a.atttypid
            LEFT JOIN pg_type e ON e.oid = y.typelem AND y.typcategory = 'A'
            LEFT JOIN {schema}.consent_mappedtable m ON m."table" = c.relname AND in_schema <> 'public'
            WHERE c.relnamespace = in_schema::regnamespace AND c.relkind IN ('r', 'm', 'f')
              -- Numbers, instants and truths name nobody.
              AND coalesce(e.typcategory, y.typcategory) NOT IN ('N', 'B', 'D', 'T')
              -- What is searched for stands here, and is gone when it is over (erasure_erased_forgets_whom).
              AND NOT (c.relname = 'consent_erasure' AND a.attname IN ('email', 'addresses', 'name', 'letter'))
              AND c.relname <> 'consent_heldrow'  -- counted by itself: a hold is no residue
        ), written AS (
            SELECT *, base = 'uuid' AS is_id, CASE
                WHEN base = 'bytea' AND NOT is_array THEN format('lower(encode(%I, ''escape''))', attname)
                WHEN base = 'uuid' THEN format('%I::text', attname)
                ELSE format('lower(%I::text)', attname) END AS as_text
            FROM columns
        )
        SELECT relation, relname,
            -- Cheap questions first, of which an index answers those about ids.
            concat_ws(' OR ',
                string_agg(CASE WHEN is_array THEN format('%I && $2', attname) ELSE format('%I = ANY ($2)', attname) END,
                           ' OR ' ORDER BY attnum) FILTER (WHERE is_id AND NOT keeps_ids),
                'concat_ws(E''\n'', ' || string_agg(as_text, ', ') FILTER (WHERE NOT is_id AND NOT keeps_ids) || ') ~ $1',
                'concat_ws(E''\n'', ' || string_agg(as_text, ', ') FILTER (WHERE NOT is_id AND keeps_ids) || ') ~ $3'
            ) AS may_hold,
            string_agg(format('(%L, %s, %L::boolean, %L::boolean)', attname, as_text, keeps_ids, may_name), ', ')
                AS spread
        FROM written GROUP BY relation, relname
        HAVING bool_or(NOT (is_id AND keeps_ids))
    LOOP
        EXECUTE format(
            'SELECT jsonb_object_agg(erasure, told) FROM (
                SELECT erasure, jsonb_object_agg(%L || place, number) AS told FROM (
                    SELECT n.erasure, s.place, count(DISTINCT hit.row) AS number
                    FROM (SELECT ctid::text AS row, * FROM ONLY %s WHERE %s) hit
                    CROSS JOIN LATERAL (VALUES %s) AS s (place, told, keeps_ids, may_name)
                    JOIN jsonb_to_recordset($4) AS n (erasure uuid, kind text, needle text, fits text)
                        ON position(n.needle IN s.told) > 0 AND s.told ~ n.fits
                        AND NOT (n.kind = ''id'' AND s.keeps_ids) AND (n.kind <> ''word'' OR s.may_name)
                    GROUP BY n.erasure, s.place) AS by_place
                GROUP BY erasure) AS by_erasure',
            CASE WHEN in_schema = 'public' THEN 'public.' ELSE '' END || t.relname || '.', t.relation, t.may_hold, t.spread)
            INTO part USING words, ids, coalesce(words_without_ids, '$.'), needles;
        found := (SELECT coalesce(jsonb_object_agg(key, coalesce(found -> key, '{}') || coalesce(part -> key, '{}')), '{}')
                  FROM (SELECT jsonb_object_keys(found) UNION SELECT jsonb_object_keys(coalesce(part, '{}'))) AS k (key));
    END LOOP;
    RETURN found;
END $$;

-- Public holds companies and the queue; the engine has no place there, the owner has.
CREATE OR REPLACE FUNCTION {schema}.consent_residue_outside(erasures uuid[]) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT {schema}.consent_scan('public', array_agg(e.id)) FROM {schema}.consent_erasure e
    WHERE e.id = ANY (erasures) AND e.state = 'erasing'
$$;

SET LOCAL ROLE {engine};

CREATE OR REPLACE FUNCTION {schema}.consent_residue(erasures uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    going uuid[] := ARRAY(SELECT e.id FROM {schema}.consent_erasure e WHERE e.id = ANY (erasures) AND e.state = 'erasing');
    inside jsonb := {schema}.consent_scan('{schema}'::regnamespace::text, going);
    outside jsonb := coalesce({schema}.consent_residue_outside(going), '{}');
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(id, coalesce(inside -> id::text, '{}') || coalesce(outside -> id::text, '{}')), '{}')
            FROM unnest(going) id);
END $$;

RESET ROLE;
