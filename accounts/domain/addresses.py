"""Where companies are reached from outside. Never taken from a request: whoever sends one chooses its Host header."""

from urllib.parse import urlsplit

from django.conf import settings

from accounts.tenants.context import current_schema, in_public
from accounts.tenants.models import Host


def site_of(host: str) -> str:
    """`http://acme.localhost:8000` for the host `acme.localhost`: scheme and port are those of PUBLIC_URL."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{host}{port}"


def site_here() -> str:
    """Where the company is reached in which we stand."""
    schema = current_schema()
    with in_public():
        return site_of(Host.objects.values_list("domain", flat=True).get(tenant__schema_name=schema))
