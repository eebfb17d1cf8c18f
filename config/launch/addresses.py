"""Addresses of PostgreSQL, written so that libpq and Django's settings read them alike."""

from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

VARIABLES = {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
PLACES = ("host", "port", "user", "password", "dbname")


def readdressed(url: str, **changes: str) -> str:
    """Return `url` with some parts changed: `readdressed(url, user="ada", dbname="assent")`."""
    return _written({key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None} | changes)


def environment_of(url: str) -> dict[str, str]:
    """The way to the server as libpq's variables: for programs that are given names and no address."""
    return {VARIABLES[key]: str(value) for key, value in conninfo_to_dict(url).items() if key in VARIABLES and value}


def _written(parts: dict[str, str]) -> str:
    options = {key: value for key, value in parts.items() if key not in PLACES}
    host = parts.get("host", "")
    if host.startswith("/"):  # A socket's folder has no place in front of the path: it goes behind the question mark.
        options, host = {"host": host, **options}, ""
    who = ":".join(quote(parts[key], safe="") for key in ("user", "password") if parts.get(key))
    where = (f"[{host}]" if ":" in host else host) + (f":{parts['port']}" if "port" in parts else "")
    query = "?" + urlencode(options, safe="/", quote_via=quote) if options else ""
    return f"postgresql://{who}@{where}/{quote(parts.get('dbname', ''), safe='')}{query}"
