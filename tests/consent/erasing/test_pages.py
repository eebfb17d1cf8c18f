"""From the page that lists what goes to the certificate that verifies when the account is gone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Person, RoleHeld
from accounts.states import Role
from consent.audit.domain.keys import public_keys
from consent.audit.domain.sealing import seal
from consent.audit.offline import verify
from consent.domain.erasing import find_by_token
from consent.models import DataUse, Erasure, Processor
from tests.browsing import client_for, plain  # noqa: F401
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory


@pytest.fixture
def left(erased, client_for, now):  # noqa: F811
    """The page behind the link, opened by somebody without an account, after everything was sealed."""
    seal(at=timezone.now())
    return lambda ending="": client_for().get(f"/left/{erased.token}/{ending}")


def test_page_lists_what_goes_and_the_honest_date(ada, client_for):  # noqa: F811
    page = plain(client_for(ada).get("/me/erase/"))
    assert "With how many different colleagues" in page
    assert "Fully erased by" in page
    assert "Mail server" in page


def test_longest_window_of_a_processor_counts(ada, client_for):  # noqa: F811
    Processor.objects.create(name="Archive", gets="All.", window_days=700)
    year = str((timezone.now() + timezone.timedelta(days=700)).year)
    assert f"{year}</strong>" in plain(client_for(ada).get("/me/erase/"))
    Processor.objects.filter(name="Archive").delete()


def test_erasing_signs_out_and_leads_to_a_page_without_account(ada, client_for, run_eraser):  # noqa: F811
    browser = client_for(ada)
    assert "Are you sure?" in plain(browser.get("/me/erase/check/"))
    answer = browser.post("/me/erase/now/")
    assert re.fullmatch(r"/left/[\w-]{43}/", answer.headers["Location"])
    assert "You are being erased" in plain(browser.get(answer.headers["Location"]))
    assert browser.get("/me/").status_code == 302
    token = answer.headers["Location"].split("/")[2]
    assert find_by_token(token) == Erasure.objects.get()
    assert f"http://acme.localhost:8000/left/{token}/" in mail.outbox[-1].body
    run_eraser()
    assert "You are erased" in plain(browser.get(answer.headers["Location"]))


def test_link_of_nobody_says_so(client_for, db):  # noqa: F811
    answer = client_for().get("/left/nothing/")
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (404, "no-referrer")


def test_certificate_is_not_there_before_its_time(ada, ask, client_for):  # noqa: F811
    token = ask(ada).token
    assert client_for().get(f"/left/{token}/certificate.json").status_code == 404


def test_pdf_is_drawn(left):
    answer = left("certificate.pdf")
    assert answer.content.startswith(b"%PDF-") or b"Certificate of erasure" in answer.content


def test_page_and_files_name_nobody(left, ada):
    for ending in ("", "certificate.json", "certificate.tlog-proof"):
        content = left(ending).content
        assert ada.email.encode() not in content
        assert b"Archer" not in content


def verified(path, *more):
    """In a process of its own, with nothing of the house on its path."""
    return subprocess.run(
        [sys.executable, "-I", str(Path(verify.__file__)), str(path), *more],
        capture_output=True,
        text=True,
        check=False,
    )


def test_certificate_verifies_offline_with_the_account_gone(left, tmp_path):
    path, key = tmp_path / "certificate.json", str(public_keys()[-1])
    path.write_bytes(left("certificate.json").content)
    done = verified(path, "--key", key, "--address", "Alice@acme.example")
    assert (done.returncode, done.stderr) == (0, "")
    assert "It is about Alice@acme.example." in done.stdout
    other = verified(path, "--key", key, "--address", "bob@acme.example")
    assert (other.returncode, "is not about bob" in other.stderr) == (1, True)


def test_forged_certificate_is_not_proven(left, tmp_path):
    path, key = tmp_path / "certificate.json", str(public_keys()[-1])
    content = left("certificate.json").content
    path.write_bytes(content.replace(b'"outcome": "complete"', b'"outcome": "perfect!"'))
    assert "something else than the ledger" in verified(path, "--key", key).stderr


def test_proof_verifies_alone(left, tmp_path):
    path = tmp_path / "proof.tlog-proof"
    path.write_bytes(left("certificate.tlog-proof").content)
    assert verified(path, "--key", str(public_keys()[-1])).returncode == 0


LETTER = {"address": "alice@acme.example", "letter": "By post on 3 November, signed; passport shown."}


def test_officer_erases_on_a_letter(ada, officer, client_for, run_eraser):  # noqa: F811
    browser = client_for(officer)
    check = plain(browser.post("/compliance/erase/", LETTER))
    assert "Alice Archer" in check
    assert not Erasure.objects.exists()
    done = plain(browser.post("/compliance/erase/", LETTER | {"confirmed": "yes"}))
    token = re.search(r"/left/([\w-]{43})/", done)[1]
    assert Erasure.objects.get().requested_by == officer.pk
    assert everyones(DataUse).filter(by=officer.pk, purpose_version__purpose="erasure").count() == 2
    run_eraser()
    assert "on your letter" in plain(client_for().get(f"/left/{token}/"))


def test_shut_account_is_erased_on_a_letter(ada, officer, client_for, run_eraser):  # noqa: F811
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    client_for(officer).post("/compliance/erase/", LETTER | {"confirmed": "yes"})
    run_eraser()
    assert Erasure.objects.get().state == "erased"


def test_unknown_address_is_said_so(officer, client_for):  # noqa: F811
    answer = client_for(officer).post("/compliance/erase/", LETTER)
    assert (answer.status_code, "Nobody here has this address" in plain(answer)) == (422, True)


def test_twice_shows_the_first(ada, officer, ask, client_for):  # noqa: F811
    reference = ask(ada).erasure.reference
    answer = client_for(officer).post("/compliance/erase/", LETTER | {"confirmed": "yes"})
    assert (answer.status_code, reference in plain(answer)) == (409, True)


def test_only_owner_is_told_what_follows_and_can_go(in_acme, client_for, run_eraser):  # noqa: F811
    owner = PersonFactory(roles=[Role.OWNER])
    browser = client_for(owner)
    assert "You are the only owner" in plain(browser.get("/me/erase/"))
    browser.post("/me/erase/now/")
    run_eraser()
    assert (Erasure.objects.get().state, RoleHeld.objects.count()) == ("erased", 0)


def test_processors_are_kept_by_officers(officer, client_for):  # noqa: F811
    browser = client_for(officer)
    browser.post("/compliance/processors/", {"name": "Backup firm", "gets": "Everything.", "window_days": 90})
    assert "Backup firm" in plain(browser.get("/compliance/processors/"))
    browser.post(f"/compliance/processors/{Processor.objects.get(name='Backup firm').pk}/remove/")
    assert not Processor.objects.filter(name="Backup firm").exists()
    assert browser.post("/compliance/processors/", {}).status_code == 422
