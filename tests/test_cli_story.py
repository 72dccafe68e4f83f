"""``isnad diff`` and ``isnad story`` as people use them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pipeline import diff as view
from pipeline import diff_load, load
from pipeline.diff_print import ISOLATE, POP, Printer
from pipeline.errors import ConfigError
from pipeline.store import Store
from tests.nights import arguments, isnad, make_raw

PLACES = ("2026-11-01/sahil/port.txt", "2026-11-01/rafidain/port.txt")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("story")
    raw, out = make_raw(folder / "raw"), folder / "out"
    isnad("run", *arguments(raw, out))
    return raw, out


def ids(out: Path) -> dict[str, str]:
    frame = load("documents", processed=out)
    return dict(zip(frame["source_uri"], frame["doc_id"], strict=True))


def test_diff_shows_both_sides_and_names_the_edits(night: tuple[Path, Path]) -> None:
    said = isnad("diff", *PLACES, *arguments(*night)).stdout
    lines = said.splitlines()
    assert "one story" in said
    assert "number 1" in said
    kinds = [line.strip() for line in lines if line.startswith("  ") and len(line.split()) == 1]
    assert {"date", "number"} <= set(kinds)
    at = lines.index("  number")
    # Which of two undated documents counts as the earlier one is decided by their identifiers.
    assert {line.split()[1] for line in lines[at + 1 : at + 3]} == {"بثلاثة", "بأربعة"}
    assert [line.split()[0] for line in lines[at + 1 : at + 3]] == ["A", "B"]
    assert any("{+" in line for line in lines if line.startswith("B "))
    assert any(line.startswith("= edited") for line in lines)


def test_every_line_begins_with_ascii_and_holds_one_piece(night: tuple[Path, Path]) -> None:
    documents = ids(night[1])
    for said in (
        isnad("diff", *PLACES, "--all", *arguments(*night)).stdout,
        isnad("story", documents[PLACES[0]], *arguments(*night)).stdout,
    ):
        for line in said.splitlines():
            assert line[:10].isascii(), line
            assert "\x1b" not in line


def test_diff_takes_prefixes_and_either_order(night: tuple[Path, Path]) -> None:
    one, two = (ids(night[1])[p] for p in PLACES)
    forth = isnad("diff", one[:9], two[:9], *arguments(*night)).stdout
    assert forth == isnad("diff", two, PLACES[0], *arguments(*night)).stdout


def test_diff_of_unrelated_documents_says_so(night: tuple[Path, Path]) -> None:
    said = isnad("diff", PLACES[0], "rain.txt", *arguments(*night)).stdout
    assert "two stories" in said
    assert "no passage" in said
    assert {line[:6] for line in said.splitlines() if line.startswith("only")} == {"only A", "only B"}
    assert "= " not in said


def test_unknown_and_ambiguous_names_are_refused_with_suggestions(night: tuple[Path, Path]) -> None:
    done = isnad("diff", "rian.txt", PLACES[0], *arguments(*night), check=False)
    assert done.returncode == 2
    assert "2026-11-02/sahil/rain.txt" in done.stderr
    done = isnad("diff", "port.txt", "rain.txt", *arguments(*night), check=False)
    assert done.returncode == 2
    assert "more characters" in done.stderr
    assert isnad("story", "nothing-like-it", *arguments(*night), check=False).returncode == 2


def test_story_lists_documents_origins_and_claims(night: tuple[Path, Path]) -> None:
    documents = ids(night[1])
    stories = load("stories", processed=night[1]).set_index("doc_id")["story_id"]
    said = isnad("story", documents[PLACES[1]], *arguments(*night)).stdout
    assert said == isnad("story", stories[documents[PLACES[0]]][:12], *arguments(*night)).stdout
    assert "2 documents, 2 outlets, 1 independent origin" in said
    assert "relation" in said
    assert {"origin", "copy"} & {line.split()[0] for line in said.splitlines() if line.strip()}


def test_two_columns_are_isolated(night: tuple[Path, Path]) -> None:
    store = Store(night[1])
    one, two = (ids(night[1])[p] for p in PLACES)
    out = io.StringIO()
    Printer(out, columns=True).diff(view.diff(diff_load.load(store, {one, two}), one, two))
    said = out.getvalue()
    assert said.count(ISOLATE) == said.count(POP) > 4


def test_index_suggests_and_accepts_ends_of_paths(night: tuple[Path, Path]) -> None:
    index = diff_load.index(Store(night[1]))
    assert index.document("rain.txt") == index.document("2026-11-02/sahil/rain.txt")
    with pytest.raises(ConfigError, match=r"rain\.txt"):
        index.document("sahil/rains.txt")
