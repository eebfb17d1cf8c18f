"""The certificate of an erasure: an entry of the ledger, its proof, and what opens its commitment to an address.

It verifies on any machine with verify.py, when the account is gone and the company's server is off.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from consent.audit.domain.keys import public_keys
from consent.audit.domain.proofs import Proof, proof_of
from consent.audit.domain.sealing import as_recorded
from consent.audit.models import Entry
from consent.domain.data_map import data_map
from consent.domain.erasing import salt_of
from consent.models import Erasure

FORMAT = "assent-certificate-of-erasure/v1"
STYLE = Path(settings.BASE_DIR) / "static" / "css" / "certificate.css"


@dataclass(frozen=True)
class Line:
    """What one table held, in words."""

    holds: str
    before: int
    after: int
    kept_because: str


@dataclass(frozen=True)
class Certificate:
    """What was certified, and its place in the sealed ledger; no proof while it waits to be sealed."""

    erasure: Erasure
    entry: Entry
    proof: Proof | None
    salt: bytes

    @property
    def said(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.entry.payload
        return payload

    def lines(self) -> list[Line]:
        """Every table that held anything, what erasure deletes first."""
        before, after = self.said["rows_before"], self.said["rows_after"]
        kinds = [kind for kind in data_map() if before.get(kind.table) or after.get(kind.table)]
        return [
            Line(kind.holds, before.get(kind.table, 0), after.get(kind.table, 0), kind.kept_because)
            for kind in sorted(kinds, key=lambda kind: bool(kind.kept_because))
        ]

    def as_json(self) -> str:
        """The whole certificate as one file, which verify.py reads."""
        told = {
            "format": FORMAT,
            "entry": as_recorded(self.entry),
            "address_salt": self.salt.hex(),
            "proof": self.proof.text if self.proof else None,
            "keys": [str(key) for key in public_keys()],
        }
        return json.dumps(told, indent=1, ensure_ascii=False)

    def as_html(self) -> str:
        keys = [str(key) for key in public_keys()]
        return render_to_string("left/certificate.html", {"certificate": self, "erasure": self.erasure, "keys": keys})

    def as_pdf(self) -> bytes:
        """:raises OSError: Pango is not installed; the page is the same certificate"""
        return as_pdf(self.as_html())


def as_pdf(html: str) -> bytes:
    """A sheet of ours on paper, drawn without asking anybody for anything.

    :raises OSError: Pango is not installed
    """
    from weasyprint import CSS, HTML  # noqa: PLC0415 - loads Pango, which not every machine has

    pdf: bytes = HTML(string=html, url_fetcher=_refuse).write_pdf(stylesheets=[CSS(filename=str(STYLE))])
    return pdf


def certificate_of(erasure: Erasure, token: str) -> Certificate | None:
    """The certificate, for whoever holds the link; None while the erasure is under way."""
    if erasure.entry is None:
        return None
    entry = Entry.objects.get(pk=erasure.entry)
    return Certificate(erasure, entry, proof_of(entry), salt_of(token))


def _refuse(url: str) -> None:
    raise ValueError(url)
