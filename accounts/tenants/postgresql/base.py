"""django-tenants' backend, with two changes: a company's role is entered together with its search path,
and public is never part of that path.
"""

import psycopg
from django.conf import settings
from django_tenants.postgresql_backend import base

from accounts.tenants.roles import tenant_role


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection that stands in exactly one schema at a time."""

    def __init__(self, *args, **kwargs):
        self.visited_schemas: set[str] = set()
        super().__init__(*args, **kwargs)

    def set_tenant(self, tenant, include_public=False):  # noqa: ARG002 - public is never on the path
        super().set_tenant(tenant, include_public=False)

    def close(self):
        self.visited_schemas = set()
        super().close()

    def close_if_unusable_or_obsolete(self):
        """Also recycle a connection that has seen many companies: its backend never gives the memory back."""
        if len(self.visited_schemas) > settings.TENANTS_PER_CONNECTION and not self.in_atomic_block:
            self.close()
            return
        super().close_if_unusable_or_obsolete()

    def _handle_search_path(self, cursor=None):  # noqa: ARG002
        """Enter schema and role in one statement, once until something may have undone it.

        A failure raises. Swallowed, the next query would run in the schema and role that stood here before.
        """
        if self.search_path_set_schemas:
            return
        paths = self._get_cursor_search_paths()
        try:
            with self.connection.cursor() as raw:
                raw.execute(self._entry_statement(paths[0]))
        except psycopg.errors.InFailedSqlTransaction:
            return  # Only a rollback can follow, and it must be let through.
        self.search_path_set_schemas = paths
        self.visited_schemas.add(paths[0])

    def _entry_statement(self, schema: str) -> str:
        path = f'SET search_path = "{schema}"'
        if not self.settings_dict["ENTER_TENANT_ROLES"]:
            return path
        if schema == settings.PUBLIC_SCHEMA_NAME:
            return f"{path}; SET ROLE NONE"
        return f'{path}; SET ROLE "{tenant_role(self.settings_dict["NAME"], schema)}"'
