-- Nothing is written about somebody who is being erased or was, whoever writes it. Hung only before tables that no foreign
-- key to an open grant keeps anyway; receipts of looking are kept by the gate itself.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

CREATE OR REPLACE FUNCTION {schema}.consent_not_of_the_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A number first: whoever looked before the erasure was there to be seen has a lower one than its barrier.
    PERFORM pg_current_xact_id();
    IF EXISTS (SELECT FROM {schema}.consent_erasure e
               WHERE e.person = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid
                 AND e.requested_xid IS DISTINCT FROM pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'this person is being erased: nothing more is written about them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_of_the_erased';
    END IF;
    RETURN NEW;
END $$;

-- An account that was shut to be erased neither opens again nor takes another name or address.
CREATE OR REPLACE FUNCTION {schema}.consent_erased_stay_out() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_current_xact_id();
    IF (TG_OP = 'INSERT' OR NEW.is_active OR (NEW.email, NEW.name) IS DISTINCT FROM (OLD.email, OLD.name))
       AND EXISTS (SELECT FROM {schema}.consent_erasure e WHERE e.person = NEW.id
                   AND e.requested_xid IS DISTINCT FROM pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'this person is being erased: the account stays shut'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_of_the_erased';
    END IF;
    RETURN NEW;
END $$;

DO $$
DECLARE
    hung record;
BEGIN
    FOR hung IN SELECT * FROM (VALUES
        ('accounts_roleheld', 'person_id'), ('accounts_teammember', 'person_id'), ('accounts_job', 'started_by'),
        ('accounts_invitation', 'accepted_by'), ('account_emailaddress', 'user_id'),
        ('consent_choice', 'person_id'), ('consent_savedsearch', 'person_id'), ('consent_ledgerexport', 'requested_by')
    ) AS h ("table", "column") LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER consent_not_of_the_erased BEFORE INSERT OR UPDATE OF %2$I ON {schema}.%1$I'
            ' FOR EACH ROW WHEN (NEW.%2$I IS NOT NULL) EXECUTE FUNCTION {schema}.consent_not_of_the_erased(%2$L)',
            hung."table", hung."column");
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER consent_erased_stay_out BEFORE INSERT OR UPDATE ON {schema}.accounts_person
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_erased_stay_out();
