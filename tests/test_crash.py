"""Killed at any moment: the published snapshot stays whole, and the same command heals."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline import housekeeping
from pipeline.store import Store
from tests.nights import ARTICLES, REPO, arguments, isnad, make_raw, published_files

KILLS = int(os.environ.get("ISNAD_KILLS", "6"))


def start(raw: Path, out: Path, *extra: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "pipeline",
        "run",
        *arguments(raw, out, "executor=processes", "workers=2", *extra),
    ]
    return subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def night(tmp_path: Path) -> tuple[Path, Path]:
    """A published night whose raw folder has since grown by an article a date."""
    raw, out = make_raw(tmp_path / "raw"), tmp_path / "out"
    isnad("run", *arguments(raw, out))
    for name, text in ARTICLES.items():
        (raw / name).with_name("new.txt").write_text(
            text.replace("الحداد", "النجار").replace("غزيرة", "متفرقة"), "utf-8"
        )
    return raw, out


def assert_whole(out: Path) -> None:
    store = Store(out)
    snapshot = store.current_id()
    assert snapshot is not None
    assert housekeeping.verify(store, snapshot, deep=True) == []


@pytest.mark.slow
def test_sigkill_at_random_moments(night: tuple[Path, Path], tmp_path: Path) -> None:
    raw, out = night
    isnad("run", *arguments(raw, tmp_path / "clean-out"))
    expected = published_files(tmp_path / "clean-out")
    before = published_files(out)
    dice = random.Random(20261101)
    for _ in range(KILLS):
        process = start(raw, out)
        time.sleep(dice.uniform(0.3, 9))
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        assert_whole(out)
        assert published_files(out) in (before, expected)
    isnad("run", *arguments(raw, out))
    assert published_files(out) == expected
    assert not [p for p in out.rglob("*") if ".tmp-" in p.name or ".building-" in p.name]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_stop(night: tuple[Path, Path], number: signal.Signals, code: int) -> None:
    raw, out = night
    before = published_files(out)
    process = start(raw, out)
    assert process.stderr is not None
    for line in process.stderr:
        if '"unit_started"' in line:
            break
    os.kill(process.pid, number)
    asked = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert time.monotonic() - asked < 10
    assert "goes on where it stopped" in errors
    assert "Traceback" not in errors
    assert published_files(out) == before
    assert_whole(out)
    isnad("run", *arguments(raw, out))
    assert published_files(out) != before


def test_a_second_run_is_told_who_holds_the_lock(night: tuple[Path, Path]) -> None:
    raw, out = night
    with Store(out).lock("2026-11-01T00:00:00Z"):
        done = isnad("run", *arguments(raw, out), check=False)
    assert done.returncode == 75
    assert f"pid {os.getpid()}" in done.stderr


@pytest.mark.parametrize("call", ["replace", "symlink_to", "rename", "mkdir"])
def test_a_failing_disk_at_any_commit_call(night: tuple[Path, Path], call: str) -> None:
    """Every call that commits fails once (no space left): exit 1, the place named, the old snapshot whole."""
    raw, out = night
    before = published_files(out)
    code = (
        "import errno, sys\nfrom pathlib import Path\n"
        f"real = Path.{call}\n"
        "def full(self, *a, **k):\n"
        f"    if str(self).startswith({str(out)!r}) and ({call!r} != 'mkdir' or 'building' in str(self)):\n"
        "        raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "    return real(self, *a, **k)\n"
        f"Path.{call} = full\n"
        "from pipeline.cli import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", *arguments(raw, out)],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "No space left" in done.stderr
    assert str(out) in done.stderr
    assert published_files(out) == before
    assert_whole(out)
    isnad("run", *arguments(raw, out))
    assert published_files(out) != before
