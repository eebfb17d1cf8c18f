"""`tenants_provision`: the one door through which a company comes into being.

The app role owns nothing and cannot create a schema; this function, the owner's, replays the
blueprint under the new name. All of it is one statement: it either stands whole or was never there.
"""

from django.db import migrations

FUNCTION = r"""
CREATE FUNCTION public.tenants_provision(schema_ text, name_ text, host_ text, zone_ text, at_ timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
AS $$
DECLARE
    blueprint public.tenants_blueprint;
    role_ text := current_database() || '__' || schema_;
    company_id bigint;
BEGIN
    IF schema_ !~ '^[a-z][a-z0-9_]{2,39}$' OR schema_ ~ '^pg_'
       OR schema_ IN ('public', 'information_schema', 'tenant_blueprint') THEN
        RAISE EXCEPTION 'the schema name % is not allowed', schema_ USING ERRCODE = 'invalid_name';
    END IF;
    SELECT * INTO STRICT blueprint FROM public.tenants_blueprint;
    INSERT INTO public.tenants_company (name, schema_name, time_zone, state, created_at)
        VALUES (name_, schema_, zone_, 'active', at_) RETURNING id INTO company_id;
    INSERT INTO public.tenants_host (domain, tenant_id) VALUES (host_, company_id);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role_);
    END IF;
    EXECUTE format('GRANT %I TO %I', role_, blueprint.app_role);
    EXECUTE replace(blueprint.ddl, 'tenant_blueprint', schema_);
    RETURN company_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION public.tenants_provision")]
