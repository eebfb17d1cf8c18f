"""Whole stories in a real browser, with a real web server, worker and mail, on the demo's own companies."""

import re
import subprocess
import sys
import zipfile

import pytest

INTERACTIONS = """occurred_at,actor_email,kind,target_email
2026-11-10T09:00:00Z,erin.ellis@globex.example,replied,someone@globex.example
2026-11-11T09:00:00Z,nobody@elsewhere.example,replied,noone@elsewhere.example
yesterday,erin.ellis@globex.example,replied,someone@globex.example
"""


def press(page, name):
    page.get_by_role("button", name=name).click()


def follow(page, name):
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def wait_for_job(page):
    """The job's page renews itself; without a script it would too."""
    page.get_by_role("link", name="See the result").wait_for(timeout=40_000)


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_newcomer_takes_part_and_leaves_with_two_clicks(open_page, site, script):
    page = open_page("newcomer", schema="acme", script=script)
    page.goto(site.address("/me/take-part/"))
    page.get_by_label("Work out my score and show it to me").check()
    page.get_by_label("Team room").check()
    page.get_by_label("I am 18 or older").check()
    press(page, "Check your answers")
    press(page, "Confirm and take part")
    assert re.search(r"A-[A-Z0-9]{8}", page.inner_text("main"))

    page.goto(site.address("/me/"))
    assert "You take part." in page.inner_text("h1")
    page.get_by_role("link", name="Leave").first.click()
    press(page, "Leave now")
    assert re.search(r"A-[A-Z0-9]{8}", page.inner_text("main"))

    page.goto(site.address("/me/"))
    assert page.inner_text("h1") == "You are not scored."


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_participant_takes_their_data_and_recomputes_their_score(open_page, site, tmp_path, script):
    page = open_page("employee", schema="acme", script=script)
    page.goto(site.address("/me/data/"))
    follow(page, "Take my data")
    press(page, re.compile("Make my file|Make a new one"))
    page.get_by_text("Your file is ready").wait_for(timeout=40_000)
    with page.expect_download() as download:
        follow(page, "Download")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)

    program = tmp_path / "score" / "recompute.py"
    run = subprocess.run([sys.executable, "-I", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "That is the score you were given, to the last digit." in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("schema", "script"), [("acme", True), ("globex", False)])
def test_participant_takes_back_a_part_with_two_clicks_from_any_page(open_page, site, schema, script):
    page = open_page("author", schema=schema, script=script)
    page.goto(site.address("/me/no-such-page/", schema))
    page.get_by_role("banner").get_by_role("link", name="Leave").click()
    page.get_by_role("main").get_by_role("button", name="Take back").last.click()
    assert "You took back a yes" in page.inner_text("h1")
    assert re.search(r"A-[A-Z0-9]{8}", page.inner_text("main"))


@pytest.mark.slow
def test_participant_leaves_by_the_link_of_any_mail_without_signing_in(open_page, site):
    page = open_page()
    page.goto(site.address("/accounts/password/reset/", "globex"))
    page.get_by_label("E-mail").fill("stella.stone@globex.example")
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_text("sent").first.wait_for()
    link = re.search(r"http://globex\.localhost:\d+/leave/\S+/", site.mails()[-1])[0]

    page.goto(link)
    press(page, "Leave now")
    assert "You have left" in page.inner_text("h1")

    page = open_page("steward", schema="globex")
    page.goto(site.address("/me/", "globex"))
    assert page.inner_text("h1") == "You are not scored."


@pytest.mark.slow
def test_steward_brings_in_a_file_and_reads_the_receipt(open_page, site, tmp_path):
    path = tmp_path / "interactions.csv"
    path.write_text(INTERACTIONS)
    page = open_page("steward", schema="globex")
    page.goto(site.address("/manage/sources/", "globex"))
    follow(page, "Team room")
    page.get_by_label("The file").set_input_files(path)
    press(page, "Upload")
    assert "nobody@elsewhere.example" in page.inner_text("table")
    page.get_by_label("“replied”").select_option("answered")
    press(page, "Read the file")
    wait_for_job(page)
    page.get_by_role("link", name="See the result").click()
    rows = dict(re.findall(r"^(Kept|Not granted|Malformed|Read)\b[^\t]*\t(\d+)", page.inner_text("main"), re.MULTILINE))
    assert rows == {"Kept": "1", "Not granted": "1", "Malformed": "1", "Read": "3"}
    assert "line 4" in page.inner_text("main")


@pytest.mark.slow
def test_owner_invites_somebody_who_joins(open_page, site):
    page = open_page("owner", schema="acme")
    page.goto(site.address("/manage/settings/people/invite/"))
    page.get_by_label("E-mail address").fill("nina.new@acme.example")
    press(page, "Send the invitation")
    link = re.search(r"http://acme\.localhost:\d+/accounts/join/\S+", site.mails()[-1])[0]

    guest = open_page()
    guest.goto(link)
    guest.get_by_label("Name").fill("Nina New")
    guest.get_by_label("Password").first.fill("an unguessable sentence")
    press(guest, "Join")
    guest.goto(site.address("/me/"))
    assert guest.inner_text("h1") == "You are not scored."


@pytest.mark.slow
def test_operator_makes_a_company_and_watches(open_page, site):
    page = open_page("operator", schema="platform")
    page.goto(site.address("/platform/companies/new/", "platform"))
    page.get_by_label("Name", exact=True).fill("Initech")
    page.get_by_label("Short name").fill("initech")
    page.get_by_label("owner", exact=False).last.fill("bill@initech.example")
    press(page, "Make the company")
    wait_for_job(page)

    page.goto(site.address("/accounts/login/", "initech"))
    assert "Initech" in page.inner_text("body")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_two_others_give_a_role_and_one_alone_cannot(open_page, site, script):
    name, role = ("Xenia Dogan", "compliance officer") if script else ("Yusuf Eriksen", "steward")
    owner = open_page("owner", schema="globex", script=script)
    owner.goto(site.address("/manage/settings/people/", "globex"))
    follow(owner, name)
    owner.get_by_role("button", name=f"Propose {role}").click()
    owner.get_by_text("You wrote this, so others decide.").wait_for()
    address = owner.url
    assert owner.get_by_role("button", name="Approve").count() == 0

    two_others_approve(open_page, address, "globex", script=script)
    owner.goto(address)
    press(owner, "Put it into effect")
    owner.get_by_text("It took effect").wait_for()


def two_others_approve(open_page, address, schema, *, script=True, reads=None):
    for slug in ("approver", "second-approver"):
        page = open_page(slug, schema=schema, script=script)
        page.goto(address)
        if reads:
            follow(page, reads)
            page.get_by_text("Who would move").wait_for()
            page.goto(address)
        if page.get_by_role("button", name="Approve exactly this").count() == 0:
            follow(page, "Confirm that it is you")
            page.get_by_label("Password").fill("two others decide")
            press(page, "Continue")
        press(page, "Approve exactly this")
        page.get_by_text("You approved it.").wait_for()


def propose_and_put_into_effect(open_page, page):
    press(page, "Propose it")
    page.get_by_text("You wrote this, so others decide.").wait_for()
    address = page.url
    follow(page, "See what it would do here")
    press(page, "Work it out")
    wait_for_job(page)
    two_others_approve(open_page, address, "globex", reads="See what it would do here")
    page.goto(address)
    press(page, "Put it into effect")
    page.get_by_text("It took effect").wait_for()


@pytest.mark.slow
def test_steward_changes_the_model_and_goes_back_to_the_one_before(open_page, site):
    page, models = open_page("steward", schema="globex"), site.address("/manage/models/", "globex")
    page.goto(models)
    follow(page, "Draft another model")
    page.get_by_label("Name").fill("Kinder to holidays")
    page.get_by_label("Half-life").fill("45")
    page.get_by_label("Why").fill("Three weeks away took a third of the points.")
    press(page, "Show what it does")
    assert "Somebody who" in page.inner_text("main")
    press(page, "Keep the draft")
    propose_and_put_into_effect(open_page, page)

    page.goto(models)
    assert re.search(r"2: Kinder to holidays\s+in effect", page.inner_text("main"))
    follow(page, "go back to it")
    assert page.get_by_label("Half-life").input_value() == "30"
    page.get_by_label("Why").fill("Back to version 1: people liked it better.")
    press(page, "Keep the draft")
    propose_and_put_into_effect(open_page, page)

    page.goto(models)
    assert re.search(r"3: .+\s+in effect", page.inner_text("main"))
    follow(page, re.compile("^3: "))
    assert "Piet Peters" in page.inner_text("main")
