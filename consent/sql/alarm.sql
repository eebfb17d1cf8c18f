-- An alarm of the ledger ends on the record or not at all: once, by an officer, in the transaction of the entry that says
-- so. Whoever may update the row alone, without that entry, is refused. The gate looks for alarms (consent/sql/gate.sql).

CREATE FUNCTION {schema}.audit_alarm_ends_on_the_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.resolved_at IS NOT NULL THEN
            RAISE EXCEPTION 'an alarm begins unresolved' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.resolved_at IS NOT NULL OR NEW.resolved_at IS NULL THEN
        RAISE EXCEPTION 'an alarm is resolved once and for all' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT FROM {schema}.accounts_person p JOIN {schema}.accounts_roleheld h ON h.person_id = p.id
        WHERE p.id = NEW.resolved_by AND p.is_active AND h.role IN ('officer', 'operator')
    ) THEN
        RAISE EXCEPTION 'an alarm is resolved by a compliance officer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT FROM {schema}.audit_entry e
        WHERE e.xid = pg_current_xact_id()::text::bigint AND e.event = 'audit.restore_resolved'
          AND e.by = NEW.resolved_by AND e.payload @> jsonb_build_object('alarm', NEW.id)
    ) THEN
        RAISE EXCEPTION 'an alarm is resolved in the transaction that puts it on record'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_alarm_ends_on_the_record BEFORE INSERT OR UPDATE ON {schema}.audit_alarm
FOR EACH ROW EXECUTE FUNCTION {schema}.audit_alarm_ends_on_the_record();
