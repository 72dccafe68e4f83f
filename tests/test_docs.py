"""The documentation: generated parts are fresh, every column is described, every link and command exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.schemas import PUBLISHED
from pipeline.schemas_doc import tables_markdown

REPO = Path(__file__).resolve().parents[1]
PAGES = sorted([*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md")])


def test_data_dictionary_is_fresh() -> None:
    assert (REPO / "docs/tables.md").read_text("utf-8") == tables_markdown(), "stale: run `isnad docs`"


@pytest.mark.parametrize("spec", PUBLISHED, ids=lambda s: s.name)
def test_every_table_and_column_is_described(spec) -> None:  # type: ignore[no-untyped-def]
    page = tables_markdown()
    section = page[page.index(f"## {spec.name}\n") :].split("\n## ")[0]
    assert spec.doc.endswith(".")
    assert len(spec.doc.split()) >= 4
    for column in spec.columns:
        assert column.doc.endswith("."), f"{spec.name}.{column.name} has no sentence that describes it"
        assert f"`{column.name}`" in section
        assert all(f"`{value}`" in section for value in column.values)
    assert set(spec.key) <= set(spec.names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPO)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPO)))
def test_commands_named_in_the_documentation_exist(page: Path) -> None:
    from typer.main import get_command

    from pipeline.cli import app

    group = get_command(app)
    known = set(group.commands)  # type: ignore[attr-defined]
    for verb in re.findall(r"(?:`|^|\n)isnad ([a-z]+)", page.read_text("utf-8")):
        assert verb in known, f"{page.name}: isnad {verb}"


def test_every_command_is_in_the_readme_or_the_operations_page() -> None:
    from typer.main import get_command

    from pipeline.cli import app

    text = "".join(
        (REPO / p).read_text("utf-8") for p in ("README.md", "docs/operations.md", "CONTRIBUTING.md")
    )
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"isnad {name}" in text, f"isnad {name} is not documented"


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(p.name for p in (REPO / "docs/adr").glob("*.md"))
    assert [int(n[:4]) for n in names] == list(range(1, len(names) + 1))
    for name in names:
        text = (REPO / "docs/adr" / name).read_text("utf-8")
        assert text.startswith(f"# {name[:4]}. ")
        for part in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{name}: {part}"


def test_notebooks_are_valid_and_carry_no_output() -> None:
    for path in (REPO / "notebooks").glob("*.ipynb"):
        book = json.loads(path.read_text("utf-8"))
        assert book["nbformat"] == 4
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == []
                compile("".join(cell["source"]), f"{path.name}:{cell['id']}", "exec")
