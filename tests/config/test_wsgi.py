"""The web process starts as gunicorn starts it: from its module alone, before anything else has named the settings."""

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_web_process_starts(committed):
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
