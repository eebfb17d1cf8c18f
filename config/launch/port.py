"""Choosing a port that is free, and saying who has the one that is not."""

import errno
import os
import socket
import sys
from contextlib import closing, suppress

import psutil

WANTED = 8000
LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def choose_port() -> int:
    """Return PORT, or 8000, or the next free one: after asking, where there is somebody to ask.

    :raises NoPort: PORT is no port, or the next one was declined
    """
    wanted = _wanted()
    if is_free(wanted):
        return wanted
    offered = next((port for port in range(wanted + 1, min(wanted + 1000, 65536)) if is_free(port)), None)
    if offered is None:
        raise NoPort(f"Port {wanted} is taken, and so are those after it. Choose one with PORT=….")
    print(f"Port {wanted} is taken{_by_whom(wanted)}.", flush=True)
    if sys.stdin.isatty() and not _agrees(offered):
        raise NoPort(f"Free port {wanted} or choose another: make demo PORT={offered}")
    print(f"Using port {offered}. Choose another with PORT=….", flush=True)
    return offered


def is_free(port: int) -> bool:
    """Whether nobody listens there, on any loopback address of this machine."""
    return not any(_is_taken(family, host, port) for family, host in _available())


def loopbacks() -> list[str]:
    """The loopback addresses that this machine has, in the form that gunicorn binds."""
    return [f"[{host}]" if family == socket.AF_INET6 else host for family, host in _available()]


def _available() -> list[tuple[int, str]]:
    return [(family, host) for family, host in LOOPBACKS if _binding_error(family, host, 0) is None]


def _wanted() -> int:
    text = os.environ.get("PORT") or str(WANTED)
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise NoPort(f"PORT is “{text}”, but a port is a number from 1 to 65535.")
    return int(text)


def _is_taken(family: int, host: str, port: int) -> bool:
    # Both questions: on macOS one may bind beside a server that listens on all addresses, and would shadow it.
    with closing(socket.socket(family)) as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            return True
    return _binding_error(family, host, port) in {errno.EADDRINUSE, errno.EACCES}


def _binding_error(family: int, host: str, port: int) -> int | None:
    try:
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno
    return None


def _by_whom(port: int) -> str:
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def _agrees(port: int) -> bool:
    return input(f"Use port {port} instead? [Y/n] ").strip().lower() in {"", "y", "yes"}


class NoPort(RuntimeError):
    """There is no port to serve on."""
