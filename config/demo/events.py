"""Events of this week that the demo's source sent by itself: delivered as a service would, signature and all."""

import hmac
import json
from base64 import b64decode, b64encode
from datetime import datetime

from accounts.models import Person
from consent.models import Source
from scoring.domain.inboxes import open_inbox, take
from scoring.inbox.deliveries import Delivery
from scoring.inbox.signatures import PREFIX
from scoring.models import Inbox
from scoring.states import InboxService

EVENTS = 40


def send_events(*, by: Person, at: datetime) -> None:
    """Once: people who took part, and others, answer and review each other."""
    source = Source.objects.in_use().first()
    if source is None or Inbox.objects.exists():
        return
    secret = open_inbox(source, service=InboxService.CLOUDEVENTS, secret="", by=by, at=at)
    emails = list(Person.objects.order_by("email").values_list("email", flat=True))
    told = [_event(n, emails, at=at) for n in range(EVENTS)]
    take(Inbox.objects.get(pk=source.pk), _signed(json.dumps(told).encode(), secret, at=at))


def _event(n: int, emails: list[str], *, at: datetime) -> dict[str, object]:
    act = ("answered", "reviewed", "mentioned", "reacted")[n % 4]
    data = {"actor": emails[n * 7 % len(emails)], "target": emails[(n * 11 + 3) % len(emails)]}
    return {
        "specversion": "1.0", "id": str(n), "source": "/team-room", "type": f"example.team-room.{act}",
        "time": at.isoformat(), "data": data,
    }  # fmt: skip


def _signed(body: bytes, secret: str, *, at: datetime) -> Delivery:
    number, written = "demo", str(int(at.timestamp()))
    key = b64decode(secret.removeprefix(PREFIX))
    mac = b64encode(hmac.digest(key, f"{number}.{written}.".encode() + body, "sha256")).decode()
    headers = {"webhook-id": number, "webhook-timestamp": written, "webhook-signature": f"v1,{mac}"}
    return Delivery(headers, {}, body, at)
