"""Asking a witness over the network: an address that somebody typed in must not lead into our own house.

The name is resolved once, each address it has is looked at, and the connection goes to that very address; redirects are
not followed. Demo and debug mode may ask this machine, and without TLS.
"""

import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from consent.audit.errors import LedgerError

TIMEOUT = 10.0  # seconds for all of it, however slowly the other side speaks
MOST_BYTES = 64 * 1024
# Addresses that stand for others, to which a gateway would lead: NAT64, 6to4, Teredo.
TRANSLATED = [ip_network(name) for name in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the kind of body, and the body, of which no more than 64 kB are read."""

    status: int
    kind: str
    body: str


def is_asked_freely() -> bool:
    """Whether this machine and plain HTTP may be asked."""
    return bool(settings.DEMO or settings.DEBUG)


def fit_address(address: str) -> str:
    """Return a witness's address as it is kept, without a slash at its end.

    :raises UnfitAddress: it could not be asked, or should not be
    """
    parts = _parts(address)
    if parts.query or parts.fragment or parts.username or parts.password:
        raise UnfitAddress("The address is a place alone: no user, no question mark, no #.")
    return address.rstrip("/")


def post(address: str, body: str) -> Answer:
    """Send a text and return what is answered, whatever its status.

    :raises UnfitAddress: the address leads to this house or its neighbours
    :raises OSError: nobody answered in time
    """
    parts = _parts(address)
    speak = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = speak(parts.hostname or "", _port(parts))
    connection.sock = link = _connect(parts)
    too_late = Timer(TIMEOUT, _hang_up, [link])
    too_late.start()
    try:
        connection.request("POST", parts.path, body.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        response = connection.getresponse()
        return Answer(response.status, response.headers.get_content_type(), response.read(MOST_BYTES).decode())
    except (HTTPException, UnicodeDecodeError) as error:
        raise OSError(f"this is no answer of a witness ({type(error).__name__})") from error
    finally:
        too_late.cancel()
        connection.close()


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _port(parts)
    except ValueError:
        raise UnfitAddress(f"“{address}” is no address.") from None
    if parts.scheme not in ({"https", "http"} if is_asked_freely() else {"https"}) or not parts.hostname:
        raise UnfitAddress("The address of a witness begins with https://")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _connect(parts: SplitResult) -> socket.socket:
    try:
        places = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except UnicodeError:
        raise UnfitAddress(f"“{parts.hostname}” cannot be the name of a machine.") from None
    for *_, place in places:
        _refuse_ours(str(place[0]))
    link = socket.create_connection((str(places[0][4][0]), _port(parts)), timeout=TIMEOUT)
    if parts.scheme == "https":
        return ssl.create_default_context().wrap_socket(link, server_hostname=parts.hostname)
    return link


def _refuse_ours(place: str) -> None:
    if not (is_asked_freely() or is_elsewhere(ip_address(place.partition("%")[0]))):
        raise UnfitAddress("The address leads into this network. A witness stands outside of it.")


def is_elsewhere(place: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address of the public network, and no other in disguise."""
    if isinstance(place, IPv6Address) and place.ipv4_mapped:
        return is_elsewhere(place.ipv4_mapped)
    return place.is_global and not place.is_multicast and not any(place in network for network in TRANSLATED)


def _hang_up(link: socket.socket) -> None:
    """Whoever waits on this link learns that it is over."""
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        link.close()


class UnfitAddress(LedgerError):
    """An address that is not asked. The text says why."""
