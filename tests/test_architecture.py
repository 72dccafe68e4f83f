"""Import rules that import-linter cannot state: those about parts of external packages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "pipeline"
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of everything that a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_only_store_and_the_reading_of_raw_parquet_know_parquet(path: Path) -> None:
    uses = {name for name in imported(path) if name.startswith("pyarrow.parquet")}
    assert not uses or path.name in ("store.py", "formats_parquet.py")


@pytest.mark.parametrize("path", sorted((PACKAGE / "stages").glob("*.py")), ids=lambda p: p.name)
def test_stages_know_no_paths_and_no_clock(path: Path) -> None:
    forbidden = {"pathlib", "os", "os.path", "time", "random", "yaml", "ruamel.yaml", "typer"}
    assert imported(path) & forbidden == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_stay_readable(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450
