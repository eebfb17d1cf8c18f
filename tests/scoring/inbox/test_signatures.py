"""Published vectors pass; with one byte changed, anywhere, they fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks

from scoring.inbox import secrets
from scoring.inbox.deliveries import Delivery, NotSigned
from scoring.inbox.services import activities, cloudevents, discourse, github, jira, slack, teams, zulip
from tests.scoring.inbox.signing import AT, signed

SLACK_SECRET, SLACK_AT = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
PUBLISHED = {
    "slack": (
        slack,
        Delivery(
            {
                "x-slack-request-timestamp": str(SLACK_AT),
                "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            },
            {},
            SLACK_BODY,
            datetime.fromtimestamp(SLACK_AT, UTC),
        ),
        SLACK_SECRET,
    ),
    "github": (
        github,
        Delivery(
            {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
            {},
            b"Hello, World!",
            AT,
        ),
        "It's a Secret to Everybody",
    ),
}
ALL = {
    **PUBLISHED,
    **{
        name: (module, signed(name, {"value": [{"clientState": "a long secret"}], "token": "a long secret"}), secret)
        for name, module, secret in (
            ("discourse", discourse, "a long secret"),
            ("jira", jira, "a long secret"),
            ("teams", teams, "a long secret"),
            ("zulip", zulip, "a long secret"),
            ("cloudevents", cloudevents, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("activities", activities, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        )
    },
}
HMAC = {name: case for name, case in ALL.items() if name not in {"teams", "zulip"}}


@pytest.mark.parametrize(("module", "delivery", "secret"), ALL.values(), ids=ALL)
def test_what_is_signed_passes_under_either_secret(module, delivery, secret):
    module.check(delivery, [secret])
    module.check(delivery, ["another secret", secret])


@pytest.mark.parametrize(("module", "delivery", "secret"), ALL.values(), ids=ALL)
def test_another_secret_does_not(module, delivery, secret):
    for wrong in (secret[:-1] + "x", secret.swapcase(), "", secret + "x"):
        with pytest.raises(NotSigned):
            module.check(delivery, [wrong])
    with pytest.raises(NotSigned):
        module.check(delivery, [])


@pytest.mark.parametrize(("module", "delivery", "secret"), HMAC.values(), ids=HMAC)
def test_one_byte_of_the_body_changed_does_not(module, delivery, secret):
    for place in range(0, len(delivery.body), 7):
        changed = bytearray(delivery.body)
        changed[place] ^= 1
        with pytest.raises(NotSigned):
            module.check(replace(delivery, body=bytes(changed)), [secret])
    for body in (delivery.body + b" ", delivery.body[:-1], b""):
        with pytest.raises(NotSigned):
            module.check(replace(delivery, body=body), [secret])


@pytest.mark.parametrize(("module", "delivery", "secret"), HMAC.values(), ids=HMAC)
def test_one_character_of_any_header_changed_does_not(module, delivery, secret):
    signing = {k: v for k, v in delivery.headers.items() if "signature" in k or "webhook-" in k or "time" in k}
    for name, value in signing.items():
        for place in range(len(value)):
            other = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            with pytest.raises(NotSigned):
                module.check(replace(delivery, headers={**delivery.headers, name: other}), [secret])
        with pytest.raises(NotSigned):
            module.check(replace(delivery, headers={k: v for k, v in delivery.headers.items() if k != name}), [secret])


@pytest.mark.parametrize("name", ["slack", "cloudevents", "activities"])
@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-301), timedelta(days=400)])
def test_late_and_early_ones_do_not(name, off):
    module, delivery, secret = ALL[name]
    module.check(replace(delivery, at=delivery.at + timedelta(seconds=299)), [secret])
    with pytest.raises(NotSigned, match="five minutes"):
        module.check(replace(delivery, at=delivery.at + off), [secret])


def test_standard_webhooks_are_those_of_the_standard_s_own_library():
    secret, at = secrets.make(), datetime.now(UTC)
    body, number = '{"a": "ü"}', "msg_2"
    written = str(int(at.timestamp()))
    signature = standardwebhooks.Webhook(secret).sign(number, at, body)
    headers = {"webhook-id": number, "webhook-timestamp": written, "webhook-signature": f"v1,AAAA {signature}"}
    cloudevents.check(Delivery(headers, {}, body.encode(), at), [secret])


def test_handshake_of_teams_needs_no_secret_and_carries_no_event():
    teams.check(Delivery({}, {"validationtoken": "abc"}, b"", AT), [])
    assert teams.read(Delivery({}, {"validationtoken": "abc"}, b"", AT)).answer == "abc"


def test_every_notification_of_a_batch_carries_the_secret():
    with pytest.raises(NotSigned):
        teams.check(
            signed("teams", {"value": [{"clientState": "a long secret"}, {"clientState": "x"}]}), ["a long secret"]
        )
