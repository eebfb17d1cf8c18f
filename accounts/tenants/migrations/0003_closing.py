"""`tenants_close`: the one door through which a company ends. It opens only for one whose people have approved that."""

from django.db import migrations, models

FUNCTION = r"""
CREATE FUNCTION public.tenants_close(schema_ text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    company public.tenants_company;
    role_ text := current_database() || '__' || schema_;
    place record;
    number bigint;
    counts jsonb;
BEGIN
    SELECT * INTO company FROM public.tenants_company WHERE schema_name = schema_ FOR UPDATE;
    IF company.closing_at IS NULL OR company.state <> 'suspended' THEN
        RAISE EXCEPTION 'nobody has approved that % closes', schema_ USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Gated tables are counted by the engine, and not told where a number could tell on one.
    EXECUTE format('SELECT %I.gate_row_counts()', schema_) INTO counts;
    FOR place IN SELECT c.oid::regclass AS name, c.relname FROM pg_class c
                 WHERE c.relnamespace = schema_::regnamespace AND c.relkind = 'r' AND NOT c.relrowsecurity LOOP
        EXECUTE format('SELECT count(*) FROM %s', place.name) INTO number;
        counts := counts || jsonb_build_object(place.relname, number);
    END LOOP;
    EXECUTE format('DROP SCHEMA %I CASCADE', schema_);
    DELETE FROM public.tenants_host WHERE tenant_id = company.id;
    DELETE FROM public.tenants_company WHERE id = company.id;
    EXECUTE format('DROP ROLE %I', role_);
    RETURN counts;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_provision")]
    operations = [
        migrations.AddField(
            model_name="company",
            name="closing_at",
            field=models.DateTimeField(
                help_text="Since when it is being closed for good; never set by the app.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.CheckConstraint(
                condition=models.Q(("closing_at__isnull", True), ("state", "suspended"), _connector="OR"),
                name="company_closing_stays_shut",
            ),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.tenants_close"),
    ]
