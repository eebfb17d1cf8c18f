"""The charts as they reach the page."""

from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation


def draw(source, **context):
    return Template(source).render(Context(context))


def test_a_waterfall_is_a_table_with_its_total():
    html = draw("{% waterfall rows caption='Why' total=3 total_label='Score' %}", rows=[("a", 1), ("b", 2, "why")])
    assert html.count("<tr>") == 4
    assert '<th scope="row">Score</th>' in html
    assert '<td class="number">3.0</td>' in html


def test_a_change_shows_its_signs():
    html = draw("{% waterfall rows caption='Why' %}", rows=[("a", Decimal("3.1")), ("b", Decimal("-1.2"))])
    assert "+3.1" in html
    assert "−1.2" in html


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{% waterfall none caption='Why' %}", "nothing to add up yet"),
        ("{% trend none title='Score' %}", "Nothing to draw yet"),
        ("{% weekly_bars none title='Weeks' %}", "No weeks yet"),
    ],
)
def test_an_empty_chart_says_so(source, words):
    html = draw(source, none=[])
    assert words in html
    assert "<svg" not in html


def test_a_trend_has_a_name_a_description_and_a_table():
    html = draw("{% trend history title='My score' %}", history=[(date(2026, 11, 16), 20), (date(2026, 11, 23), None)])
    assert "<title>My score</title>" in html
    assert "<desc>Score 20 points on 16 Nov 2026, the first value.\n</desc>" in html
    assert '<td class="number">none</td>' in html


def test_lengths_have_points_in_every_language():
    """A comma inside a path draws something else, or nothing."""
    with translation.override("de"):
        html = draw(
            "{% trend history title='Punkte' %}{% weekly_bars weeks title='Wochen' %}{% waterfall rows caption='Warum' %}",
            history=[(date(2026, 11, 23), Decimal("41.7"))],
            weeks=[("W1", 3)] * 3,
            rows=[("a", 1), ("b", 2)],
        )
    assert 'd="M50.0 30.5' in html
    assert 'width="33.33"' in html
    assert 'width="23.33"' in html


def test_labels_are_escaped():
    assert "<b>" not in draw(
        "{% waterfall rows caption=x %}{% trend none title=x %}", rows=[("<b>", 1)], none=[], x="<b>"
    )
