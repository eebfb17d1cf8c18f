"""A port that is taken is named with who has it, and the next free one is used."""

import os
import socket
from contextlib import closing

import pytest

from config.launch.port import NoPort, choose_port, is_free


@pytest.fixture
def taken():
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_free_port_is_used_as_asked(monkeypatch, taken):
    free = next(port for port in range(taken + 1, taken + 1000) if is_free(port))
    monkeypatch.setenv("PORT", str(free))
    assert choose_port() == free


def test_taken_port_gives_way_to_the_next(monkeypatch, taken, capsys):
    monkeypatch.setenv("PORT", str(taken))
    chosen = choose_port()
    assert taken < chosen
    assert is_free(chosen)
    said = capsys.readouterr().out
    assert f"Port {taken} is taken by " in said
    assert f"(process {os.getpid()})" in said
    assert f"Using port {chosen}." in said


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8000.5"])
def test_what_is_no_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(NoPort, match="a port is a number from 1 to 65535"):
        choose_port()


def test_port_taken_on_ipv6_alone_is_not_free():
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with closing(listener):
        assert not is_free(listener.getsockname()[1])
