"""Quotation marks of Arabic pages, paired by position and spacing.

Code points say little: pages open with ” and close with ″, use « both ways, glue a mark to a comma or to و. A
mark *can open* where a space, a line start, a colon or an opening bracket stands before it and a letter after it; it
*can close* where a letter or a full stop stands before it and a space, punctuation or the end after it. What
could be either is decided by what is open at that point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARKS = '"«»“”„‟″‹›〝〞'
# Single marks around a few words hold names (’كاديلاك‘); only doubled ones are speech.
SINGLES = "’‘'`‚‛´"
_MARK = re.compile(f"[{MARKS}]|''|\\(\\(|\\)\\)|``")
_BEFORE_OPEN = frozenset(" \t\u00a0\u200f\u200e\n\r:؛;،,([{-–—.…!؟?")
_AFTER_CLOSE = frozenset(" \t\u00a0\u200f\u200e\n\r:؛;،,)]}-–—.…!؟?")


class Quote(NamedTuple):
    """One quotation: marks included in [start, end), without them in [inner_start, inner_end).

    ``closed`` is False where no closing mark was found: the quotation then runs to the end of its line.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    closed: bool


class _Mark(NamedTuple):
    start: int
    end: int
    opens: bool
    closes: bool


def _marks(text: str, start: int, end: int) -> list[_Mark]:
    found = []
    for match in _MARK.finditer(text, start, end):
        at, to = match.span()
        before = text[at - 1] if at > start else " "
        after = text[to] if to < end else " "
        free_before, free_after = before in _BEFORE_OPEN, after in _AFTER_CLOSE
        if before in "،,.!؟?…" and free_after:
            # The full stop or comma stands inside the quotation: …لما حصل،" مضيفا
            opens, closes = False, True
        elif match[0] in ("((", "))"):
            opens, closes = match[0] == "((", match[0] == "))"
        else:
            opens, closes = free_before and not free_after, free_after and not free_before
        found.append(_Mark(at, to, opens, closes))
    return found


def pair(text: str, start: int = 0, end: int | None = None) -> list[Quote]:
    """Return the outermost quotations of text[start:end] (one line), in order.

    A quotation inside a quotation belongs to the outer one. A mark left open runs to the end of the line; a
    closing mark without an opening one is passed over.

    >>> text = 'قال ”سنعود غدا″، وأضاف "نحن في «بيروت» الآن".'
    >>> [text[q.inner_start:q.inner_end] for q in pair(text)]
    ['سنعود غدا', 'نحن في «بيروت» الآن']
    >>> text = 'عن "التطوير"، و"الإدارة" معا'
    >>> [text[q.inner_start:q.inner_end] for q in pair(text)]
    ['التطوير', 'الإدارة']
    """
    end = len(text) if end is None else end
    marks = _marks(text, start, end)
    quotes, open_at = _nested(marks)
    if (
        len(marks) % 2 == 0
        and 2 * len(quotes) < len(marks)
        and all(not m.opens or not m.closes for m in marks)
    ):
        stray = marks[0].closes and not any(q.start == marks[0].start for q in quotes)
        if stray and len(marks) == 2:  # وأضاف" … ": the spaces stand on the wrong sides
            quotes, open_at = [Quote(marks[0].start, marks[1].end, marks[0].end, marks[1].start, True)], None
    if open_at is not None and len(marks) > 1:
        # Nesting did not come out even: take the marks as alternating instead.
        flat, open_at = _alternating(marks)
        quotes = flat
    if open_at is not None:
        stop = end
        while stop > open_at.end and text[stop - 1] in " \t\u00a0\u200f\u200e\n\r":
            stop -= 1
        quotes.append(Quote(open_at.start, stop, open_at.end, stop, False))
    return [q for q in quotes if q.inner_end > q.inner_start]


def _nested(marks: Sequence[_Mark]) -> tuple[list[Quote], _Mark | None]:
    quotes: list[Quote] = []
    opened: _Mark | None = None
    depth = 0
    for mark in marks:
        if opened is None:
            if mark.closes:
                continue
            opened, depth = mark, 1
        elif mark.opens:
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                quotes.append(Quote(opened.start, mark.end, opened.end, mark.start, True))
                opened = None
    return quotes, opened


def _alternating(marks: Sequence[_Mark]) -> tuple[list[Quote], _Mark | None]:
    quotes: list[Quote] = []
    opened: _Mark | None = None
    for mark in marks:
        if opened is None:
            if not mark.closes:
                opened = mark
        else:
            quotes.append(Quote(opened.start, mark.end, opened.end, mark.start, True))
            opened = None
    return quotes, opened


def pair_lines(text: str, lines: Iterable[tuple[int, int]]) -> list[Quote]:
    """The quotations of several lines, in order; each line is paired by itself.

    A line that leaves a quotation open goes on in the next line where that opens with a mark: those are two
    quotations here, the first with ``closed`` False, and a reader joins them.
    """
    return [quote for start, end in lines for quote in pair(text, start, end)]
