"""An officer searches the ledger, looks at an entry, and takes a file home, with and without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_every_page import RULES

LEDGER = "/compliance/ledger/"


def faults(page) -> list[str]:
    found = [violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]]
    is_wide = page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]
    return found + ["wider than the screen"] * is_wide


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_officer_has_a_query_written_saves_it_and_downloads_what_it_finds(open_page, site, script):
    page = open_page("officer", script=script)
    page.goto(site.address(LEDGER))
    page.get_by_text("Have the query written for you").click()
    page.get_by_label("Kind of entry").select_option(label="Grant made")
    page.get_by_label("About whom").fill("erin.ellis@acme.example")
    page.get_by_role("button", name="Write the query").click()
    assert page.get_by_label("Search the ledger").input_value() == (
        "event:consent.grant_made about:erin.ellis@acme.example"
    )
    assert "2 entries found." in page.inner_text("main")

    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("Name of this search").fill(f"Erin’s yeses, script {script}")
    page.get_by_role("button", name="Save").click()
    assert "erin" not in page.get_by_label("Search the ledger").input_value()

    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("radio", name="JSON Lines").check()
    page.get_by_role("button", name="Make the file").click()
    page.get_by_role("link", name="Download").wait_for(timeout=40_000)
    assert not script or faults(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert len(download.value.path().read_text().splitlines()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_states_of_the_ledger_are_accessible(open_page, site, width, scheme):
    page = open_page("officer", width=width, scheme=scheme)
    for query in ("?q=event:GrantMade&names=on", "?q=event:GrantMad", "?q=nonsense"):
        page.goto(site.address(LEDGER + query))
        for summary in page.locator("main summary").all():
            summary.click()
        assert faults(page) == []
    page.goto(site.address(f"{LEDGER}?q=event:GrantMade"))
    page.get_by_role("link", name="Entry").first.click()
    assert faults(page) == []
    assert "This is leaf" in page.inner_text("main")
