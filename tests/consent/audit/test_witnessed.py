"""The real tool against the real product, over the network: it serves, it watches, and a restored database is read by nobody."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from socket import socket

import pytest

from consent.audit.domain.alarms import open_alarms
from consent.audit.domain.keys import public_keys
from consent.audit.domain.witnesses import add_witness, remove_witness
from consent.audit.domain.witnessing import LedgerDiffers, newest_checkpoint, submit, submit_to_all
from consent.audit.models import Alarm, Leaf
from consent.audit.offline import witness as tool
from tests.browsing import plain
from tests.conftest import NOW
from tests.consent.audit.test_sealing import seal_all
from tests.consent.audit.witnessing import grow, note_of, restore, vkey

TOOL = Path(tool.__file__)
LATER = NOW.replace(year=2099)  # the tool’s clock is the real one


# ── A server that is asked ──────────────────────────────────────────────────────────────
@pytest.fixture
def server(path, officer):
    """`witness.py serve` as a process of its own, trusting this ledger; taken on by its address."""
    grow()
    process = _tool(path, "serve", "--listen", "127.0.0.1:0", "--log", str(public_keys()[0]))
    port = re.search(r":(\d+)\.", process.stdout.readline())[1]
    witness, _ = add_witness(vkey(path), address=f"http://127.0.0.1:{port}/", by=officer, at=NOW)
    seal_all()
    yield witness
    process.kill()
    process.wait()
    process.stdout.close()


def _tool(path, *arguments):
    command = [sys.executable, str(TOOL), "--state", str(path), *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"PATH": os.environ["PATH"]}
    )


@pytest.mark.slow
def test_server_signs_every_step(server):
    first = submit(server, at=LATER)
    grow()
    second = submit(server, at=LATER)
    assert second.size == newest_checkpoint().size == first.size + 4
    assert not Alarm.objects.exists()


@pytest.mark.slow
def test_server_that_knows_less_or_more_than_we_kept_is_asked_from_there(server, owner_connection):
    submit(server, at=LATER)
    grow()
    owner_connection.execute("DELETE FROM acme.audit_cosignature")
    assert submit(server, at=LATER).size == newest_checkpoint().size


@pytest.mark.slow
def test_restored_ledger_is_recognised_by_the_server_s_size(server, owner_connection):
    before = newest_checkpoint().size
    grow()
    submit(server, at=LATER)
    there = newest_checkpoint().size
    restore(owner_connection, leaves=before)
    for _ in range(2):
        with pytest.raises(LedgerDiffers):
            submit(server, at=NOW)
    alarm = Alarm.objects.get()
    assert (alarm.size_there, alarm.size_here) == (there, before)
    assert alarm.note == f"It answered 409 and knows {there} entries; here its last signature is under 0.\n"


@pytest.mark.slow
@pytest.mark.parametrize("grown", [0, 20])
def test_rewritten_ledger_is_recognised_by_the_server_s_proof(server, path, owner_connection, grown):
    submit(server, at=LATER)
    size = newest_checkpoint().size
    owner_connection.execute("DELETE FROM acme.audit_entry WHERE id = %s", [Leaf.objects.get(index=1).entry_id])
    owner_connection.execute("TRUNCATE acme.audit_checkpoint, acme.audit_leaf")
    grow(1 + grown)
    assert newest_checkpoint().size == size + grown
    with pytest.raises(LedgerDiffers):
        submit(server, at=NOW)
    assert Alarm.objects.get().size_there == size
    assert len(list(path.parent.glob("evidence-*.txt"))) == 1


@pytest.mark.slow
def test_server_that_is_gone_is_kept_in_mind_and_holds_up_no_other(server, officer):
    nobody = tool.written_key("nobody.example", tool.COSIGNATURE, b"n" * 32)
    gone, _ = add_witness(nobody, address=f"http://127.0.0.1:{_free_port()}", by=officer, at=NOW)
    submit_to_all(at=LATER)
    gone.refresh_from_db()
    server.refresh_from_db()
    assert "refused" in gone.trouble
    assert gone.reached_at is None
    assert (server.reached_at, server.trouble) == (LATER, "")


def _free_port():
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ── The whole story ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def site(committed):
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1):
            break
        time.sleep(0.1)
    yield f"http://acme.localhost:{port}/ledger/"
    process.terminate()
    process.wait()


@pytest.mark.slow
def test_restored_database_is_noticed_read_by_nobody_and_resolved_by_an_officer(
    site, alice, officer, path, client_for, owner_connection
):
    def watch(*more):
        process = _tool(path, "watch", site, "--token", token, "--once", *more)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said

    _, token = add_witness(vkey(path), by=officer, at=NOW)
    grow()
    ours = str(public_keys()[0])
    code, said = watch()
    assert (code, "Say which ledger: --log VKEY" in said) == (2, True)
    code, said = watch("--log", ours)
    assert (code, f"Signed {newest_checkpoint().size} entries." in said) == (0, True)

    before = newest_checkpoint().size
    grow()
    assert watch()[0] == 0
    restore(owner_connection, leaves=before)
    assert client_for(alice).get("/me/").status_code == 200
    code, said = watch()
    assert (code, "WARNING: The witness knows a ledger" in said) == (1, True)

    refused = client_for(alice).get("/me/")
    assert refused.status_code == 503
    assert "Reading about people is stopped since" in plain(refused)
    assert "See the alarm" not in plain(refused)
    assert '<a class="button button--primary" href="/compliance/witnesses/"' in plain(client_for(officer).get("/me/"))
    page = plain(client_for(officer).get("/compliance/witnesses/"))
    assert "Reading about people is stopped" in page
    assert "witness.example/audit" in page

    address = f"/compliance/alarms/{Alarm.objects.get().pk}/resolve/"
    assert client_for(alice).post(address, {"reason": "I am no officer."}).status_code == 403
    assert client_for(officer).post(address, {"reason": ""}).status_code == 422
    assert client_for(officer).post(address, {"reason": "A disk failed; last night's backup."}).status_code == 302
    assert client_for(alice).get("/me/").status_code == 200

    code, said = watch()
    assert (code, "An officer has resolved this" in said) == (1, True)
    assert not open_alarms().exists()
    process = _tool(path, "accept-restore")
    assert "We begin anew" in process.communicate(timeout=60)[0]
    assert watch()[0] == 0


@pytest.mark.slow
def test_tool_whose_token_is_no_longer_known_speaks_up(site, officer, path):
    witness, token = add_witness(vkey(path), by=officer, at=NOW)
    grow()
    command = ("watch", site, "--token", token, "--once", "--log", str(public_keys()[0]))
    code, said = _wait(_tool(path, *command))
    assert code == 0, said
    remove_witness(witness, by=officer, at=NOW)
    code, said = _wait(_tool(path, *command))
    assert (code, "restored from before it was added" in said) == (1, True)


@pytest.mark.slow
def test_ledger_that_shows_a_fork_is_not_signed_and_what_it_showed_is_kept(site, officer, path, owner_connection):
    """The product may be the liar: the tool verifies for itself and keeps the proof."""
    _, token = add_witness(vkey(path), by=officer, at=NOW)
    grow()
    command = ("watch", site, "--token", token, "--once", "--log", str(public_keys()[0]))
    code, said = _wait(_tool(path, *command))
    assert code == 0, said
    note = note_of(path)
    # The leaves are as they were, so that the product sees nothing; the new checkpoint is not about them.
    grow(1)
    last = newest_checkpoint()
    forged = last.note.replace(last.note.split("\n")[2], note.split("\n")[2])
    owner_connection.execute("UPDATE acme.audit_checkpoint SET note = %s WHERE size = %s", [forged, last.size])
    code, said = _wait(_tool(path, *command))
    assert (code, "What it showed is kept in" in said) == (1, True)
    assert note_of(path) == note
    assert len(list(path.parent.glob("evidence-*.txt"))) == 1


def _wait(process):
    said, _ = process.communicate(timeout=60)
    return process.returncode, said
