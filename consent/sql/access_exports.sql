-- A person's own file is a copy of what a withdrawal deletes. Whoever writes the withdrawal, with its commit the file
-- can be downloaded no more; the disk follows at once, or at the next tick.
--
-- This file is run anew, as a whole, by the migration of whatever changes in it.

CREATE OR REPLACE FUNCTION {schema}.consent_withdrawal_ends_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE {schema}.consent_accessexport e SET expires_at = NEW.withdrawn_at, withdrawn_at = NEW.withdrawn_at
    FROM {schema}.consent_grant g
    WHERE g.id = NEW.grant_id AND e.person_id = g.person_id AND e.expires_at > NEW.withdrawn_at;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER consent_withdrawal_ends_files AFTER INSERT ON {schema}.consent_withdrawal
    FOR EACH ROW EXECUTE FUNCTION {schema}.consent_withdrawal_ends_files();
