"""Fixtures shared by all tests."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from pipeline import rawfiles

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of gold and corpora beside the repository; tests that need it skip where it is absent."""
    path = Path(os.environ.get("ISNAD_SHARED", REPO.parent / "shared"))
    if not (path / "gold").is_dir():
        pytest.skip(f"no shared data at {path}: set ISNAD_SHARED to the folder that holds gold/ and data/")
    return path


@cache
def bench_script(name: str) -> ModuleType:
    """``bench/NAME.py`` as a module; bench is a folder of scripts that import one another by name, no package."""
    folder = REPO / "bench"
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    if name not in sys.stdlib_module_names:
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(f"bench_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Reads:
    """Reads of raw files, as a disk or a share may make them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._set = monkeypatch.setattr
        self._read = os.pread

    def fail(self, number: int, times: int) -> None:
        """Let the next ``times`` reads fail with the error ``number``, and have the reader not wait between them."""
        left = [times]

        def read(fd: int, size: int, at: int) -> bytes:
            if left[0]:
                left[0] -= 1
                raise OSError(number, os.strerror(number))
            return self._read(fd, size, at)

        self._set(rawfiles, "PAUSE", 0)
        self._set(rawfiles.os, "pread", read)

    def then(self, action: Callable[[int], object]) -> None:
        """Call ``action`` with the place in the file after each read."""

        def read(fd: int, size: int, at: int) -> bytes:
            data = self._read(fd, size, at)
            action(at)
            return data

        self._set(rawfiles.os, "pread", read)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """A hand on the reads of raw files; without a call they stay as they are."""
    return Reads(monkeypatch)
