"""The ledger for machines outside: witnesses with their token, and its checkpoint and hashes (c2sp.org/tlog-tiles).

No session and no cookie: nothing here can be done in somebody's name. Answers are short texts.
"""

from typing import ClassVar

from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.states import Permission
from accounts.views.base import permissions_for
from consent.audit.domain.proofs import with_cosignatures
from consent.audit.domain.tiles import tile_at
from consent.audit.domain.witnesses import witness_with
from consent.audit.domain.witnessing import (
    LedgerDiffers,
    NothingSealed,
    keep_cosignature,
    newest_checkpoint,
    present,
)
from consent.audit.errors import LedgerError
from consent.audit.models import Witness

MOST_BYTES = 64 * 1024
A_MINUTE = 60
OFTEN = {"unknown": 20, "witness": 60, "tiles": 1200}  # requests a minute: by address, by witness, by witness


class Refusal(Exception):
    """The answer to a request that cannot be served."""

    def __init__(self, status: int, text: str):
        self.response = said(text, status)
        if status == 401:
            self.response["WWW-Authenticate"] = "Bearer"
        super().__init__(text)


def said(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(View):
    """Base of what a witness's tool asks for, with its token."""

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refusal as refusal:
            return refusal.response
        except LedgerDiffers as error:
            return said(f"{error}\n", 409)
        except NothingSealed as error:
            return said(f"{error}\n", 404)
        except LedgerError as error:
            return said(f"{error}\n", 400)


class Compare(TokenView):
    """A tool shows what it remembers and is handed what it may sign: the body of an add-checkpoint request."""

    def post(self, request):
        return said(present(_witness(request, "witness"), _text(request), at=timezone.now()))


class Cosign(TokenView):
    """A tool brings its signature under the checkpoint of this size."""

    def post(self, request, size):
        keep_cosignature(_witness(request, "witness"), _text(request), size=size, at=timezone.now())
        return said("kept\n")


class FeedView(TokenView):
    """Base of what token holders and signed-in readers of the ledger may fetch."""

    reader: ClassVar[Permission] = Permission.READ_LEDGER

    def dispatch(self, request, *args, **kwargs):
        self.is_reader = request.user.is_authenticated and self.reader in permissions_for(request)
        return super().dispatch(request, *args, **kwargs)

    def admit(self, request) -> None:
        if not self.is_reader:
            _witness(request, "tiles")


class NewestCheckpoint(FeedView):
    def get(self, request):
        self.admit(request)
        checkpoint = newest_checkpoint()
        if checkpoint is None:
            raise Refusal(404, "Nothing is sealed yet.\n")
        response = said(with_cosignatures(checkpoint))
        response["Cache-Control"] = "no-cache"
        return response


class Tile(FeedView):
    """Hashes alone: what they are hashes of goes nowhere."""

    def get(self, request, path):
        self.admit(request)
        checkpoint = newest_checkpoint()
        hashes = tile_at(f"tile/{path}", checkpoint.size) if checkpoint else None
        if not hashes:
            raise Refusal(404, "There is no such tile.\n")
        response = HttpResponse(b"".join(hashes), content_type="application/octet-stream")
        response["Cache-Control"] = "private, max-age=31536000, immutable"
        return response


def _witness(request, kind: str) -> Witness:
    """Whose token this is.

    :raises Refusal: nobody's, or it asks too often
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    witness = witness_with(token.strip()) if scheme.lower() == "bearer" else None
    if witness is None:
        _refuse_too_often("unknown", request.META["REMOTE_ADDR"])
        raise Refusal(401, "This token is not known here. An officer gives it out, on the page of witnesses.\n")
    _refuse_too_often(kind, str(witness.pk))
    return witness


def _refuse_too_often(kind: str, who: str) -> None:
    key = f"ledger-feed:{kind}:{who}:{timezone.now():%H%M}"
    cache.add(key, 0, A_MINUTE)
    if cache.incr(key) > OFTEN[kind]:
        raise Refusal(429, "Too often. Ask again in a minute.\n")


def _text(request) -> str:
    """The request's body as text, of which no more is read than a witness could mean."""
    body = request.read(MOST_BYTES + 1)
    try:
        if len(body) <= MOST_BYTES:
            return body.decode()
    except UnicodeDecodeError:
        pass
    raise Refusal(400, "This is no text of 64 kB at most.\n")
