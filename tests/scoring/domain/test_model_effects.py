"""People who do not exist, under two models."""

from dataclasses import replace

import pytest

from scoring.domain.model_effects import effects
from scoring.domain.model_numbers import Numbers

NOW = Numbers(
    30, 3, {1: (20, 40), 2: (15, 40), 3: (20, 27), 4: (10, 27), 5: (5, 40), 6: (10, 40), 7: (5, 54), 8: (15, 54)}
)


def test_same_model_changes_nobody():
    assert {effect.change for effect in effects(NOW, NOW)} == {0}


def test_whoever_is_answered_by_nobody_gets_little_however_many_they_mention():
    by_name = {effect.who: effect.now for effect in effects(NOW, NOW)}
    assert by_name["Mentions everybody, is answered by nobody"] < 10
    assert by_name["Two who write to each other alone, however much"] < 20
    assert by_name["Answers many colleagues, week after week"] > 20


@pytest.mark.parametrize("half_life_days", [60, 120])
def test_longer_half_life_is_kinder_to_silence(half_life_days):
    silent = next(e for e in effects(NOW, replace(NOW, half_life_days=half_life_days)) if "silent" in e.who)
    assert silent.change > 0
