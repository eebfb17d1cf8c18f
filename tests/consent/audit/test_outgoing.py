"""An address that somebody typed in leads to nobody in this house."""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest

from consent.audit.domain import outgoing
from consent.audit.domain.outgoing import UnfitAddress, fit_address, is_elsewhere, post


@pytest.fixture
def in_production(settings):
    settings.DEMO = settings.DEBUG = False


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",  # noqa: S104
        "224.0.0.1", "239.1.1.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_place_in_this_house_or_in_disguise_is_not_elsewhere(place):
    assert not is_elsewhere(ip_address(place))


@pytest.mark.parametrize("place", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_place_on_the_public_network_is_elsewhere(place):
    assert is_elsewhere(ip_address(place))


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost", "https://127.0.0.1", "https://127.1", "https://2130706433", "https://0x7f000001", "https://0",
        "https://[::1]", "https://[::ffff:127.0.0.1]:8443", "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:5432", "https://LOCALHOST.", "https://[fe80::1%25lo]",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_this_house(in_production, address):
    with pytest.raises((UnfitAddress, socket.gaierror)):
        post(address, "old 0\n")


def test_name_that_no_machine_can_have_is_refused():
    with pytest.raises(UnfitAddress, match="cannot be the name"):
        post("https://a..b", "old 0\n")


def test_name_that_leads_to_several_places_is_refused_for_one_of_ours(in_production, monkeypatch):
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 443)) for place in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(UnfitAddress, match="leads into this network"):
        post("https://rebinding.example", "old 0\n")


def test_connection_goes_to_the_place_that_was_looked_at(in_production, monkeypatch):
    """A name that changes its mind between looking and connecting gains nothing: it is asked once."""
    answers = iter(["1.1.1.1", "127.0.0.1"])
    reached = []

    def resolve(_host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(place, **_):
        reached.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        post("https://rebinding.example", "old 0\n")
    assert reached == [("1.1.1.1", 443)]


@pytest.mark.parametrize(
    "address",
    [
        "http://witness.example",
        "ftp://witness.example",
        "file:///etc/passwd",
        "witness.example",
        "https://",
        "https://a:b",
    ],
)
def test_only_https_is_an_address(in_production, address):
    with pytest.raises(UnfitAddress):
        fit_address(address)


@pytest.mark.parametrize("address", ["https://u:p@w.example", "https://w.example/?x=1", "https://w.example/#x"])
def test_address_is_a_place_alone(in_production, address):
    with pytest.raises(UnfitAddress, match="a place alone"):
        fit_address(address)


def test_address_is_kept_without_its_last_slash(in_production):
    assert fit_address("https://w.example/audit/") == "https://w.example/audit"


@contextmanager
def answering(answer):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_redirect_is_not_followed():
    asked = []

    def redirect(handler):
        asked.append(handler.path)
        handler.send_response(307)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    with answering(redirect) as address:
        assert post(f"{address}/add-checkpoint", "old 0\n").status == 307
    assert asked == ["/add-checkpoint"]


def test_answer_is_read_up_to_a_bound():
    def drown(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * 70_000)

    with answering(drown) as address:
        assert len(post(address, "old 0\n").body) == 64 * 1024


def test_who_answers_drop_by_drop_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.4)

    def drip(handler):
        handler.send_response(200)
        for _ in range(30):
            handler.wfile.write(b"X-Drop: 1\r\n")
            time.sleep(0.1)

    began = time.monotonic()
    with answering(drip) as address, pytest.raises(OSError):  # noqa: PT011 - whatever the socket says
        post(address, "old 0\n")
    assert time.monotonic() - began < 5
