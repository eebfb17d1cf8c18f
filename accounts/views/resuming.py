"""Sending a file so that a download that broke off goes on where it stopped (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
CHUNK = 1 << 20


def resumable_file(request: HttpRequest, path: Path, *, name: str, media_type: str, digest: str) -> HttpResponse:
    """The whole file, or the one range of it that was asked for.

    :param digest: of the content; a range is sent only of the very file that the reader has the beginning of
    """
    etag, size = f'"{digest}"', path.stat().st_size
    try:
        span = _span_asked_for(request, size, etag)
    except NotInFile:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    part = range(size) if span is None else span
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
        "Content-Length": str(len(part)),
        "ETag": etag,
    }
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    status = 200 if span is None else 206
    return StreamingHttpResponse(_chunks(path, part), content_type=media_type, status=status, headers=headers)


def _span_asked_for(request: HttpRequest, size: int, etag: str) -> range | None:
    """None: all of it. More ranges than one, or what makes no sense, may be answered with the whole."""
    found = ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or found is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first:
        return _last_bytes(int(last), size) if last else None
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotInFile
    return range(int(first), min(int(last) + 1, size) if last else size)


def _last_bytes(number: int, size: int) -> range:
    if not number or not size:
        raise NotInFile
    return range(max(size - number, 0), size)


def _chunks(path: Path, part: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


class NotInFile(Exception):
    """The range begins behind the file's end."""
