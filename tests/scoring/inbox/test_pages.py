"""The steward’s page of an inbox."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scoring.models import Inbox
from tests.browsing import plain
from tests.scoring.inbox.test_inbox import cloudevent


@pytest.fixture
def page(client_for, steward):
    return client_for(steward)


def test_secret_is_shown_once_and_numbers_tell_what_became_of_events(page, source, send, ada, now):
    address = f"/manage/sources/{source.pk}/inbox/"
    assert address in plain(page.get(f"/manage/sources/{source.pk}/"))
    opened = plain(page.post(address, {"service": "cloudevents", "secret": ""}))
    assert "whsec_" in opened
    assert "whsec_" not in plain(page.get(address))
    send("cloudevents", cloudevent(now))
    shown = plain(page.get(address))
    assert 'Not signed, or too old: not read</th><td class="number">1</td>' in shown
    assert f"http://acme.localhost/in/{source.pk}/" in shown
    assert "data.actor" in shown
    assert page.post(address, {"service": "slack"}).status_code == 409


def test_secret_is_changed_and_the_old_one_dropped(page, source, open_for):
    open_for("slack")
    address = f"/manage/sources/{source.pk}/inbox/secret/"
    assert page.post(address, {"secret": "short"}).status_code == 422
    assert "another long one" in plain(page.post(address, {"secret": "another long one"}))
    page.post(f"{address}drop/")
    assert Inbox.objects.get().sealed_before is None


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xff\xfe", b'"'])
def test_bad_list_of_people_is_refused_in_words(page, source, open_for, content):
    open_for("github")
    file = SimpleUploadedFile("who.csv", content)
    answer = page.post(f"/manage/sources/{source.pk}/inbox/people/", {"file": file})
    assert (answer.status_code, "field__error" in plain(answer)) == (422, True)


def test_inbox_is_closed(page, source, open_for):
    open_for("github")
    page.post(f"/manage/sources/{source.pk}/inbox/close/")
    assert "Open it" in plain(page.get(f"/manage/sources/{source.pk}/inbox/"))
