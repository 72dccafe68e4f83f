"""Quote drift: quotation marks that moved, came or went around words that stayed.

Marks tell whose words the reader is shown. Marks around the name of a thing, brackets for marks and marks whose
mate a page lost tell nothing, and neither does a phrase of a long quotation that another text has in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.text.edit_kinds import is_title, speaks
from pipeline.text.edit_sides import Edit, Side
from pipeline.text.quotes import MARKS
from pipeline.text.similarity import form
from pipeline.text.units import units, word_class

SPOKEN = 8
"""Words from which a quotation needs nothing to introduce it; shorter ones may be the name of a thing."""
AHEAD = 1500
"""Characters behind a passage in which a quotation must close."""
LONG = 15
"""Words from which a part of a quotation counts by itself; a shorter one must be half of the quotation."""
_DOUBLE = re.compile(f"[{MARKS}]")
SPEAKER = 4
"""Words, a verb of saying and its speaker, that may stand right before a quotation."""
NAMED = 0.6
"""Share of names and titles from which a run is the name of somebody, however long."""
BEFORE = 90
"""Characters before a quotation in which it is introduced."""
_EDGES = frozenset(".!؟?\n:؛")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "﴿": "﴾"}


def quote_drift(a: Side, b: Side, pairs: Sequence[tuple[int, int]]) -> list[Edit]:
    """Runs of aligned units that stand inside quotation marks on one side only and tell of somebody's words.

    A single word counts only beside words that both sides quote: quotes around one name are house style.
    """
    edits: list[Edit] = []
    if all(a.units[i].quoted == b.units[j].quoted for i, j in pairs):
        return edits
    run: list[tuple[int, int]] = []
    before: tuple[int, int] | None = None

    def close(after: tuple[int, int] | None) -> None:
        if run:
            side, at = (a, 0) if a.units[run[0][0]].quoted else (b, 1)
            beside = _near(before, run[0], side, at) or _near(run[-1], after, side, at)
            if is_drift(a, b, run, beside):
                (i0, j0), (i1, j1) = run[0], run[-1]
                edits.append(Edit("replace", "quote_drift", *a.span(i0, i1 + 1), *b.span(j0, j1 + 1)))
            run.clear()

    for i, j in pairs:
        left, right = a.units[i].quoted, b.units[j].quoted
        if left != right:
            if run and a.units[run[-1][0]].quoted != left:
                close(None)
            run.append((i, j))
        else:
            close((i, j) if left else None)
            before = (i, j) if left else None
    close(None)
    return edits


def _near(one: tuple[int, int] | None, two: tuple[int, int] | None, quoted: Side, at: int) -> bool:
    """True for two aligned pairs of units, the second at most two words behind the first on either side.

    quoted, at: the side that quotes both, and its place in a pair; there they must stand in one quotation.
    """
    if one is None or two is None or not all(0 < y - x <= 2 for x, y in zip(one, two, strict=True)):
        return False
    between = quoted.text[quoted.units[one[at]].end : quoted.units[two[at]].start]
    return _DOUBLE.search(between) is None


def is_drift(a: Side, b: Side, run: Sequence[tuple[int, int]], beside: bool) -> bool:
    """True where marks around the run say that somebody's words begin or end elsewhere.

    beside: words that both sides quote stand next to the run, so that a mark moved.
    """
    (i0, j0), (i1, j1) = run[0], run[-1]
    if all(a.units[i].form in word_class("blessings") for i, _ in run):
        return False
    sides = ((a, i0, i1), (b, j0, j1))
    (quoted, lo, hi), (plain, start, end) = sides if a.units[i0].quoted else sides[::-1]
    if beside:
        return not all(_touching(plain, start, end))
    named = sum(a.units[i].name or b.units[j].name or is_title(a.units[i].form) for i, j in run)
    if len(run) < 2 or named > NAMED * len(run):
        return False
    if _bracketed(plain, start, end) or _lost_mark(plain, start, end) or not _closed(quoted, hi):
        return False
    inside = quoted.text[quoted.units[lo].start : quoted.units[hi].end]
    if len(run) < SPOKEN and _DOUBLE.search(inside):
        return False  # marks that a page has mixed up
    begins, ends = _begins(quoted, lo), _ends(quoted, hi)
    if begins and ends:
        return len(run) >= SPOKEN or _introduced(quoted, lo, hi)
    first, last = _quotation(quoted, lo)
    if len(run) < SPOKEN and not _introduced(quoted, first, last):
        return False
    return (begins or ends) and (len(run) >= LONG or 2 * len(run) >= last + 1 - first)


def _closed(side: Side, at: int) -> bool:
    """True where the next mark behind unit ``at`` closes a quotation: without it the page lost the mark."""
    start = side.units[at].end
    line = side.text[start : start + AHEAD].partition("\n")[0]
    mark = _DOUBLE.search(line)
    if mark is None:
        return len(line) == AHEAD or "&" in line  # a mark may be written as a reference
    before, after = line[: mark.start()][-1:], line[mark.end() :][:1]
    return not (mark[0] in "«“" or (before.isspace() and after.isalnum()))


def _quotation(side: Side, at: int) -> tuple[int, int]:
    """First and last unit of the quotation that unit ``at`` stands in, as far as the passage goes."""
    lo = hi = at
    while lo and side.units[lo - 1].quoted:
        lo -= 1
    while hi + 1 < len(side.units) and side.units[hi + 1].quoted:
        hi += 1
    return lo, hi


def _begins(side: Side, at: int) -> bool:
    """True where a quotation, or a sentence of one, begins with unit ``at``."""
    if at and not side.units[at - 1].quoted:
        return True
    text = side.text[max(0, side.units[at].start - 3) : side.units[at].start]
    before = text.rstrip()[-1:]
    if before != "" and before in MARKS:
        return text.endswith(before)  # a mark and then a space closes what stands before
    return not before or before in _EDGES


def _ends(side: Side, at: int) -> bool:
    """True where a quotation, or a sentence of one, ends with unit ``at``."""
    if at + 1 < len(side.units) and not side.units[at + 1].quoted:
        return True
    after = side.text[side.units[at].end : side.units[at].end + 4].lstrip(" ،,")[:1]
    return not after or after in MARKS or after in _EDGES


def _bracketed(side: Side, lo: int, hi: int) -> bool:
    """True where brackets stand around the run for marks: (قال كذا وكذا)."""
    before = side.text[max(0, side.units[lo].start - BEFORE) : side.units[lo].start].rpartition("\n")[2]
    for opened, closed in _BRACKETS.items():
        if before.rfind(opened) > before.rfind(closed):
            return True
    return side.text[side.units[hi].end :][:2].strip()[:1] in _BRACKETS.values()


def _lost_mark(side: Side, lo: int, hi: int) -> bool:
    """True where a mark touches the run on the side that does not quote it: its mate was lost or is lines away."""
    return any(_touching(side, lo, hi))


def _touching(side: Side, lo: int, hi: int) -> tuple[bool, bool]:
    """Whether a mark stands right before, and right behind, units [lo, hi]."""
    start, end = side.units[lo].start, side.units[hi].end
    before = side.text[max(0, start - 3) : start].strip(" ،,.؛\u200f\u200e")[-1:]
    after = side.text[end : end + 3].strip(" ،,.؛\u200f\u200e")[:1]
    return before != "" and before in MARKS, after != "" and after in MARKS


def _introduced(side: Side, lo: int, hi: int) -> bool:
    """True where what stands before units [lo, hi] says that words follow: a colon, أن, a verb of saying, وصفه بـ."""
    start = side.units[lo].start
    line = side.text[max(0, start - BEFORE) : start].rpartition("\n")[2]
    before = line.rstrip(f"{MARKS} \u200f\u200e")
    if before.endswith(":"):
        return True
    row = [u for u in units(line, 0, len(line)) if u.form != "ـ"][-SPOKEN:]
    last = row[-1:]
    if last and last[0].form in _complementisers():
        return True
    follows = side.units[hi + 1 : hi + 2]
    if speaks(row[-SPEAKER:]) and not (follows and follows[0].form in _complementisers()):
        # قال المدير "…", قال سالم "…"; but in قال مدير "…" the marks hold the name of a thing.
        return last[0].name or last[0].form.startswith("ال") or speaks(last)
    return bool(last) and last[0].form in _joined() and any(speaks([u]) or _describes(u.form) for u in row)


@cache
def _complementisers() -> frozenset[str]:
    return frozenset(
        form(w) for w in ("أن", "إن", "بأن", "أنه", "أنها", "إنه", "إنها", "بأنه", "بأنها", "بأنهم", "أنهم")
    )


@cache
def _joined() -> frozenset[str]:
    return frozenset({"ب", "بانه", "بانها"})


def _describes(folded: str) -> bool:
    return any(c in word_class("describing_verbs") for c in (folded, folded[1:]))
