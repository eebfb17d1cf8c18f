"""Teams: made, filled by addresses, emptied; nobody is in two."""

import pytest

from accounts.domain.teams import make_team, put_into_team
from accounts.models import Team, TeamMember
from accounts.states import Role
from consent.audit.models import Entry
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

ADDRESS = "/manage/settings/teams/"


@pytest.fixture
def owner(in_acme):
    return PersonFactory(name="Omar Osman", roles=[Role.OWNER])


@pytest.fixture
def team(owner, now):
    return make_team("Harbour", by=owner, at=now)


def test_team_is_made_and_filled_by_addresses(client_for, owner, bob):
    client = client_for(owner)
    address = client.post(ADDRESS, {"name": "Harbour"}).headers["Location"]
    client.post(address, {"people": f"{bob.email.upper()}\n\n"})
    assert "Bob Baker" in plain(client.get(address))
    assert [entry.event for entry in Entry.objects.order_by("pk")] == ["accounts.team_made", "accounts.team_joined"]


def test_second_team_of_the_name_is_refused(client_for, owner, team):
    answer = client_for(owner).post(ADDRESS, {"name": "harbour"})
    assert (answer.status_code, Team.objects.count()) == (422, 1)
    assert "There is a team “harbour” already." in plain(answer)


def test_unknown_address_puts_nobody_in(client_for, owner, team, bob):
    answer = client_for(owner).post(f"{ADDRESS}{team.pk}/", {"people": f"{bob.email}\nnobody@acme.example"})
    assert (answer.status_code, TeamMember.objects.count()) == (422, 0)
    assert "Nobody here has the address nobody@acme.example." in plain(answer)


def test_who_joins_another_team_leaves_the_first(owner, team, bob, now):
    other = make_team("Mill", by=owner, at=now)
    put_into_team(team, people=[bob], by=owner, at=now)
    put_into_team(other, people=[bob], by=owner, at=now)
    assert TeamMember.objects.get().team == other


def test_person_is_taken_out(client_for, owner, team, bob, now):
    put_into_team(team, people=[bob], by=owner, at=now)
    client_for(owner).post(f"{ADDRESS}{team.pk}/{bob.pk}/take-out/")
    assert not TeamMember.objects.exists()


def test_who_may_not_manage_people_is_refused(client_for, bob):
    assert client_for(bob).get(ADDRESS).status_code == 403
