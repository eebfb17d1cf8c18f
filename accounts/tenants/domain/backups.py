"""What backups there are, as their manifests say. `manage.py backup` writes them, the operator's page reads them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

SUFFIX = ".json"


def manifests() -> list[dict[str, Any]]:
    """All backups here, the oldest first."""
    found = [json.loads(path.read_text()) for path in Path(settings.BACKUPS_DIR).glob(f"*.dump{SUFFIX}")]
    return sorted(found, key=lambda manifest: str(manifest["made_at"]))


def oldest_and_newest() -> tuple[datetime, datetime] | None:
    known = [datetime.fromisoformat(manifest["made_at"]) for manifest in manifests()]
    return (known[0], known[-1]) if known else None


class BackupRefused(RuntimeError):
    """A backup could not be made or restored. The text says why and what to do; nothing has changed."""
