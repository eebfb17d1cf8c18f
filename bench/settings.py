"""The product's settings with one page more: a bare authenticated page to measure ours against."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
