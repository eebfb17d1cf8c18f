"""The components every page is made of: one tag and one template in `templates/ui/` each.

Registered as builtins, so pages use them without {% load %}. An argument a component does not
know, or a kind outside its list, raises while the template renders. `docs/components.md` shows
how to use each; `/demo/gallery/` shows what they look like.
"""

from datetime import timedelta
from functools import cache

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Form, RadioSelect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from heroicons.templatetags.heroicons import heroicon_mini

register = template.Library()

BUTTONS = ("primary", "secondary", "quiet", "danger")
SIGNS = {  # kind of message: the icon that says the same without colour
    "neutral": "ellipsis-horizontal-circle",
    "info": "information-circle",
    "running": "arrow-path",
    "success": "check-circle",
    "warning": "exclamation-triangle",
    "danger": "x-circle",
}


MESSAGE_KINDS = {"debug": "info", "info": "info", "error": "danger"}  # Django's words in ours


class UnknownKindError(ValueError):
    def __init__(self, kind, known):
        super().__init__(f"No kind {kind!r}; there are {', '.join(known)}.")


def _known(kind, kinds):
    if kind not in kinds:
        raise UnknownKindError(kind, kinds)
    return kind


def _render(name, /, **context):
    return mark_safe(render_to_string(f"ui/{name}.html", context).strip())  # noqa: S308 - a template made it


# Page furniture


@register.simple_tag
@cache  # the library parses the drawing each time
def icon(name):
    """A small drawing beside a word; screen readers skip it, since the word says it."""
    return heroicon_mini(name, size=20, **{"class": "icon", "aria-hidden": "true"})


@register.filter
def message_kind(level_tag):
    return MESSAGE_KINDS.get(level_tag, level_tag)


@register.simple_tag
def page_heading(title, *, lead="", eyebrow=""):
    return _render("page_heading", title=title, lead=lead, eyebrow=eyebrow)


@register.simple_tag
def back_link(href, text="Back"):
    return _render("back_link", href=href, text=text)


@register.simple_tag
def seen_by(sentence="Only you can see this page.", *, href="", link=""):
    """Who can see this, said where it is read; `href` leads to who did."""
    return _render("seen_by", sentence=sentence, href=href, link=link)


@register.simple_tag
def last_day(due):
    """The day with whose end a deadline ends: midnight itself would be read as the day after."""
    return _render("last_day", at=timezone.localtime(due) - timedelta(microseconds=1))


@register.simple_tag
def moment(at):
    """An instant in the reader's zone, with the zone's name: never a bare clock time."""
    return _render("moment", at=timezone.localtime(at))


@register.simple_block_tag
def tabs(content, *, label):
    return _render("tabs", content=content, label=label)


@register.simple_tag
def tab(text, href, *, current=False):
    return _render("tab", text=text, href=href, current=current)


@register.simple_tag(takes_context=True)
def pagination(context, page: Page, *, label="Pages"):
    query = context["request"].GET
    before = _at_page(query, page.number - 1) if page.has_previous() else ""
    after = _at_page(query, page.number + 1) if page.has_next() else ""
    return _render("pagination", page=page, label=label, before=before, after=after)


def _at_page(query, number):
    """The same filter on another page."""
    query = query.copy()
    query["page"] = number
    return f"?{query.urlencode()}"


# Surfaces


@register.simple_block_tag
def card(content, *, title="", href="", level=2):
    return _render("card", content=content, title=title, href=href, level=level)


@register.simple_block_tag
def cards(content):
    """Cards side by side where there is room."""
    return _render("cards", content=content)


@register.simple_block_tag
def notice(content, *, kind="info", title=""):
    sign = SIGNS[_known(kind, SIGNS)]
    return _render("notice", content=content, kind=kind, title=title, sign=sign)


@register.simple_block_tag
def confirmation(content, *, title, reference=""):
    return _render("confirmation", content=content, title=title, reference=reference)


@register.simple_block_tag
def empty_state(content, *, title):
    return _render("empty_state", content=content, title=title)


@register.simple_block_tag
def disclosure(content, summary, *, open=False):  # noqa: A002 -- the attribute's own name
    return _render("disclosure", content=content, summary=summary, open=open)


# Acts


@register.simple_tag
def button(  # noqa: PLR0913 -- an HTML button has that many attributes
    text, *, href="", kind="primary", icon="", name="", value="", form="", about=""
):
    """A link when it has an `href`, else a submit button. `about` ends its spoken name."""
    _known(kind, BUTTONS)
    return _render("button", **locals())


