"""A withdrawal reaches what the cascades do not."""

from datetime import timedelta

import pytest

from consent.domain.choices import Wish, leave, take_part, withdraw
from consent.models import OpenGrant
from scoring.domain.pauses import pause
from scoring.models import Pause, StaleScore
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.consent import SourceFactory


@pytest.fixture
def later(now):
    return now + timedelta(hours=1)


def test_leaving_deletes_the_pauses(alice, now, later):
    pause(alice, at=now)

    leave(alice, at=later)

    assert not everyones(Pause).filter(person=alice).exists()
    assert not everyones(StaleScore).filter(person=alice).exists()


def test_withdrawing_one_of_two_sources_asks_for_a_new_score(alice, now, later):
    source = SourceFactory()
    take_part(alice, wish=Wish((scoring_wording().pk,), (str(source.pk),), is_of_age=True), at=now)
    pause(alice, at=now)

    withdraw(alice, grants=[OpenGrant.objects.get(person=alice, source=source).pk], at=later)

    assert everyones(StaleScore).filter(person=alice).count() == 1
    assert everyones(Pause).filter(person=alice).count() == 1
