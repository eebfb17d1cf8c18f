"""Where people may be named outside of tables: mails as files, exports, uploads, logs, sessions, the queue.

What lies in tables is searched by PostgreSQL itself (consent/sql/residue.sql).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from django.conf import settings
from django.core.signing import BadSignature
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.domain.sessions import sessions_of
from accounts.tenants.context import current_schema, in_public
from accounts.tenants.models import Company
from consent.models import Erasure

MOST_AT_ONCE = 16 << 20
OVERLAP = 1 << 10  # no needle is longer, so none is missed between two parts of a file


def delete_files_naming(erasure: Erasure) -> int:
    """Delete mails and exports that name the person of an erasure; return how many."""
    named = [path for path in (*_mails(), *_exports()) if _names(path, _pattern([erasure]))]
    for path in named:
        path.unlink(missing_ok=True)
    return len(named)


def residue_elsewhere(erasures: Sequence[Erasure]) -> dict[str, dict[str, int]]:
    """Search everything outside the company's tables: {erasure: {place: how many}}."""
    places: dict[str, Iterable[Path | bytes]] = {
        "mails": _mails(),
        "exports": _exports(),
        "logs": _logs(),
        "queue": _tasks(),
        "uploads": (),
    }
    anybody = _pattern(erasures)
    found: dict[str, dict[str, int]] = {}
    for place, things in places.items():
        for thing in things:
            for erasure in erasures if _names(thing, anybody) else ():
                if _names(thing, _pattern([erasure])):
                    told = found.setdefault(str(erasure.pk), {})
                    told[place] = told.get(place, 0) + 1
    for erasure in erasures:
        if here := _unseen(erasure):
            found.setdefault(str(erasure.pk), {}).update(here)
    return found


def _unseen(erasure: Erasure) -> dict[str, int]:
    """Sessions, which name people in a form of their own; and raw files from before, which name whoever they please.

    Uploads are never searched, as they may be of any size and form: they are gone within a day, and are waited for.
    """
    before = erasure.requested_at.timestamp()
    numbers = {
        "sessions": len(sessions_of(erasure.person)),
        "uploads": sum(path.stat().st_mtime < before for path in _files(Path(settings.UPLOADS_DIR) / current_schema())),
    }
    return {place: number for place, number in numbers.items() if number}


def _pattern(erasures: Sequence[Erasure]) -> re.Pattern[bytes]:
    words = [
        word for e in erasures for word in (e.email, *e.addresses, e.name if " " in e.name.strip() else "") if word
    ]
    escaped = "|".join(re.escape(word.strip()) for word in words) or "(?!)"
    return re.compile(rf"(?<![\w.+-])(?:{escaped})(?![\w-])".encode(), re.IGNORECASE)


def _names(thing: Path | bytes, pattern: re.Pattern[bytes]) -> bool:
    parts = _parts(thing) if isinstance(thing, Path) else [thing]
    return any(pattern.search(part) for part in parts)


def _parts(path: Path) -> Iterator[bytes]:
    """A file's bytes; those of a zip's members, and of a mail's decoded texts, as well."""
    try:
        if path.parent == _mail_folder():
            yield from _mail_texts(path.read_bytes())
        elif is_zipfile(path):
            with ZipFile(path) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    with archive.open(name) as member:
                        yield from _chunks(member)
        else:
            with path.open("rb") as file:
                yield from _chunks(file)
    except FileNotFoundError:
        return  # deleted meanwhile


def _chunks(file) -> Iterator[bytes]:  # type: ignore[no-untyped-def] # a file of either kind
    before = b""
    while part := file.read(MOST_AT_ONCE):
        yield before + part
        before = part[-OVERLAP:]


def _mail_texts(content: bytes) -> Iterator[bytes]:
    yield content
    for part in message_from_bytes(content, policy=policy.default).walk():
        if part.get_content_maintype() == "text":
            yield str(part.get_payload(decode=True)).encode()


def _mails() -> Iterator[Path]:
    """Mails that a demo keeps as files, of this company: they name its address, and other companies' have another."""
    folder = _mail_folder()
    if folder is None:
        return
    schema = current_schema()
    with in_public():
        host = Company.objects.values_list("host__domain", flat=True).get(schema_name=schema)
    here = re.compile(rb"(?<![\w.-])" + re.escape(host.encode()) + rb"(?![\w.-])")
    yield from (path for path in _files(folder) if _names(path, here))


def _mail_folder() -> Path | None:
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    return Path(folder) if folder else None


def _exports() -> Iterable[Path]:
    return _files(Path(settings.EXPORTS_DIR) / current_schema())


def _logs() -> Iterable[Path]:
    return [path for folder in settings.LOG_FOLDERS for path in _files(Path(folder))]


def _tasks() -> Iterator[bytes]:
    """The queue's payloads, as they are once unpacked."""
    with in_public():
        payloads = list(OrmQ.objects.values_list("payload", flat=True))
    for payload in payloads:
        try:
            yield repr(SignedPackage.loads(payload)).encode()
        except BadSignature:
            yield payload.encode()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
