"""Events as they come, a second: through Django, without it, in batches; those that came before; unsigned ones."""

import hmac
import json
import time
from datetime import datetime
from logging import getLogger

from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import HOST, SCHEMA, fill_company
from bench.table import Row
from consent.models import Source
from scoring.domain.inboxes import close_inbox, open_inbox, take
from scoring.inbox import secrets
from scoring.inbox.deliveries import Delivery
from scoring.models import Inbox

PEOPLE, EVENTS, LIMIT, BATCH = 2_000, 4_000, 500, 50
SECRET = "a secret of the bench"  # noqa: S105


def rows(scale: float) -> list[Row]:
    fill_company(people=PEOPLE, counts=0)
    number = int(EVENTS * scale)
    with in_schema(SCHEMA):
        source = Source.objects.get()
        by = Person.objects.first()
        open_inbox(source, service="github", secret=SECRET, by=by, at=timezone.now())
    bodies = [_comment(n, timezone.now()) for n in range(number)]
    getLogger("django.request").setLevel("ERROR")
    accepted, again, unsigned = (_rate(source, bodies, secret) for secret in (SECRET, SECRET, "wrong"))
    inside = _rate_inside(source, [_comment(n, timezone.now()) for n in range(number, 2 * number)])
    batches = _rate_of_batches(source, number)
    return [
        Row("Signed events, one a request", f"{accepted:,.0f} /s", f"{LIMIT} /s", accepted / LIMIT, "at least 1"),
        Row("… without Django’s request", f"{inside:,.0f} /s", f"{LIMIT} /s", inside / LIMIT, "at least 1"),
        Row(f"… {BATCH} a request (CloudEvents)", f"{batches:,.0f} /s", f"{LIMIT} /s", batches / LIMIT, "at least 1"),
        Row("The same ones again", f"{again:,.0f} /s", f"{accepted:,.0f} /s at first", again / accepted, "above 1"),
        Row("Unsigned ones", f"{unsigned:,.0f} /s", f"{accepted:,.0f} /s signed", unsigned / accepted, "above 1"),
    ]


def _rate(source: Source, bodies: list[bytes], secret: str) -> float:
    client, start = Client(SERVER_NAME=HOST), time.perf_counter()
    for body in bodies:
        headers = {"x-hub-signature-256": _sign(body, secret), "x-github-event": "issue_comment"}
        client.post(f"/in/{source.pk}/", body, content_type="application/json", headers=headers)
    return len(bodies) / (time.perf_counter() - start)


def _rate_inside(source: Source, bodies: list[bytes]) -> float:
    """Verifying, reading and keeping, as the view calls it."""
    start = time.perf_counter()
    with in_schema(SCHEMA):
        inbox = Inbox.objects.get(pk=source.pk)
        for body in bodies:
            headers = {"x-hub-signature-256": _sign(body, SECRET), "x-github-event": "issue_comment"}
            take(inbox, Delivery(headers, {}, body, timezone.now()))
    return len(bodies) / (time.perf_counter() - start)


def _rate_of_batches(source: Source, number: int) -> float:
    secret = secrets.make()
    with in_schema(SCHEMA):
        close_inbox(Inbox.objects.get(), by=Person.objects.first(), at=timezone.now())
        open_inbox(source, service="cloudevents", secret=secret, by=Person.objects.first(), at=timezone.now())
    client, signer, start = Client(SERVER_NAME=HOST), Webhook(secret), time.perf_counter()
    for begin in range(0, number, BATCH):
        body, at = json.dumps([_event(n) for n in range(begin, begin + BATCH)]), timezone.now()
        headers = {"webhook-id": str(begin), "webhook-timestamp": str(int(at.timestamp()))}
        headers["webhook-signature"] = signer.sign(str(begin), at, body)
        client.post(f"/in/{source.pk}/", body, content_type="application/cloudevents-batch+json", headers=headers)
    return number / (time.perf_counter() - start)


def _event(n: int) -> dict[str, object]:
    who, whom = (f"p{1 + i % PEOPLE}@bench.example" for i in (n * 3, n * 11 + 1))
    data = {"actor": who, "target": whom}
    return {"specversion": "1.0", "id": str(n), "source": "/bench", "type": "bench.answered", "data": data}


def _comment(n: int, at: datetime) -> bytes:
    """Somebody answers somebody: both take part, and no two comments are alike."""
    who, whom = (f"p{1 + i % PEOPLE}@bench.example" for i in (n, n * 7 + 1))
    told = {
        "action": "created",
        "sender": {"login": who, "type": "User"},
        "issue": {"user": {"login": whom}},
        "comment": {"created_at": at.isoformat(), "id": n},
    }
    return json.dumps(told).encode()


def _sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
