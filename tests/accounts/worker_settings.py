"""The product's settings, with one more kind of job for a real worker to be killed in."""

from config.settings import *  # noqa: F403
from config.settings import JOBS

JOBS["linger"] = "tests.accounts.lingering.linger"
