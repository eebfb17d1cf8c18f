"""Every page that each role can reach: accessible, whole at 320 px, quiet, and with nothing from outside."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
ROLES = [
    ("newcomer", "acme"), ("employee", "acme"), ("steward", "acme"), ("owner", "acme"), ("officer", "acme"),
    ("approver", "globex"), ("operator", "platform"),
]  # fmt: skip
# Colours depend on the light and places on the width: two of the four pairs see all of both, in half of the time.
VARIANTS = [(1280, "light"), (320, "dark")]
SIGNED_OUT = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/demo/",
    "/demo/gallery/",
    "/nowhere/",
    "/accounts/join/unknown/",
]
MOST_PAGES = 40


def shape(path: str) -> str:
    """Pages that differ by an id alone are one page to look at."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|A-[A-Z0-9]{8}|\b\d+\b", "*", path)


def pages_within_reach(page) -> list[str]:
    """Walk the links of one's first page until no new shape of address is found."""
    here = urlsplit(page.url)
    found, waiting = {shape(here.path): here.path}, [here.path]
    while waiting and len(found) < MOST_PAGES:
        page.goto(f"{here.scheme}://{here.netloc}{waiting.pop(0)}")
        if "text/html" not in page.evaluate("document.contentType"):
            continue
        for path in page.eval_on_selector_all(
            "a[href^='/']:not([download])", "links => links.map(a => a.getAttribute('href'))"
        ):
            path = path.partition("#")[0].partition("?")[0]  # noqa: PLW2901
            if (
                shape(path) not in found
                and not path.startswith(("/demo/enter", "/static"))
                and not path.endswith((".csv", ".json", ".py", ".zip", ".yaml", ".pdf", "/proof/", "/file/"))  # files
            ):
                found[shape(path)] = path
                waiting.append(path)
    return list(found.values())


@pytest.mark.slow
@pytest.mark.parametrize(("role", "schema"), ROLES)
def test_pages_of_a_role_are_accessible_and_whole(open_page, site, role, schema):
    paths = pages_within_reach(_at(open_page(role, schema=schema), site, schema))
    faults = [
        fault
        for width, scheme in VARIANTS
        for fault in look_at(open_page(role, schema=schema, width=width, scheme=scheme), site, schema, paths)
    ]
    assert faults == []
    assert len(paths) > 1


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), VARIANTS)
def test_pages_of_the_signed_out_are_accessible_and_whole(open_page, site, width, scheme):
    assert look_at(open_page(width=width, scheme=scheme), site, "acme", SIGNED_OUT) == []


def _at(page, site, schema):
    page.goto(site.address(urlsplit(page.url).path, schema))
    return page


def look_at(page, site, schema, paths) -> list[str]:
    """What is wrong with these pages in this light and width, a line each."""
    faults = []
    for path in paths:
        page.goto(site.address(path, schema))
        width = page.viewport_size["width"]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{path} is wider than {width} px")
        result = Axe().run(page, options=RULES)
        faults += [f"{path} at {width}: {v['id']} {v['nodes'][0]['target']}" for v in result.response["violations"]]
    return faults
