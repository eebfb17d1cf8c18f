"""Under TLS the cookies are tied to exactly one host."""

import json
import os
import subprocess
import sys

ASK = """
import django, json; django.setup()
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_DOMAIN,
                  s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT]))
"""


def test_cookies_under_tls_have_the_host_prefix():
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        check=True, capture_output=True, text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "TLS": "1"},
    )  # fmt: skip
    assert json.loads(done.stdout) == ["__Host-session", "__Host-csrf", True, None, 31_536_000, True]


def test_missing_settings_are_all_named_at_once():
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        check=False, capture_output=True, text=True,
        env={key: value for key, value in os.environ.items() if key not in {"SECRET_KEY", "DATABASE_URL"}},
    )  # fmt: skip
    assert "SECRET_KEY" in done.stderr
    assert "DATABASE_URL" in done.stderr
