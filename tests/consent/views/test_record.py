"""The data card and the record of processing: both made from the map, and telling on nobody."""

import csv

import pytest

from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.data_map import rows_in_all
from consent.models import PurposeVersion
from tests.browsing import plain
from tests.conftest import scoring_wording
from tests.factories.accounts import PersonFactory


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


def test_data_card_counts_ones_own_rows_alone(client_for, alice, bob):
    page = plain(client_for(alice).get("/me/data/"))
    assert '<th scope="row">A yes to one purpose, in one wording, for one source.</th><td class="number">1</td>' in page
    page = plain(client_for(bob).get("/me/data/"))
    assert '<th scope="row">A yes to one purpose, in one wording, for one source.</th><td class="number">0</td>' in page


def test_record_names_every_purpose_with_its_basis(client_for, officer):
    page = plain(client_for(officer).get("/compliance/record/"))
    for purpose in PurposeVersion.objects.current():
        assert purpose.title in page
        assert purpose.legal_basis.replace("'", "’") in page.replace("'", "’")


def test_record_can_be_downloaded(client_for, officer):
    answer = client_for(officer).get("/compliance/record.csv")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [row["purpose"] for row in rows] == [p.title for p in PurposeVersion.objects.current().order_by("pk")]
    assert all(row["assessment"] and row["kept_for_days"] for row in rows)


def test_record_says_no_number_while_few_take_part(alice, slack, now):
    assert rows_in_all()["scoring_score"] is None
    for _ in range(4):
        take_part(PersonFactory(), wish=Wish((scoring_wording().pk,), (slack.pk,), is_of_age=True), at=now)
    assert rows_in_all()["scoring_score"] == 0


@pytest.mark.parametrize("address", ["/compliance/record/", "/compliance/record.csv"])
def test_who_may_not_read_the_record_is_refused(client_for, alice, address):
    assert client_for(alice).get(address).status_code == 403
