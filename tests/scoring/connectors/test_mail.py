"""Mailboxes: what counts, that nothing below the headers is looked at, and what is said of odd ones."""

import gzip
import io
import tarfile
import tracemalloc

import pytest

from scoring.connectors import mail
from scoring.connectors.refusals import FileRefused
from tests.scoring.connectors.conftest import Seen

MONDAY = "2026-11-09"
POSTMARK = "From MAILER-DAEMON Tue Nov 10 09:00:00 2026\n"


def _mail(sender="Ada <ada@acme.example>", to="Ben <ben@acme.example>", *, text="Text.", **headers):
    named = {"From": sender, "To": to, "Date": "Tue, 10 Nov 2026 09:00:00 +0000", "Subject": "Secret", **headers}
    return "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in named.items()) + f"\n{text}\n\n"


def _mbox(*mails):
    return "".join(POSTMARK + each for each in mails).encode()


@pytest.fixture
def box(tmp_path):
    def box(content):
        path = tmp_path / "mailbox"
        path.write_bytes(content)
        return path

    return box


@pytest.fixture
def read(box):
    return lambda *mails: Seen(mail, box(_mbox(*mails)))


def _tar(files, mode="w"):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


def test_addressees_count_for_both(read):
    seen = read(_mail(Cc="cat@acme.example,\n\tdan@acme.example"))
    assert seen.sightings == {(1, "MENTIONED", MONDAY): 3, (2, "MENTIONED_BY", MONDAY): 1}
    assert seen.numbers == {"kept": 1, "not granted": 0, "private": 0, "malformed": 0, "left out": 0}


def test_answer_counts_for_both_wherever_it_stands(read):
    answer = _mail("ben@acme.example", "ada@acme.example", In_Reply_To="<1@x>")
    seen = read(answer, _mail(to="", Message_ID="<1@x>"))
    assert seen.sightings == {(2, "ANSWERED", MONDAY): 1, (1, "ANSWERED_BY", MONDAY): 1}


def test_round_mail_tells_nothing_about_its_writer(read):
    everybody = ", ".join(f"p{number}@acme.example" for number in range(21))
    assert read(_mail(to=everybody)).numbers["left out"] == 1


def test_text_is_no_header_however_it_looks(read):
    seen = read(_mail(text="From: ben@acme.example\nTo: eve@acme.example\n\n>From ada Tue 10:00:00\nTo: x@y"))
    assert seen.sightings == {(1, "MENTIONED", MONDAY): 1, (2, "MENTIONED_BY", MONDAY): 1}


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"Sensitivity": "Private"}, "private"),
        ({"Auto_Submitted": "auto-replied"}, "left out"),
        ({"To": "ada@acme.example"}, "left out"),
        ({"To": "undisclosed-recipients:;"}, "left out"),
        ({"From": "eve@x.example", "To": "dan@x.example"}, "not granted"),
        ({"From": "nobody"}, "malformed"),
        ({"Date": "soon"}, "malformed"),
        ({"Date": "Tue, 10 Nov 2099 09:00:00 +0000"}, "malformed"),
    ],
)
def test_mail_that_does_not_count_is_a_number(read, headers, number):
    seen = read(_mail(**headers))
    assert (seen.sightings, seen.numbers[number], seen.receipt.read) == ({}, 1, 1)


def test_malformed_mail_is_named_by_the_line_it_begins_at(read):
    assert read(_mail(), _mail(Date="soon")).receipt.faults == [
        ("line 9", "The header Date is missing, or is no date.")
    ]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar_of_a_maildir_counts_like_an_mbox(box, mode):
    files = {"Maildir/cur/1.a:2,S": _mail(), "Maildir/.Sent/new/2.b": _mail(), "Maildir/dovecot.index": "\0"}
    seen = Seen(mail, box(_tar(files, mode)))
    assert (seen.sightings[1, "MENTIONED", MONDAY], seen.numbers["kept"]) == (1, 2)


def test_zip_of_maildir_and_mbox_counts_like_an_mbox(make_zip):
    seen = Seen(mail, make_zip({"M/cur/1.a:2,S": _mail(), "Takeout/Inbox.mbox": _mbox(_mail()), "M/notes.html": "x"}))
    assert (seen.sightings[1, "MENTIONED", MONDAY], seen.numbers["kept"]) == (1, 2)


def test_packed_mbox_is_read(box):
    assert Seen(mail, box(gzip.compress(_mbox(_mail())))).numbers["kept"] == 1


def test_links_in_a_tar_are_not_followed(box):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        link = tarfile.TarInfo("Maildir/cur/1.a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(FileRefused, match="neither an mbox nor"):
        mail.inspect(box(content.getvalue()))


def test_tar_that_asks_for_much_memory_is_refused(box):
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    with pytest.raises(FileRefused, match="damaged"):
        mail.inspect(box(header.tobuf() + b"\0" * 1024))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"hello\n", "neither an mbox nor"),
        ((POSTMARK + "Subject: x\n\nx\n").encode(), "names no sender"),
        (_tar({"notes.txt": "x"}), "neither an mbox nor"),
        (gzip.compress(_tar({"cur/1": _mail()}))[:-30], "damaged"),
        (b"PK\x03\x04 and so on", "not a zip file"),
    ],
)
def test_file_that_is_no_mailbox_is_refused(box, content, sentence):
    with pytest.raises(FileRefused, match=sentence):
        list(mail.mails(box(content), mail.WANTED))
        mail.inspect(box(content))


def test_memory_stays_flat_however_large_a_text_is(box):
    """A text of 32 MB in one line, and a header of as much."""
    path = box(_mbox(_mail(text="x" * (32 << 20)), _mail(X="y" * (32 << 20))))
    tracemalloc.start()
    numbers = Seen(mail, path).numbers
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (numbers["kept"], most < 4 << 20) == (2, True)
