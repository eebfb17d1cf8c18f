"""Entries written as the app's own role must write them."""

import json

from django.db import connection

from consent.audit.domain.recording import APPEND
from consent.audit.models import Entry


def happened(event="test.happened", *, at, by=None, about=None, payload=None) -> Entry:
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [at, event, by, about, json.dumps(payload or {})])
        return Entry.objects.get(pk=cursor.fetchone()[0])
