"""The two passages of a comparison, and the one value that it yields: an edit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from pipeline.text.edit_kinds import Naming, is_negation
from pipeline.text.units import Unit, units

NEAR = 80
"""Characters before a place in which a verb of saying still governs it."""
OUTSIDE = 60
"""Characters beyond the edge of a passage in which a name or day may stand all the same."""
_SENTENCE_END = re.compile(r"[.!؟?\n]")
_LIST_MARK = re.compile(r"[ \t]{0,9}[-–—.)/:]")


class Edit(NamedTuple):
    """One operation (insert, delete, replace, move) with its kind; an empty span marks the place on that side."""

    op: str
    kind: str
    a_start: int
    a_end: int
    b_start: int
    b_end: int


class Side:
    """One passage: its units, first character, sources named in it."""

    def __init__(self, units: Sequence[Unit], start: int, namings: Sequence[Naming], text: str) -> None:
        self.units, self.start, self.namings, self.text = units, start, namings, text
        self.aligned: Mapping[int, int] = {}

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(u.key for u in self.units)

    def has_more(self, other: Side, run: Sequence[Unit]) -> bool:
        """True where at least half of a run that ``other`` has here stands in this passage in another place."""
        own, theirs = Counter(u.key for u in self.units), Counter(u.key for u in other.units)
        gone = Counter(u.key for u in run)
        return 2 * sum(own[k] > theirs[k] - n for k, n in gone.items()) >= len(gone)

    def sentence(self, at: int) -> Sequence[Unit]:
        """What this side alone has in the sentence before place ``at``, and of the four units behind it."""
        place = self.span(at, at)[0]
        begin = place - len(_SENTENCE_END.split(self.text[max(0, place - NEAR) : place])[-1])
        outside = units(self.text, begin, self.start) if begin < self.start else ()
        near = enumerate(self.units[: at + 4])
        return [*outside, *(u for n, u in near if u.start >= begin and n not in self.aligned)]

    def enumerates(self, at: int) -> bool:
        """True for a number that only counts the points of a list: it begins its line, a dash or point follows."""
        start, end = self.units[at].start, self.units[at].end
        line = self.text[max(0, start - 20) : start].rpartition("\n")[2]
        return not line.strip("-–—•*( \t") and _LIST_MARK.match(self.text, end) is not None

    def denies(self, at: int) -> bool:
        """True where the word before the passage is a negation: it was only cut off."""
        last = units(self.text, max(0, self.start - 12), self.start)[-1:] if at == 0 else []
        return bool(last) and is_negation([*last, *self.units[:1]], 0)

    def span(self, lo: int, hi: int) -> tuple[int, int]:
        """Characters of units [lo, hi); the place after unit lo - 1 where there are none."""
        if lo < hi:
            return self.units[lo].start, self.units[hi - 1].end
        at = self.units[lo - 1].end if lo else self.start
        return at, at

    def beyond(self, at: int) -> str:
        """The text just outside of the passage where place ``at`` is its edge; "" inside."""
        if 0 < at < len(self.units):
            return ""
        edge = self.units[-1].end if at and self.units else self.start
        return self.text[edge : edge + OUTSIDE] if at else self.text[max(0, edge - OUTSIDE) : edge]

    def around(self, lo: int, hi: int) -> Sequence[Unit]:
        return self.units[max(0, lo - 2) : hi + 2]
