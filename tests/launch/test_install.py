"""`.venv` follows its lock file: made once, mended when broken, never half of one."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.launch import install

HOUSE = Path(settings.BASE_DIR)
PYPROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A checkout whose lock file asks for nothing, so that no network is needed."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "requirements").mkdir()
    (root / "requirements" / "dev.lock").write_text("# nothing\n")
    assert install.main(root) == 0
    return root


@pytest.fixture
def checkout(installed, tmp_path):
    """A moved copy: a virtual environment does not survive that."""
    return Path(shutil.copytree(installed, tmp_path / "copy", symlinks=True))


def python_of(root: Path) -> str:
    """The Python that the environment's own scripts start."""
    return (root / ".venv/bin/pip").read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")


@pytest.mark.slow
def test_unchanged_lock_is_not_installed_again(installed, capsys):
    assert install.main(installed) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_changed_lock_is_installed_again(installed, capsys):
    (installed / "requirements" / "dev.lock").write_text("# still nothing\n")
    assert install.main(installed) == 0
    assert "Installing" in capsys.readouterr().out


@pytest.mark.slow
def test_interrupted_installation_is_mended(installed):
    (installed / ".venv" / "installed").unlink()
    shutil.rmtree(next((installed / ".venv" / "lib").glob("python*/site-packages/pip")))
    assert install.main(installed) == 0
    assert subprocess.run([installed / ".venv/bin/pip", "--version"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_moved_checkout_gets_its_own(checkout):
    assert install.main(checkout) == 0
    assert python_of(checkout).startswith(str(checkout / ".venv"))


@pytest.mark.slow
def test_failed_installation_does_not_count(installed, monkeypatch, capsys):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    lock = installed / "requirements" / "dev.lock"
    lock.write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    assert install.main(installed) == 1
    assert not (installed / ".venv" / "installed").exists()
    assert "could not be installed" in capsys.readouterr().err


def locked(name: str) -> dict[str, str]:
    lines = (HOUSE / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()
    pins = (Requirement(line.rstrip(" \\")) for line in lines if "==" in line and not line.startswith((" ", "#")))
    return {canonicalize_name(pin.name): str(next(iter(pin.specifier)).version) for pin in pins}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime", PYPROJECT["project"]["dependencies"]),
        ("dev", [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]),
    ],
)
def test_lock_fulfils_pyproject(name, wanted):
    """After a change of pyproject.toml: `make lock`."""
    pins = locked(name)
    unfulfilled = [
        text
        for text in wanted
        for need in [Requirement(text)]
        if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))
    ]
    assert unfulfilled == []


def test_both_locks_agree():
    runtime, dev = locked("runtime"), locked("dev")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_lock_names_no_host(name):
    text = (HOUSE / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_installer_runs_on_a_bare_python():
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({install.__file__!r})"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
