"""Growth with length, measured so that a loaded machine does not fail a test."""

from __future__ import annotations

import time
from collections.abc import Callable


def growth(function: Callable[[str], object], text: str) -> float:
    """How many times longer ``function`` takes on twice the ``text``: CPU time, best of three, about 2 where linear."""

    def seconds(value: str) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            function(value)
            best = min(best, time.process_time() - started)
        return best

    return seconds(text * 2) / max(seconds(text), 1e-3)
