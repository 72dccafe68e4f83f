"""JSON as RFC 8259 has it: what Python's reader lets through is refused here, with the place."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 64
MAX_DIGITS = 100
# The closing quotation mark is optional, so that a string without one is passed over once and not tried at every mark.
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


class JsonError(ValueError):
    """The text is no acceptable JSON; ``at`` is the character where known."""

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def _depth(text: str) -> int:
    """Deepest nesting of arrays and objects, without recursion.

    >>> _depth('{"a": ["[[[", {}]]}')
    3
    """
    depth = deepest = 0
    for match in _TOKENS.finditer(text):
        token = match.group()
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise JsonError(f"duplicate key {twice[:40]!r}")
    return found


def _constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise JsonError(f"integer of {len(digits)} digits, the limit is {MAX_DIGITS}")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise JsonError(f"number out of range: {digits[:20]}")
    return value


def parse(text: str) -> Any:
    """Parse one JSON value.

    Raises JsonError on bad syntax, duplicate keys, NaN or Infinity, integers of more than 100 digits, numbers
    beyond double range, nesting deeper than 64, and anything after the value.

    >>> parse('{"id": 7, "text": "خبر"}')
    {'id': 7, 'text': 'خبر'}
    >>> parse('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ...
    pipeline.text.strictjson.JsonError: duplicate key 'a'
    """
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise JsonError(f"nested deeper than {MAX_DEPTH}")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_real
        )
    except json.JSONDecodeError as error:
        message = "more than one value on the line" if error.msg == "Extra data" else error.msg
        raise JsonError(message, error.pos) from None
