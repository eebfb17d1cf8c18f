"""The size and shape of our own files."""

from pathlib import Path

import pytest
from django.conf import settings

HOUSE = Path(settings.BASE_DIR)
FILES = sorted(
    path
    for room in ("config", "accounts", "consent", "scoring", "perks")
    for path in (HOUSE / room).rglob("*.py")
    if "migrations" not in path.parts
)
# Programs that are carried to other machines as one file.
CARRIED, LONGEST_CARRIED, LONGEST = HOUSE / "consent" / "audit" / "offline", 500, 360
UNNAMED_DRAWERS = {
    "utils.py",
    "helpers.py",
    "common.py",
    "core.py",
    "services.py",
    "managers.py",
    "signals.py",
    "mixins.py",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_file_stays_small(path):
    longest = LONGEST_CARRIED if path.parent == CARRIED else LONGEST
    assert len(path.read_text(encoding="utf-8").splitlines()) <= longest


def test_no_file_is_a_drawer_without_a_name():
    assert [path for path in FILES if path.name in UNNAMED_DRAWERS] == []


def test_company_is_entered_in_one_way_only():
    """`set_tenant`, `schema_context` and bare `async_task` are how companies leak; one module each may use them."""
    banned = (
        "schema_context",
        "tenant_context",
        "set_schema(",
        "set_tenant(",
        "async_task(",
        "async_to_sync",
        "sync_to_async",
    )
    offenders = {
        str(path.relative_to(HOUSE))
        for path in FILES
        if any(word in path.read_text(encoding="utf-8") for word in banned)
    }
    assert offenders <= {
        "accounts/tenants/context.py",
        "accounts/tenants/middleware.py",
        "accounts/tenants/kicks.py",
        "accounts/tenants/postgresql/base.py",
        "accounts/tenants/management/commands/migrate_companies.py",
    }