@register.simple_tag(takes_context=True)
def post_button(  # noqa: PLR0913
    context, text, *, action, kind="primary", icon="", name="", value="", about=""
):
    """A form of one button: an act has its own address and is always a POST."""
    shown = button(text, kind=kind, icon=icon, name=name, value=value, about=about)
    return _render("post_button", button=shown, action=action, csrf_token=context.get("csrf_token"))


@register.simple_block_tag
def actions(content):
    return _render("actions", content=content)


@register.simple_block_tag
def equal_pair(content):
    """Two ways out, neither nudged: both buttons get the same size and colour, whatever their kind."""
    return _render("equal_pair", content=content)


# Forms


@register.simple_tag
def field(bound: BoundField, *, label="", hint="", descriptions=None):
    """One field with label, hint and error. `descriptions` maps a choice's value to its sentence."""
    hint = hint or bound.help_text
    shown = {"bound": bound, "label": label or bound.label, "hint": hint}
    widget = bound.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return _render("field_choices", options=_options(bound, descriptions or {}), **shown)
    # A placeholder vanishes while one types; label and hint stay. False leaves an attribute out.
    control = bound.as_widget(attrs={"placeholder": False, "aria-describedby": _described_by(bound, hint) or False})
    name = "field_checkbox" if isinstance(widget, CheckboxInput) else "field"
    return _render(name, control=control, **shown)


def _options(bound, descriptions):
    for option in bound.subwidgets:
        yield {"input": option, "description": descriptions.get(str(option.data["value"]), "")}


def _described_by(bound, hint):
    ids = {"hint": hint, "error": bound.errors}
    return " ".join(f"{bound.auto_id}_{part}" for part, present in ids.items() if present)


@register.simple_tag
def fields(form: Form):
    """Every field of a form, hidden ones included, in order."""
    return _render("fields", form=form)


@register.simple_tag
def error_summary(form: Form, *, focus=True):
    """What must be put right, first on the page and focused; nothing when the form is fine."""
    return _render("error_summary", form=form, focus=focus) if form.errors else ""


@register.simple_block_tag
def choice_list(content, *, legend, hint=""):
    return _render("choice_list", content=content, legend=legend, hint=hint)


@register.simple_block_tag
def choice(content, label, *, name, value, checked=False, single=False):
    """One card of a choice list; `single` makes it a radio button."""
    return _render("choice", **locals())


@register.simple_block_tag
def summary_list(content):
    return _render("summary_list", content=content)


@register.simple_block_tag
def summary_row(content, label, *, change=""):
    """One answer; `change` is the address where it can be changed."""
    answer = content if content.strip() else "Not provided"
    return _render("summary_row", answer=answer, label=label, change=change)


# Facts


@register.simple_tag
def status(text, kind="neutral"):
    return _render("status", text=text, kind=_known(kind, SIGNS), sign=SIGNS[kind])


@register.simple_tag
def key_figure(value, label, *, unit="", note=""):
    return _render("key_figure", value=value, label=label, unit=unit, note=note)


@register.simple_block_tag
def key_figures(content):
    return _render("key_figures", content=content)


@register.simple_block_tag
def data_table(content, *, caption, caption_hidden=False):
    """A table that scrolls inside its own region; give cells of numbers class="number"."""
    return _render("data_table", content=content, caption=caption, caption_hidden=caption_hidden)


@register.simple_block_tag
def timeline(content):
    return _render("timeline", content=content)


@register.simple_block_tag
def timeline_event(content, title, *, at=None, kind="neutral"):
    sign = SIGNS[_known(kind, SIGNS)]
    return _render("timeline_event", content=content, title=title, at=at, kind=kind, sign=sign)


@register.simple_tag
def progress(done, total=None, *, label):
    """How far a job is; without a total the bar only says that it moves."""
    return _render("progress", done=done, total=total, label=label)


@register.simple_block_tag
def live(content, url, *, active=True, every=2):
    """Content that fetches itself again while `active`; see `refresh_without_script`."""
    return _render("live", content=content, url=url, active=active, every=every)


@register.simple_tag
def refresh_without_script(*, active=True, every=5):
    """For block `head` of a page with `live` content: the same, where there is no JavaScript."""
    return _render("refresh_without_script", every=every) if active else ""
