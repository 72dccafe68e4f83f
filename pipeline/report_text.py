"""Text for the report: marked stretches by exact offsets, and hostile characters made visible.

Pure functions on plain values; the escaping of markup itself is left to the template (Jinja2 autoescape).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

# Marks without a glyph that are common and harmless in Arabic pages: LRM, RLM, ALM, BOM.
_DROPPED = dict.fromkeys((0x200E, 0x200F, 0x061C, 0xFEFF))
# Embeddings, overrides and isolates can reorder what stands around them (Unicode TR 9); lone surrogates cannot
# be written as UTF-8.
_REPLACED = {
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
# C0 controls have pictures of their own (U+2400 …); line breaks and tabs become a space.
_CONTROLS = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    0x7F: "\u2421",
    **dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " "),
}
_TABLE = str.maketrans({**_DROPPED, **_REPLACED, **_CONTROLS})


@dataclass(frozen=True)
class Mark:
    """A stretch of a text to be set off: half-open offsets, a CSS class, and words for the tooltip."""

    start: int
    end: int
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Piece:
    """A run of characters under the same marks; ``kinds`` is empty for plain text."""

    text: str
    kinds: str
    label: str


def visible(value: object, limit: int = 0) -> str:
    """Return ``value`` as one line without characters that could reorder, recolour or break it.

    ``limit`` > 0 cuts at that many characters, with an ellipsis.

    >>> visible("a\\x1b[31mb\\nc\\u202ed")
    'a␛[31mb c\\ufffdd'
    >>> visible("abcdef", 4)
    'abc…'
    """
    text = str(value).translate(_TABLE)
    return text[: limit - 1].rstrip() + "…" if 0 < limit < len(text) else text


def pieces(text: str, start: int, end: int, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """Cut ``text[start:end]`` at every edge of a mark; overlapping marks add their classes.

    Offsets are code points into ``text``; marks (and the range itself) are clamped to it. Marks of no width
    show nothing.

    >>> [(p.text, p.kinds) for p in pieces("abcdef", 1, 6, [Mark(2, 4, "x"), Mark(3, 5, "y")])]
    [('b', ''), ('c', 'x'), ('d', 'x y'), ('e', 'y'), ('f', '')]
    """
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    inside = [m for m in marks if m.start < m.end and m.end > start and m.start < end]
    edges = {start, end}
    for mark in inside:
        edges.add(max(mark.start, start))
        edges.add(min(mark.end, end))
    cuts = sorted(edges)
    out = []
    for left, right in pairwise(cuts):
        over = [m for m in inside if m.start <= left and right <= m.end]
        kinds = " ".join(sorted({m.kind for m in over}))
        label = ", ".join(dict.fromkeys(m.label for m in over if m.label))
        out.append(Piece(visible(text[left:right]), kinds, label))
    return tuple(out)
