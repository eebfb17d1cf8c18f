"""Tying a child to the life of this process, so that kill -9 of the parent leaves no wreck."""

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here, not in the child: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tether(last_word: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that has Linux send `last_word` to the child when this process dies.

    Elsewhere there is no such thing; there the next start finds what was left and stops it.
    """
    if _libc is None:
        return None
    return lambda: _libc.prctl(_PR_SET_PDEATHSIG, int(last_word))
