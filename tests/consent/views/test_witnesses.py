"""The page of witnesses, and what tools and readers fetch from outside."""

from pathlib import Path

import pytest
from django.core.cache import cache

from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.domain import tree
from consent.audit.domain.keys import public_keys
from consent.audit.domain.tiles import Tiles
from consent.audit.domain.witnesses import add_witness
from consent.audit.domain.witnessing import newest_checkpoint
from consent.audit.models import Alarm, Leaf, Witness
from consent.audit.offline import witness as tool
from consent.views import ledger_feed
from tests.browsing import plain
from tests.conftest import NOW
from tests.consent.audit.witnessing import grow
from tests.factories.accounts import PersonFactory

VKEY = tool.written_key("witness.example/audit", tool.COSIGNATURE, b"k" * 32)


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def token(officer):
    return add_witness(VKEY, by=officer, at=NOW)[1]


def bearer(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


def alarm_of(witness):
    return Alarm.objects.create(witness=witness, note="a note", size_there=7, size_here=3, raised_at=NOW)


# ── The page ────────────────────────────────────────────────────────────────────────────
def test_page_without_witnesses_says_what_that_means(client_for, officer):
    page = plain(client_for(officer).get("/compliance/witnesses/"))
    assert "Nobody witnesses this ledger." in page
    assert "makes its key with its first entry" in page


def test_tool_is_added_and_its_token_shown_once(client_for, officer):
    grow()
    client = client_for(officer)
    added = client.post("/compliance/witnesses/new/", {"vkey": VKEY})
    token = plain(added).partition("export WITNESS_TOKEN=")[2].split()[0]
    assert added.status_code == 200
    assert f"--log {public_keys()[0]}" in plain(added)
    page = plain(client.get("/compliance/witnesses/"))
    assert "witness.example/audit" in page
    assert token not in page
    assert client_for().post("/ledger/witness/compare", "", "text/plain", **bearer(token)).status_code == 200


def test_server_is_added_without_a_token(client_for, officer):
    answer = client_for(officer).post(
        "/compliance/witnesses/new/", {"vkey": VKEY, "address": "http://127.0.0.1:8081/"}, follow=True
    )
    assert "is asked from now on, once a minute" in plain(answer)
    assert Witness.objects.get().address == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vkey": ""}, "Paste the key"),
        ({"vkey": "nonsense"}, "A key is written as name+id+base64."),
        ({"vkey": VKEY, "address": "ftp://x"}, "begins with https://"),
        ({"vkey": tool.written_key("bob@acme.example", 4, b"k" * 32)}, "nobody’s mail address"),
    ],
)
def test_unfit_witness_comes_back_with_its_reason(client_for, officer, given, said):
    answer = client_for(officer).post("/compliance/witnesses/new/", given)
    assert answer.status_code == 422
    assert said in plain(answer)
    assert not Witness.objects.exists()


def test_witness_is_removed_and_its_token_with_it(client_for, officer, token):
    client = client_for(officer)
    client.post(f"/compliance/witnesses/{Witness.objects.get().pk}/remove/")
    assert "Nobody witnesses this ledger." in plain(client.get("/compliance/witnesses/"))
    assert client_for().get("/ledger/checkpoint", **bearer(token)).status_code == 401


def test_alarm_is_shown_with_its_form_and_resolved_with_a_reason(client_for, officer, token):
    alarm = alarm_of(Witness.objects.get())
    client, address = client_for(officer), f"/compliance/alarms/{alarm.pk}/resolve/"
    page = plain(client.get("/compliance/witnesses/"))
    assert "knows a ledger of 7 entries; this one, of 3 at that moment" in page
    refused = client.post(address, {"reason": "short"})
    assert refused.status_code == 422
    assert f"#id_alarm_{alarm.pk}_reason" in plain(refused)
    client.post(address, {"reason": "A disk failed last night."})
    assert "Reading about people is stopped" not in plain(client.get("/compliance/witnesses/"))
    late = client.post(address, {"reason": "A disk failed last night."})
    assert (late.status_code, "is resolved already" in plain(late)) == (409, True)


def test_tool_can_be_downloaded_as_it_is(client_for, officer):
    answer = client_for(officer).get("/compliance/witnesses/witness.py")
    assert answer.content == Path(tool.__file__).read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="witness.py"'


@pytest.mark.parametrize("role", [Role.OWNER, Role.STEWARD, Role.APPROVER, Role.AUTHOR])
def test_only_officers_manage_witnesses(client_for, in_acme, token, role):
    alarm = alarm_of(Witness.objects.get())
    client = client_for(PersonFactory(roles=[role]))
    assert [
        client.get("/compliance/witnesses/").status_code,
        client.get("/compliance/witnesses/new/").status_code,
        client.get("/compliance/witnesses/witness.py").status_code,
        client.post("/compliance/witnesses/new/", {"vkey": VKEY}).status_code,
        client.post(f"/compliance/witnesses/{alarm.witness_id}/remove/").status_code,
        client.post(f"/compliance/alarms/{alarm.pk}/resolve/", {"reason": "I am the owner."}).status_code,
    ] == [403] * 6
    assert Alarm.objects.get().resolved_at is None


