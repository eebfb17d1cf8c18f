"""What must stay true of the looks as they grow: small, documented, without inline style."""

import re
from pathlib import Path

import pytest

from config import gallery
from config.templatetags import charts, ui

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
FILES_OF_THEIR_OWN = {ROOT / "templates/access/readme.html"}  # read from a disk, with no sheet beside it
TEMPLATES = sorted({*(ROOT / "templates").rglob("*.html")} - FILES_OF_THEIR_OWN)
TAGS = {*ui.register.tags, *charts.register.tags}
IN_HEAD = {"refresh_without_script"}  # has no looks of its own


def test_every_tag_has_an_example():
    names = [name for group in gallery.GROUPS.values() for name in group]
    sources = " ".join((ROOT / f"templates/ui/examples/{name}.html").read_text() for name in names)
    assert set(re.findall(r"{% (\w+)", sources)) & TAGS == TAGS - IN_HEAD


def test_every_example_file_stands_in_the_gallery():
    shown = {name for group in gallery.GROUPS.values() for name in group}
    assert {path.stem for path in (ROOT / "templates/ui/examples").iterdir()} == shown


def test_every_tag_is_documented():
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/components.md").read_text(), re.MULTILINE))
    assert documented >= TAGS


def test_the_sheets_of_a_page_weigh_less_than_20_kilobytes():
    linked = re.findall(r"css/\w+\.css", (ROOT / "templates/ui/stylesheets.html").read_text())
    assert sum((ROOT / "static" / sheet).stat().st_size for sheet in linked) < 20_000


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheet_keeps_to_the_rules(sheet):
    css = sheet.read_text()
    assert len(css.splitlines()) < 300
    assert not re.search(r"#[\w-]+[^;{}]*{", css), "a selector by id"
    assert "url(" not in css
    assert "!important" not in css.split("prefers-reduced-motion")[0]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_template_has_no_inline_style_or_script(template):
    html = template.read_text()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"\son\w+=", html), "an inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


def test_scripts_of_our_own_stay_under_100_lines():
    assert sum(len(path.read_text().splitlines()) for path in (ROOT / "static/js").glob("*.js")) < 100
