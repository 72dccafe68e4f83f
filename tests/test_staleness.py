"""Code as an input: the four mistakes that workflow tools make, through the command line and real files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.nights import arguments, copy_package, edit_function, isnad, make_raw, ran, would_run

DAY1, DAY2 = "2026-11-01", "2026-11-02"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, the small night and its published result."""
    home = copy_package(tmp_path_factory.mktemp("night"))
    isnad("run", *arguments(make_raw(home / "raw"), home / "out"), home=home)
    return home


@pytest.fixture
def home(finished: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "night"
    shutil.copytree(finished, copy, symlinks=True)
    return copy


def plan(home: Path) -> dict[str, str]:
    return would_run(isnad("plan", *arguments(home / "raw", home / "out"), home=home))


def test_changed_helper_reruns_its_stage_and_identical_output_nothing_more(home: Path) -> None:
    edit_function(home / "pipeline" / "text" / "sentences.py", "split", "assert True")
    planned = plan(home)
    assert "code pipeline.text.sentences changed" in planned[f"segment@{DAY1}"]
    assert not [u for u in planned if u.startswith(("clean", "ingest"))]
    done = isnad("run", *arguments(home / "raw", home / "out"), home=home)
    assert [u for u in ran(done) if not u.startswith("segment")] == []
    assert plan(home) == {}


def test_comment_and_docstring_rerun_nothing(home: Path) -> None:
    path = home / "pipeline" / "text" / "sentences.py"
    edit_function(path, "split", "# only a comment")
    path.write_text(path.read_text("utf-8").replace('"""', '"""Another text. ', 1), "utf-8")
    assert plan(home) == {}


def test_helper_that_changes_the_output_reruns_what_reads_it(home: Path) -> None:
    edit_function(home / "pipeline" / "text" / "sentences.py", "split", "end = min(end, start + 60)")
    done = isnad("run", *arguments(home / "raw", home / "out"), home=home)
    stages = {u.partition("@")[0] for u in ran(done)}
    assert {"segment", "extract"} <= stages
    assert not stages & {"ingest", "clean"}