def test_operator_keeps_the_witnesses_of_the_platform_s_own_ledger(client_for, platform):
    with in_schema("platform"):
        operator = PersonFactory(roles=[Role.OPERATOR])
    client = client_for(operator, "platform")
    client.post("/compliance/witnesses/new/", {"vkey": VKEY})
    assert "witness.example/audit" in plain(client.get("/compliance/witnesses/"))


def test_page_costs_the_same_with_one_and_three(client_for, officer, token, django_assert_max_num_queries):
    client = client_for(officer)
    client.get("/compliance/witnesses/")
    with django_assert_max_num_queries(30) as one:
        client.get("/compliance/witnesses/")
    for number in (1, 2):
        witness, _ = add_witness(tool.written_key(f"w{number}", 4, b"%d" % number * 32), by=officer, at=NOW)
        alarm_of(witness)
    with django_assert_max_num_queries(len(one)):
        client.get("/compliance/witnesses/")


# ── The tool's addresses ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", ["/ledger/witness/compare", "/ledger/witness/cosignature/3"])
@pytest.mark.parametrize("headers", [{}, bearer(""), bearer("x" * 43), {"headers": {"Authorization": "Basic eDp5"}}])
def test_without_a_known_token_nothing_is_said(client_for, in_acme, address, headers):
    answer = client_for().post(address, "", "text/plain", **headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_token_of_another_company_is_unknown(client_for, token, globex):
    with in_schema("globex"):
        assert client_for(None, "globex").get("/ledger/checkpoint", **bearer(token)).status_code == 401


def test_token_needs_neither_session_nor_csrf(client_for, token):
    grow()
    client = client_for()
    client.handler.enforce_csrf_checks = True
    answer = client.post("/ledger/witness/compare", "", "text/plain", **bearer(token))
    assert answer.status_code == 200
    assert answer.content.decode().startswith("old 0\n\n")
    assert not client.cookies


def test_session_of_an_officer_is_no_token(client_for, officer, token):
    assert client_for(officer).post("/ledger/witness/compare", "", "text/plain").status_code == 401


def test_tool_is_told_that_nothing_is_sealed_yet(client_for, token):
    assert client_for().post("/ledger/witness/compare", "", "text/plain", **bearer(token)).status_code == 404


@pytest.mark.parametrize("body", [b"\xff\xfe", b"x" * 70_000, b"no note\n", b"\n\n\n"])
def test_what_is_no_note_is_answered_400(client_for, token, body):
    grow()
    assert client_for().post("/ledger/witness/compare", body, "text/plain", **bearer(token)).status_code == 400
    assert client_for().post("/ledger/witness/cosignature/5", body, "text/plain", **bearer(token)).status_code == 400


def test_who_asks_too_often_is_told_to_wait(client_for, token, monkeypatch):
    monkeypatch.setattr(ledger_feed, "OFTEN", {"unknown": 2, "witness": 3, "tiles": 3})
    grow()
    cache.clear()
    ask = [client_for().post("/ledger/witness/compare", "", "text/plain", **bearer(token)) for _ in range(4)]
    assert [answer.status_code for answer in ask] == [200, 200, 200, 429]
    ask = [client_for().post("/ledger/witness/compare", "", "text/plain", **bearer("guess")) for _ in range(3)]
    assert [answer.status_code for answer in ask] == [401, 401, 429]


# ── Tiles ───────────────────────────────────────────────────────────────────────────────
def test_tree_can_be_rebuilt_from_its_tiles(client_for, token):
    grow(300)
    checkpoint, client = newest_checkpoint(), client_for()

    def tile(level, number):
        path = tree.tile_path(level, number, Tiles(checkpoint.size).width(level, number))
        body = client.get(f"/ledger/{path}", **bearer(token)).content
        return [body[i : i + 32] for i in range(0, len(body), 32)]

    assert tree.root(tile, 0, checkpoint.size) == bytes(checkpoint.root)
    assert client.get("/ledger/checkpoint", **bearer(token)).content.decode() == checkpoint.note
    assert len(client.get("/ledger/tile/0/000", **bearer(token)).content) == 256 * 32


@pytest.mark.parametrize(
    "path",
    [
        "0/001", "0/000.p/301", "0/000.p/0", "0/000.p/05", "0/0", "0/x000/000", "00/000", "1/001", "9/000", "entries/000",
        "0/000/", "0/../../checkpoint", "0/999", "0/x999/x999/x999/x999/x999/999", "1/000.p/2",
    ],
)  # fmt: skip
def test_tile_that_is_not_there_is_answered_404(client_for, token, path):
    grow(300)
    assert client_for().get(f"/ledger/tile/{path}", **bearer(token)).status_code == 404


def test_partial_tile_of_an_earlier_checkpoint_is_served(client_for, token):
    grow(5)
    answer = client_for().get("/ledger/tile/0/000.p/2", **bearer(token))
    assert answer.content == b"".join(bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")[:2])
    assert "immutable" in answer["Cache-Control"]


def test_reader_of_the_ledger_fetches_with_a_session_and_others_do_not(client_for, officer, bob):
    grow()
    assert client_for(officer).get("/ledger/checkpoint").status_code == 200
    assert client_for(bob).get("/ledger/checkpoint").status_code == 401
    assert client_for().get("/ledger/checkpoint").status_code == 401
