"""The code digest changes with behaviour, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.fingerprint import CodeIndex, code_of, difference, package_index
from pipeline.stages import STAGES

FILES = {
    "__init__.py": "",
    "stages/__init__.py": "",
    "stages/one.py": (
        "from pipeline.text import lines\nfrom pipeline.text.tools import helper as h\n"
        "def run(x):\n    '''Doc.'''\n    return h(lines.split(x))\n\nSTAGE = run\n"
    ),
    "text/__init__.py": "",
    "text/lines.py": "LIMIT = 3\n\ndef split(x):\n    return x[:LIMIT]\n\ndef unused(x):\n    return x\n",
    "text/tools.py": "from pipeline.resources import load\n\ndef helper(x):\n    return inner(x)\n\ndef inner(x):\n    return load('words.yaml')[x]\n",
    "resources/__init__.py": "def load(name):\n    return name\n",
    "resources/words.yaml": "# a comment\na: 1\n",
    "resources/other.yaml": "b: 1\n",
}


def reach(root: Path, changes: dict[str, tuple[str, str]]) -> dict[str, str]:
    for name, text in FILES.items():
        path = root / "pipeline" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        old, new = changes.get(name, ("", ""))
        assert old in text
        path.write_text(text.replace(old, new) if old else text, "utf-8")
    return CodeIndex(root / "pipeline").reach([("pipeline.stages.one", "STAGE")])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("text/lines.py", "LIMIT = 3", "LIMIT = 4", {"pipeline.text.lines"}),
        ("text/tools.py", "return inner(x)", "return inner(x + 1)", {"pipeline.text.tools"}),
        ("stages/one.py", "return h(", "return 2 * h(", {"pipeline.stages.one"}),
        ("resources/words.yaml", "a: 1", "a: 2", {"resource:words.yaml"}),
        ("resources/__init__.py", "return name", "return name.strip()", {"pipeline.resources"}),
        ("text/lines.py", "LIMIT = 3\n", "LIMIT = 3  # a comment\n", set()),
        ("stages/one.py", "'''Doc.'''", "'''Another doc.'''", set()),
        ("text/lines.py", "def unused(x):\n    return x", "def unused(x):\n    return -x", set()),
        ("resources/words.yaml", "# a comment", "# another comment", set()),
        ("resources/other.yaml", "b: 1", "b: 2", set()),
    ],
)
def test_what_counts_and_what_does_not(
    tmp_path: Path, file: str, old: str, new: str, expected: set[str]
) -> None:
    before = reach(tmp_path / "a", {})
    after = reach(tmp_path / "b", {file: (old, new)})
    assert {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)} == expected


def test_a_statement_run_on_import_counts(tmp_path: Path) -> None:
    before = reach(tmp_path / "a", {})
    after = reach(tmp_path / "b", {"text/lines.py": ("LIMIT = 3\n", "LIMIT = 3\nprint(LIMIT)\n")})
    assert before["pipeline.text.lines"] != after["pipeline.text.lines"]


def test_an_import_inside_a_function_is_followed(tmp_path: Path) -> None:
    late = "def split(x):\n    from pipeline.text.tools import inner\n    return inner(x)[:LIMIT]\n"
    before = reach(tmp_path / "a", {"text/lines.py": ("def split(x):\n    return x[:LIMIT]\n", late)})
    changed = {
        "text/lines.py": ("def split(x):\n    return x[:LIMIT]\n", late),
        "text/tools.py": ("[x]", "[-x]"),
    }
    assert before != reach(tmp_path / "b", changed)


@pytest.mark.parametrize("stage", [s.name for s in STAGES])
def test_every_stage_reaches_its_module_and_lexicons(stage: str) -> None:
    found = code_of(stage)
    assert f"pipeline.stages.{stage}" in found
    assert not any(
        name.startswith(f"pipeline.stages.{s.name}") for s in STAGES if s.name != stage for name in found
    )


def test_lexicons_that_ship_are_reached_by_some_stage() -> None:
    reached = {name for stage in STAGES for name in code_of(stage.name)}
    lexicons = {f"resource:{name}" for name in package_index().resources if name.endswith(".yaml")}
    assert lexicons <= reached


def test_difference_in_words() -> None:
    old = {"params": {"n": 1}, "code": {"a": "1", "b": "1"}, "inputs": {"documents.text": "x"}}
    new = {"params": {"n": 2}, "code": {"a": "2"}, "inputs": {"documents.text": "y"}}
    assert difference(old, new) == [
        "code a changed",
        "code b removed",
        "inputs documents.text changed",
        "params.n: 1 → 2",
    ]
