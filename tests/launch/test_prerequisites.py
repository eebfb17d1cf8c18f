"""What is missing is said all at once, each with its fix, on whatever Python happens to be there."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from config.launch import prerequisites

FILE = Path(prerequisites.__file__)


def run(**environment):
    return subprocess.run(
        [sys.executable, FILE], capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_machine_that_has_everything_is_not_talked_to():
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_all_that_is_missing_is_listed_with_its_fix():
    # /proc has no free space; an empty search path has no make.
    script = (
        f"import sys; sys.version_info = (3, 9, 2); sys.path[:0] = [{str(FILE.parent)!r}]; import prerequisites as p;"
    )
    script += "from pathlib import Path; print(*(f'{m.what} -> {m.fix}' for m in p.missing(Path('/proc'))), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PATH": "/nonexistent"}
    )
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if "write" not in line] == ["Python", "make", "1.6"]
    assert all(" -> " in line for line in lines)


def test_missing_things_end_the_command():
    done = run(PATH="/nonexistent")
    assert done.returncode == 1
    assert "1. make" in done.stderr


def test_old_pythons_can_read_the_file():
    ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_only_the_standard_library_is_imported():
    imported = {
        name.split(".")[0] for node in ast.walk(ast.parse(FILE.read_text(encoding="utf-8"))) for name in _names(node)
    }
    assert imported <= sys.stdlib_module_names


def _names(node) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) else []
