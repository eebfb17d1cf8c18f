"""Charts drawn on the server. Lengths are SVG attributes and colours are classes: no style attribute."""

from django import template
from django.template.loader import render_to_string

from config import charts

register = template.Library()


@register.simple_tag
def waterfall(  # noqa: PLR0913
    rows, *, caption, total=None, total_label="Total", unit="points", places=1, full=None, head="Reason"
):
    """A table whose last column draws how the rows add up.

    `rows` are (label, points) or (label, points, detail). Points are shown with `places` digits,
    rounded so that what is shown adds up too. Raises when the rows do not make `total`.
    """
    drawn = charts.waterfall(map(_with_detail, rows), total=total, places=places, full=full)
    signed = any(step.is_loss for step in drawn.steps)
    return _render("waterfall", **locals())


@register.filter
def figure(number, signed=False):
    """A number as it is printed: a true minus, and a plus where others have a minus."""
    return format(number, "+" if signed and number else "").replace("-", "−")


def _with_detail(row):
    label, points, *detail = row
    return label, points, *(detail or [""])


@register.simple_tag
def trend(history, *, title, unit="points", value_label="Score"):
    """A line over (date, value) pairs with its table; a value of None is a gap."""
    drawn = charts.trend(history)
    return _render("trend", drawn=drawn, title=title, unit=unit, value_label=value_label)


@register.simple_tag
def weekly_bars(weeks, *, title, value_label="Colleagues"):
    """Small bars over (week, count) pairs with their table; a count of None is a gap."""
    drawn = charts.bars((str(week), count) for week, count in weeks)
    return _render("bars", drawn=drawn, title=title, value_label=value_label)


def _render(name, /, **context):
    return render_to_string(f"charts/{name}.html", context)
