"""Where companies are reached from outside. Never taken from a request: whoever sends one chooses its Host header."""

from urllib.parse import urlsplit

from django.conf import settings


def site_of(host: str) -> str:
    """`http://acme.localhost:8000` for the host `acme.localhost`: scheme and port are those of PUBLIC_URL."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{host}{port}"
