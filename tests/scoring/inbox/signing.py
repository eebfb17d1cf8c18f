"""Deliveries as each service would sign them, by the documented recipe written once more."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime

from scoring.inbox.deliveries import Delivery

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECRET, WHSEC = "a long secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(service: str, body: object, *, at: datetime = AT, number: str = "n1", event: str = "") -> Delivery:
    raw = json.dumps(body).encode()
    return Delivery(headers_of(service, raw, at=at, number=number, event=event), {}, raw, at)


def headers_of(service: str, raw: bytes, *, at: datetime = AT, number: str = "n1", event: str = "") -> dict[str, str]:
    written = str(int(at.timestamp()))
    plain = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    if service == "slack":
        mac = hmac.new(SECRET.encode(), f"v0:{written}:".encode() + raw, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": written, "x-slack-signature": f"v0={mac}"}
    if service in {"cloudevents", "activities"}:
        key = b64decode(WHSEC.removeprefix("whsec_"))
        mac = b64encode(hmac.new(key, f"{number}.{written}.".encode() + raw, hashlib.sha256).digest()).decode()
        return {"webhook-id": number, "webhook-timestamp": written, "webhook-signature": f"v1,{mac}"}
    return {
        "github": {"x-hub-signature-256": plain, "x-github-event": event},
        "discourse": {"x-discourse-event-signature": plain, "x-discourse-event": event},
        "jira": {"x-hub-signature": plain},
        "teams": {},
        "zulip": {},
    }[service]
