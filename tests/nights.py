"""Small nights of our own for tests that run the whole pipeline."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import config, load, runner
from pipeline.progress import SilentReporter
from pipeline.runner import RunResult, Selection
from pipeline.store import Store

REPO = Path(__file__).resolve().parents[1]

ARTICLES = {
    "2026-11-01/sahil/port.txt": (
        "افتتاح رصيف جديد في ميناء المرسى\n\n"
        "أعلن وزير النقل سامر الحداد اليوم الأحد أن الميناء سيستقبل عشر سفن كل أسبوع ابتداءً من الشهر المقبل.\n"
        'وقال الحداد في مؤتمر صحفي "أنجزنا المشروع قبل موعده بثلاثة أشهر".\n'
        "وأضاف أن الكلفة بلغت أربعين مليون دينار.\n"
    ),
    "2026-11-01/rafidain/port.txt": (
        "ميناء المرسى يفتتح رصيفاً جديداً\n\n"
        "أعلن وزير النقل سامر الحداد أمس الأحد أن الميناء سيستقبل عشر سفن كل أسبوع ابتداءً من الشهر المقبل.\n"
        'وقال الحداد في مؤتمر صحفي "أنجزنا المشروع قبل موعده بأربعة أشهر".\n'
        "وأضاف أن الكلفة بلغت أربعين مليون دينار.\n"
    ),
    "2026-11-02/sahil/rain.txt": (
        "أمطار غزيرة على المرتفعات\n\n"
        "ذكرت هيئة الأرصاد أن أمطاراً غزيرة ستهطل على المرتفعات الشمالية حتى نهاية الأسبوع.\n"
        "ودعت الهيئة السكان إلى تجنب مجاري السيول.\n"
    ),
}


def make_raw(root: Path) -> Path:
    """Write the small night: three articles of two outlets over two dates."""
    for name, text in ARTICLES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def copy_package(root: Path) -> Path:
    """Copy the package and its configuration, so that a test may edit the code; returns the folder to run in."""
    shutil.copytree(REPO / "pipeline", root / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPO / "configs", root / "configs")
    return root


def arguments(raw: Path, out: Path, *extra: str) -> list[str]:
    """Overrides for a small serial run."""
    settings = (f"paths.raw={raw}", f"paths.processed={out}", "executor=serial", "batch_documents=1", *extra)
    return [part for setting in settings for part in ("--set", setting)]


class Recorder(SilentReporter):
    """Keeps the events of a run."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def note(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))


@dataclass
class Night:
    """A raw folder and its processed folder, run in this process (models load once for all tests)."""

    raw: Path
    out: Path
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def config(self, *extra: str) -> Any:
        settings = (
            f"paths.raw={self.raw}",
            f"paths.processed={self.out}",
            "executor=serial",
            "batch_documents=1",
        )
        return config.load(REPO / "configs" / "base.yaml", [*settings, *extra])

    def run(self, *extra: str, **selection: Any) -> RunResult:
        """Run with overrides ``extra`` and the fields of ``Selection``; the events are kept."""
        recorder = Recorder()
        try:
            return runner.run(
                self.config(*extra), Selection(**{"today": "2026-11-09", **selection}), recorder
            )
        finally:
            self.events = recorder.events

    def plan(self, *extra: str, **selection: Any) -> dict[str, str]:
        """Unit → reasons of the units that would run."""
        night = runner.Night(self.config(*extra))
        night.load("2026-11-09")
        planned = night.plan(Selection(**{"today": "2026-11-09", **selection}))
        return {p.name: "; ".join(p.reasons) for p in planned if p.reasons}

    def table(self, name: str) -> pd.DataFrame:
        """A published table."""
        return load(name, processed=self.out)

    def files(self) -> dict[str, str]:
        """Path → SHA-256 of every published file."""
        return published_files(self.out)


def isnad(*args: str, home: Path = REPO, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does; ``home`` holds the package."""
    env = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *args],
        cwd=home,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"isnad {' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def ran(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Names of the units that a run executed, from the JSON events on standard error."""
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [line["unit"] for line in lines if line["event"] == "unit"]


def would_run(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Unit → reason, from the output of ``isnad plan``."""
    rows = (line.partition(" ") for line in done.stdout.splitlines())
    return {unit: why.strip().removeprefix("run: ") for unit, _, why in rows if "up to date" not in why}


def tree(root: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder with size and modification time."""
    return {
        p.relative_to(root).as_posix(): (p.stat().st_size, p.stat().st_mtime_ns)
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def published_files(out: Path) -> dict[str, str]:
    """Path → SHA-256 of every table file of the published snapshot."""
    manifest = Store(out).manifest() or {"files": []}
    return {entry["path"]: entry["sha256"] for entry in manifest["files"]}


def edit_function(path: Path, name: str, statement: str) -> None:
    """Insert a statement (or a comment) at the start of the body of a top-level function."""
    source = path.read_text("utf-8")
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    first = function.body[1] if len(function.body) > 1 and ast.get_docstring(function) else function.body[0]
    lines = source.split("\n")
    lines.insert(first.lineno - 1, f"    {statement}")
    path.write_text("\n".join(lines), "utf-8")
