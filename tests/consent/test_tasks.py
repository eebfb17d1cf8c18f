"""Witness servers are asked by the worker, in companies and on the platform, and when sealing begins."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django_q.models import OrmQ

from accounts.tenants.context import in_public, in_schema
from config.management.commands import seal as sealer
from config.tick import tick
from consent.audit.domain.witnesses import add_witness
from consent.audit.models import Witness
from consent.audit.offline import witness as tool
from consent.tasks import ask_witnesses
from tests.conftest import NOW
from tests.consent.audit.witnessing import grow
from tests.factories.accounts import PersonFactory


@dataclass
class Server:
    """A witness server that signs nothing, and what it was asked."""

    address: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_error(403)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        server = Server(f"http://127.0.0.1:{listener.server_port}")
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def take_on(schema, address):
    with in_schema(schema):
        vkey = tool.written_key("witness.example", tool.COSIGNATURE, b"k" * 32)
        witness, _ = add_witness(vkey, address=address, by=PersonFactory(), at=NOW)
        grow()
    return witness


@pytest.mark.parametrize("schema", ["acme", "platform"])
def test_tick_has_witnesses_asked_where_there_are_any(db, schema):
    take_on(schema, "http://127.0.0.1:1")
    tick()
    with in_public():
        kicks = [kick.task["args"] for kick in OrmQ.objects.all()]
    assert [args for args in kicks if args[0].startswith("consent.")] == [("consent.tasks.ask_witnesses", schema)]


def test_what_a_witness_answered_instead_stands_beside_its_name(db, server):
    witness = take_on("acme", server.address)
    with in_schema("acme"):
        ask_witnesses()
        assert Witness.objects.get(pk=witness.pk).trouble == "It answered 403 instead of a signature."
    assert [body.partition("\n")[0] for body in server.asked] == ["old 0"]


def test_witnesses_are_asked_before_sealing_begins(db, server):
    """A database that was restored while nothing ran is recognised when things start again."""
    take_on("acme", server.address)
    take_on("platform", server.address)
    sealer._ask_witnesses()
    assert len(server.asked) == 2


def test_witnesses_that_take_too_long_do_not_keep_sealing_waiting(db, server, monkeypatch, caplog):
    take_on("acme", server.address)
    monkeypatch.setattr(sealer, "PATIENCE", -1.0)
    sealer._ask_witnesses()
    assert server.asked == []
    assert "are left to the worker" in caplog.text
