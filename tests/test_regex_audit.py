"""Every regular expression of the product takes twice as long for twice the text, on texts made to be hard for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.regexes import FUNCTIONS, LINEAR, collect, growth, hard_texts, modules


def _globs() -> list[re.Pattern[str]]:
    from pipeline.stages.ingest import glob_pattern

    return [glob_pattern(glob) for glob in ("*/{outlet}/**", "**/{outlet}-*.txt", "**", "{outlet}/*.jsonl")]


# Patterns made inside functions with parameters cannot be met by import alone. Each is examined by examples here; None
# where its results stand in the lexicons, which are examined.
MADE: dict[str, Callable[[], list[Any]] | None] = {
    "pipeline.stages.ingest.glob_pattern": _globs,
    "pipeline.text.lines_phrases.of": None,
    "pipeline.formats_split._field": lambda: [import_module("pipeline.formats_split")._field(b",")],
    "pipeline.formats_split._item_end": lambda: [re.compile(rb"<!\[CDATA\[|<!--|</item\s*>")],
    "pipeline.text.html_text.tags": lambda: [re.compile("</script", re.IGNORECASE)],
}


def _findings(pattern: re.Pattern[str] | re.Pattern[bytes], method: str = "search") -> list[str]:
    """The first hard text, if any, on which the pattern is not linear."""
    for hard in hard_texts(pattern.pattern, pattern.flags):
        ratio = growth(pattern, method, hard)
        if ratio > LINEAR:
            return [f"{pattern.pattern!r:.120} on {hard!r:.80}: {ratio:.1f}"]
    return []


@pytest.mark.parametrize(
    ("pattern", "linear"),
    [
        (r"(\s*https?://\S+\s*)+$", False),
        (r"\s+$", False),
        (r"(?:a|a)*b", False),
        (r"\([^)]*\)", False),
        (r"\w*\d", False),
        (r"x[\s-]*:\s*y", True),
        (r"(?<!\s)\s{1,50}$", True),
        (r"\([^()]{0,40}\)", True),
        (r'"[^"\\]*(?:\\.[^"\\]*)*"?', True),
    ],
)
def test_the_audit_tells_good_from_bad(pattern: str, linear: bool) -> None:
    assert bool(_findings(re.compile(pattern))) != linear


@pytest.mark.slow
def test_fault_85_every_pattern_is_linear() -> None:
    found = collect()
    assert len(found) > 150
    findings = []
    for (text, flags, method), module in found.items():
        findings += [f"{module}: {finding}" for finding in _findings(re.compile(text, flags), method)]
    for name, examples in MADE.items():
        if examples is not None and find_spec(name.rpartition(".")[0]):
            method = "fullmatch" if examples is _globs else "search"
            findings += [
                f"{name}: {finding}" for pattern in examples() for finding in _findings(pattern, method)
            ]
    assert findings == []


def test_every_pattern_made_in_a_function_is_known() -> None:
    """A pattern that import does not make must be listed in MADE or be made by a cached function without parameters."""
    unknown = []
    for module in modules():
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            cached = (
                any("cache" in ast.unparse(d) for d in function.decorator_list) and not function.args.args
            )
            name = f"{module.__name__}.{function.name}"
            for node in ast.walk(function):
                if _makes_pattern(node) and not cached and name not in MADE:
                    unknown.append(f"{name}: {ast.unparse(node)[:100]}")
    assert unknown == []


def _makes_pattern(node: ast.AST) -> bool:
    """True for re.compile(…) and its like with anything but a literal."""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS
    ):
        return False
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
        return False
    return not isinstance(node.args[0], ast.Constant)
