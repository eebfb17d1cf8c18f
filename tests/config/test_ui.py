"""The components: each example renders, and each promise of the forms and acts is kept."""

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from config import gallery
from config.templatetags.ui import UnknownKindError

NAMES = [name for names in gallery.GROUPS.values() for name in names]


def render(source, **context):
    return Template(source).render(Context(context))


class JoinForm(forms.Form):
    email = forms.EmailField(help_text="Only for this.", widget=forms.EmailInput(attrs={"placeholder": "you@"}))
    sources = forms.MultipleChoiceField(
        choices=[("slack", "Slack"), ("csv", "File")], widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def request_():
    return RequestFactory().get("/demo/gallery/", {"kind": "answers", "page": "2"})


@pytest.mark.parametrize("name", NAMES)
def test_example_renders_without_inline_style_or_script(name, request_):
    example = gallery._example(name, gallery.example_context(), request_)
    assert example.title
    assert example.sentence
    assert example.shown.strip()
    assert " style=" not in example.shown
    assert "<script" not in example.shown


def test_gallery_shows_each_example_beside_its_source(request_):
    html = gallery.gallery(request_).content.decode()
    assert html.count('class="gallery__source"') == len(NAMES)


@pytest.mark.parametrize("source", ["{% card colour='red' %}{% endcard %}", "{% button 'Go' size=3 %}"])
def test_unknown_argument_raises(source):
    with pytest.raises(TemplateSyntaxError):
        render(source)


@pytest.mark.parametrize(
    "source", ["{% button 'Go' kind='big' %}", "{% status 'Late' 'red' %}", "{% notice kind='red' %}{% endnotice %}"]
)
def test_unknown_kind_raises(source):
    with pytest.raises(UnknownKindError):
        render(source)


def test_words_from_outside_are_escaped():
    html = render(
        "{% page_heading x lead=x eyebrow=x %}{% card title=x %}{{ x }}{% endcard %}{% button x about=x %}"
        "{% status x %}{% key_figure x x unit=x note=x %}{% summary_row x %}{{ x }}{% endsummary_row %}",
        x="<script>",
    )
    assert "<script>" not in html


def test_field_ties_label_hint_and_error_to_its_control():
    html = render("{% field form.email %}", form=JoinForm({"email": "wrong"}))
    assert 'for="id_email"' in html
    assert 'aria-describedby="id_email_hint id_email_error"' in html
    assert 'id="id_email_hint"' in html
    assert 'id="id_email_error"' in html
    assert 'aria-invalid="true"' in html


def test_field_without_hint_points_at_nothing():
    class Plain(forms.Form):
        name = forms.CharField()

    assert "aria-describedby" not in render("{% field form.name %}", form=Plain())


def test_field_leaves_placeholders_out():
    assert "placeholder" not in render("{% field form.email %}", form=JoinForm())


def test_field_describes_each_choice():
    html = render("{% field form.sources descriptions=words %}", form=JoinForm(), words={"csv": "A table."})
    assert html.count('type="checkbox"') == 2
    assert '<span class="choice__description">A table.</span>' in html


def test_fields_carries_hidden_ones_along():
    assert 'name="secret"' in render("{% fields form %}", form=JoinForm())


def test_error_summary_leads_to_each_wrong_control():
    html = render("{% error_summary form %}", form=JoinForm({}))
    assert "autofocus" in html
    assert 'href="#id_email"' in html
    assert 'href="#id_sources_0"' in html


def test_error_summary_of_a_good_form_is_nothing():
    assert render("{% error_summary form %}", form=JoinForm({"email": "a@b.example", "sources": ["csv"]})) == ""


def test_post_button_is_a_form_with_its_token():
    html = render("{% post_button 'Leave' action='/me/leave/' %}", csrf_token="token")
    assert '<form class="post-button" method="post" action="/me/leave/">' in html
    assert 'value="token"' in html


def test_pagination_keeps_the_filter(request_):
    html = render("{% pagination page %}", request=request_, page=Paginator(range(30), 10).page(2))
    assert 'rel="prev" href="?kind=answers&amp;page=1"' in html
    assert 'rel="next" href="?kind=answers&amp;page=3"' in html


def test_pagination_of_one_page_is_nothing(request_):
    assert render("{% pagination page %}", request=request_, page=Paginator([1], 10).page(1)).strip() == ""


def test_summary_row_without_an_answer_says_so():
    assert "Not provided" in render("{% summary_row 'Sources' %}  {% endsummary_row %}")


def test_live_part_asks_only_while_active():
    assert "hx-get" in render("{% live '/job/1/' %}{% endlive %}")
    assert "hx-get" not in render("{% live '/job/1/' active=False %}{% endlive %}")
