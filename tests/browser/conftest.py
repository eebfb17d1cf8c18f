"""The demo itself, in processes of its own, looked at with Debian's Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest

from config.launch.roles import prepare
from tests.postgres import SERVER_URL, SUFFIX

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Load the demo into a database of its own and serve it as in production: gunicorn and the worker."""
    folder = tmp_path_factory.mktemp("site")
    port = _free_port()
    urls = prepare(SERVER_URL, database="assent_browser" + SUFFIX, fresh=True)
    environment = {
        **os.environ,
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "PUBLIC_URL": f"http://localhost:{port}",
        "ASSENT_DATA_DIR": str(folder),
        "DEMO": "1",
    }
    _manage("migrate_companies", env=environment | {"ASSENT_AS": "owner"})
    _manage("load_demo", env=environment)
    processes = [
        _start("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4", env=environment),
        _start("manage.py", "work", env=environment),
        _start("manage.py", "seal", env=environment),
    ]
    try:
        _wait_for(f"http://localhost:{port}/readyz")
        yield Site(port, folder)
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Site:
    """Where the demo is served, and where its mail is written."""

    def __init__(self, port, folder):
        self.port = port
        self.folder = folder

    def address(self, path: str, schema: str = "acme") -> str:
        host = "localhost" if schema == "platform" else f"{schema}.localhost"
        return f"http://{host}:{self.port}{path}"

    def mails(self) -> list[str]:
        return [mail.read_text() for mail in sorted((self.folder / "mail").glob("*"))]


@pytest.fixture(scope="module")  # its loop would keep Django from the database in whatever runs after
def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Debian's chromium is not installed; `.ci/run` installs it.")
        pytest.skip("Browser tests need Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site):
    """Open a page as one of the cast: `open_page("steward", width=320, scheme="dark")`. Fails on what it complains of."""
    opened, complaints = [], []

    def make(slug=None, *, schema="acme", width=1280, scheme="light", script=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="en-GB",
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _refuse_foreign(request.url, site.port, complaints))
        if slug:
            page.goto(site.address(f"/demo/enter/{slug}/", schema))
        return page

    yield make
    for context in opened:
        context.close()
    # A page that answers 4xx on purpose is logged by Chromium as an error of the resource; that is no complaint.
    assert [c for c in complaints if "the server responded with a status of 4" not in c] == []


def _refuse_foreign(url, port, complaints):
    if not (f"localhost:{port}/" in url or url.startswith(("data:", "about:"))):
        complaints.append(f"a request left the house: {url}")


def _manage(*arguments, env):
    subprocess.run([sys.executable, "manage.py", *arguments], check=True, env=env, stdout=subprocess.DEVNULL)


def _start(*arguments, env):
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, seconds: int = 30) -> None:
    for _ in range(seconds * 10):
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{url} did not answer within {seconds} s")
