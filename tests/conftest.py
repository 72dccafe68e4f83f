"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of gold and corpora beside the repository; tests that need it skip where it is absent."""
    path = Path(os.environ.get("ISNAD_SHARED", REPO.parent / "shared"))
    if not (path / "gold").is_dir():
        pytest.skip(f"no shared data at {path}: set ISNAD_SHARED to the folder that holds gold/ and data/")
    return path
