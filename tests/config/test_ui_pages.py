"""Pages that must stand when little else does, and the letters of sign-in."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).parents[2] / "templates"
LETTERS = sorted(path.name.removesuffix("_message.txt") for path in (ROOT / "account/email").glob("[!b]*_message.txt"))


@pytest.mark.parametrize(
    "name", ["400", "403", "403_csrf", "404", "429", "500", "refused", "suspended", "unknown_host"]
)
def test_error_page_stands_without_any_context(name):
    html = get_template(f"{name}.html").render()
    assert html.count("<h1") == 1
    assert "<title>" in html


def test_broken_page_asks_nothing_of_django():
    """It is shown when anything may be broken: templates' tags, the static files' manifest, the database."""
    source = (ROOT / "500.html").read_text()
    assert set(re.findall(r"{% ?(\w+)", source)) <= {"if", "endif"}
    assert re.findall(r"{{ ?(.*?) ?}}", source) == ["leave_url"]


def test_title_says_that_a_form_is_wrong():
    class SignInForm(forms.Form):
        login = forms.EmailField()
        password = forms.CharField()

    html = render_to_string("account/login.html", {"form": SignInForm({})})
    assert "<title>Error: Sign in" in html


@pytest.mark.parametrize("name", LETTERS)
def test_letter_says_where_it_comes_from_and_escapes_nothing(name):
    context = {
        "current_site": SimpleNamespace(domain="acme.localhost"),
        "activate_url": "https://acme.localhost/?a&b",
        "password_reset_url": "https://acme.localhost/?a&b",
        "email": "o'neill@acme.example",
    }
    letter = render_to_string(f"account/email/{name}_message.txt", context)
    assert "Assent at acme.localhost" in letter
    assert "&amp;" not in letter
    assert "&#x27;" not in letter


@pytest.mark.parametrize("name", LETTERS)
def test_subject_is_one_line(name):
    assert len(render_to_string(f"account/email/{name}_subject.txt", {}).strip().splitlines()) == 1
