"""The table of repairs names every code that the product can write, and no other."""

from __future__ import annotations

import ast
import doctest
import inspect
import re

from pipeline.text import decode, legacy, mojibake, normalise
from tests.conftest import REPO

_CODE = re.compile(r"([a-z_]{2,30})@")
_ROW = re.compile(r"^\| `([a-z_]+)` \|", re.MULTILINE)


def _written() -> set[str]:
    """Codes before an @ in string literals, and those given to the functions that list places."""
    found = {code for code, _ in decode._FLAGS}
    for path in sorted((REPO / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node
            if isinstance(node, ast.JoinedStr) and node.values:
                text = node.values[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and "\n" not in text.value:
                match = _CODE.match(text.value)
                found |= {match[1]} if match else set()
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("places", "_spots"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found | {"mixed_encoding"}


def test_every_repair_is_in_the_table() -> None:
    listed = _ROW.findall((REPO / "docs" / "repairs.md").read_text("utf-8"))
    assert len(listed) == len(set(listed))
    assert set(listed) == _written()


def test_every_normalisation_carries_an_example_that_holds() -> None:
    for module in (normalise, mojibake, legacy, decode):
        assert doctest.testmod(module).failed == 0
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                assert ">>>" in (function.__doc__ or ""), f"{module.__name__}.{name}"
