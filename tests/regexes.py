"""Every regular expression of the product, and texts that are hard for each: made from its own parse tree.

Where a pattern is quadratic, the text that shows it is made of the pattern's own pieces: much of what a repeat takes,
and then something that does not fit (Davis et al., "The Impact of Regular Expression Denial of Service in Practice",
2018, call these prefix, pump and suffix).
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import pkgutil
import re
import time
import types
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pipeline

Pattern = re.Pattern[Any]
FUNCTIONS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
USUAL = (
    " ",
    "\t",
    "\n",
    "1",
    "a",
    "ا",
    "ال",
    "و ",
    ".",
    "..",
    "«",
    '"',
    "(",
    ")",
    "[",
    "/",
    "-",
    ":",
    "،",
    "َ",
    "ـ",
    "@",
    "http://",
    "\u200f",
    "\x00",
    "é",
)
LINEAR = 2.5  # t(2n)/t(n) that is still called linear
UNFIT = ("", "\x01", "\ufdfd", "\n", "x", "ن")


def modules() -> list[types.ModuleType]:
    """All modules of the product; those behind an extra that is not installed are left out."""
    found = []
    for info in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if info.name != "pipeline.__main__":
            found.append(importlib.import_module(info.name))
    return found


def inside(value: object, seen: set[int] | None = None) -> Iterator[Pattern]:
    """Patterns in a value: containers, dataclasses, named tuples, objects of the product's own classes."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, str | bytes | int | float | type | types.ModuleType):
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            yield from inside(item, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from inside(item, seen)
    elif dataclasses.is_dataclass(value) or type(value).__module__.startswith("pipeline"):
        yield from inside(list(getattr(value, "__dict__", {}).values()), seen)


def _cached(module: types.ModuleType) -> Iterator[object]:
    """What the cached functions without parameters return: lexicons compiled into patterns."""
    for value in vars(module).values():
        if isinstance(value, functools._lru_cache_wrapper) and value.__module__ == module.__name__:
            code = value.__wrapped__.__code__
            if not code.co_argcount and not code.co_kwonlyargcount:
                yield value()


def _written(module: types.ModuleType) -> Iterator[tuple[Pattern, str]]:
    """Patterns written as literals inside functions, and what is done with them."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in FUNCTIONS
        ):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
            continue
        if isinstance(node.args[0], ast.Constant):
            yield re.compile(node.args[0].value), node.func.attr


def collect() -> dict[tuple[str | bytes, int, str], str]:
    """(pattern, flags, method) → the module where it was met first; the method is ``search`` unless known."""
    found: dict[tuple[str | bytes, int, str], str] = {}
    for module in modules():
        sources: list[object] = [value for name, value in vars(module).items() if not name.startswith("__")]
        for pattern in inside([*sources, *_cached(module)]):
            found.setdefault((pattern.pattern, pattern.flags, "search"), module.__name__)
        for pattern, method in _written(module):
            if method != "compile":
                found.setdefault((pattern.pattern, pattern.flags, method), module.__name__)
    return found


def _class_chars(items: list[Any]) -> list[str]:
    """Some characters that a class takes."""
    if items and items[0][0] is sre.NEGATE:
        taken = set(_class_chars(items[1:]))
        return [c for c in "aا1 .\n«" if c not in taken and not _taken(c, items[1:])][:3] or ["☃"]
    chars: list[str] = []
    for kind, value in items:
        if kind is sre.LITERAL:
            chars.append(chr(value))
        elif kind is sre.RANGE:
            chars += [chr(value[0]), chr(value[1])]
        elif kind is sre.CATEGORY:
            chars += _category(value)
    return chars


def _category(value: Any) -> list[str]:
    name = str(value)
    if "NOT" in name:
        return ["«"] if "WORD" in name else ["a", "ا"]
    return [" ", "\n"] if "SPACE" in name else ["1", "٣"] if "DIGIT" in name else ["a", "ا", "1", "_"]


def _taken(char: str, items: list[Any]) -> bool:
    tests = {"SPACE": str.isspace, "DIGIT": str.isdigit, "WORD": lambda c: c.isalnum() or c == "_"}
    for kind, value in items:
        if kind is sre.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if kind is sre.CATEGORY:
            for name, test in tests.items():
                if name in str(value) and test(char) != ("NOT" in str(value)):
                    return True
    return False


class _Texts:
    """Walks a parse tree; collects (prefix, pump) pairs of every repeat, and the characters of every class."""

    def __init__(self) -> None:
        self.pumps: list[tuple[str, str]] = []
        self.chars: list[str] = []

    def sample(self, tree: Any, before: str = "") -> str:
        """One text that the tree should match, shortest choices first."""
        out = ""
        for kind, value in tree:
            out += self._node(kind, value, before + out)
        return out

    def _one(self, kind: Any, value: Any) -> str:
        """A text for a node of one character."""
        chars = {
            sre.LITERAL: lambda: [chr(value)],
            sre.NOT_LITERAL: lambda: ["a" if value != ord("a") else "b"],
        }
        chars |= {sre.ANY: lambda: ["a"], sre.IN: lambda: _class_chars(value)}
        found = chars[kind]()
        self.chars += found[:6]
        return found[0]

    def _node(self, kind: Any, value: Any, before: str) -> str:
        if kind in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            return self._one(kind, value)
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, tree = value
            own = _Texts()
            pieces = {self.sample(tree, before), *own.sampled_classes(tree)}
            if most > 8:
                self.pumps += [(before, piece) for piece in sorted(pieces) if piece]
            return self.sample(tree, before) * least
        if kind is sre.BRANCH:
            texts = [self.sample(branch, before) for branch in value[1]]
            self.chars += [t for t in texts[:12] if t]
            return min(texts, key=len)
        if kind is sre.SUBPATTERN:
            return self.sample(value[3], before)
        if kind is sre.ATOMIC_GROUP:
            return self.sample(value, before)
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            self.sample(value[1], before)
        return ""

    def sampled_classes(self, tree: Any) -> list[str]:
        self.sample(tree)
        return self.chars[:6]


def hard_texts(pattern: str | bytes, flags: int) -> Iterator[tuple[str, str, str]]:
    """(prefix, pump, suffix) of texts that may take the pattern long."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    walk = _Texts()
    whole = walk.sample(parser.parse(text, flags & ~re.UNICODE if isinstance(pattern, bytes) else flags))
    pumps = dict.fromkeys(walk.pumps)
    pumps |= dict.fromkeys(
        ("", piece)
        for piece in (*USUAL, whole, *dict.fromkeys(walk.chars[:40]), whole[:-1], whole[1:])
        if piece
    )
    pumps |= dict.fromkeys((prefix, piece + " ") for prefix, piece in walk.pumps[:12])
    for prefix, pump in pumps:
        yield prefix, pump, ""
    for prefix, pump in list(dict.fromkeys(walk.pumps))[:12]:
        for suffix in UNFIT[1:3]:
            yield prefix, pump, suffix
            yield "", prefix + pump, suffix


def seconds(run: Callable[[Any], object], subject: str | bytes, best_of: int) -> float:
    """CPU time of one call, best of some."""
    best = float("inf")
    for _ in range(best_of):
        started = time.process_time()
        run(subject)
        best = min(best, time.process_time() - started)
    return best


def growth(
    pattern: Pattern, method: str, hard: tuple[str, str, str], size: int = 8_000, floor: float = 0.02
) -> float:
    """t(2n)/t(n) at n = size characters, 0 where 2n takes less than the floor in seconds (a quadratic pattern takes ten
    times that). Grows in steps and gives infinity where a step already takes far too long, so that an exponential
    pattern ends; a ratio above 2.5 is measured again at twice the size and then with more care, so that noise is no finding."""
    prefix, pump, suffix = hard
    binary = isinstance(pattern.pattern, bytes)

    def text(n: int) -> str | bytes:
        made = prefix + pump * max(1, n // len(pump)) + suffix
        return made.encode("utf-8", "surrogatepass") if binary else made

    def run(subject: Any) -> object:
        if method in ("match", "fullmatch"):
            return getattr(pattern, method)(subject)
        return deque(pattern.finditer(subject), maxlen=0)

    for n in (24, 60, 200, 600, 2000, 4000, size):
        if seconds(run, text(n), 1) > 0.1 and seconds(run, text(n), 2) > 0.1:
            return float("inf")
    if seconds(run, text(2 * size), 1) < floor:
        return 0.0
    ratio = 0.0
    for n, best_of in ((size, 2), (2 * size, 2), (2 * size, 6)):
        ratio = seconds(run, text(2 * n), best_of) / max(seconds(run, text(n), best_of), 1e-5)
        if ratio <= LINEAR:
            break
    return ratio
