"""A sample of the real articles keeps the properties of clean; ``python bench/properties.py SHARED`` looks at all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
EVERY = "60"


def test_every_character_is_accounted_for_and_clean_is_idempotent(shared: Path) -> None:
    done = subprocess.run(
        [sys.executable, "bench/properties.py", str(shared), "--every", EVERY],
        cwd=REPO,
        env={"PYTHONPATH": str(REPO), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
