"""What one passage changed against another: word-level operations, each with a kind and characters on both sides.

Units are aligned by the longest common subsequence of their keys; what lies between is paired by likeness, then
classified from the most telling kind to the plainest. A number of the same value in figures and words is
``spelling``; another value is ``number``. Words changed inside quotation marks keep their own kind; ``quote_drift``
is a mark that moved, appeared or vanished around words that stayed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rapidfuzz.distance import Indel

from pipeline.text.edit_kinds import (
    Naming,
    closes_sentence,
    is_negation,
    likeness,
    naming_of_source,
    pair_kind,
    passes_on,
    rewrite_kind,
    run_kind,
    same_spelling,
    source_keys,
    speaks,
)
from pipeline.text.similarity import form, stop_keys
from pipeline.text.units import Unit, units


class Edit(NamedTuple):
    """One operation (insert, delete, replace, move) with its kind; an empty span marks the place on that side."""

    op: str
    kind: str
    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True)
class Comparison:
    """All edits between two passages and how much of their units is common (Dice of the aligned keys, 0 to 1)."""

    edits: tuple[Edit, ...]
    similarity: float


NEAR = 80
"""Characters before a place in which a verb of saying still governs it."""
_SENTENCE_END = re.compile(r"[.!؟?\n]")
_LIST_MARK = re.compile(r"[ \t]{0,9}[-–—.)/:]")


class Piece(NamedTuple):
    """Units [a0, a1) stand against units [b0, b1); ``paired`` where single units were matched by likeness."""

    a0: int
    a1: int
    b0: int
    b1: int
    paired: bool = False


TABLE_LIMIT = 400
"""Largest m × n block that is paired word by word; larger ones are rewrites as a whole."""
_ANCHORS = {"name": 2, "polarity": 1, "loaded_word": 1, "number": 1, "date": 1}
"""Neighbours that two paired words must have in common, so that one stands for the other."""
MOVE_WORDS = 2
"""Fewest words that count as moved when they vanish here and appear there."""


def align(a: Sequence[Unit], b: Sequence[Unit]) -> tuple[list[tuple[int, int]], list[Piece]]:
    """(pairs of aligned units with equal keys, pieces that differ), both in order.

    Short runs of function words between two rewrites are no anchors: they are given up.
    """
    blocks = [
        (o.tag == "equal", o.src_start, o.src_end, o.dest_start, o.dest_end)
        for o in Indel.opcodes([u.key for u in a], [u.key for u in b])
    ]
    stops = stop_keys()
    merged: list[tuple[bool, int, int, int, int]] = []
    for n, block in enumerate(blocks):
        equal, a0, a1, b0, b1 = block
        if equal and 0 < n < len(blocks) - 1 and a1 - a0 <= 2 and all(u.key in stops for u in a[a0:a1]):
            before, after = merged[-1], _following(blocks, n)
            if min(_thickness(before), _thickness(after)) >= 2:
                equal = False
        if merged and not equal and not merged[-1][0]:
            last = merged[-1]
            merged[-1] = (False, last[1], a1, last[3], b1)
        else:
            merged.append((equal, a0, a1, b0, b1))
    pairs: list[tuple[int, int]] = []
    pieces: list[Piece] = []
    for equal, a0, a1, b0, b1 in merged:
        if equal:
            pairs.extend(zip(range(a0, a1), range(b0, b1), strict=True))
        else:
            pieces.append(Piece(a0, a1, b0, b1))
    return pairs, pieces


def _following(blocks: list[tuple[bool, int, int, int, int]], n: int) -> tuple[bool, int, int, int, int]:
    """The whole change after block n (a delete and an insert may follow each other)."""
    stop = n + 1
    while stop < len(blocks) and not blocks[stop][0]:
        stop += 1
    first, last = blocks[n + 1], blocks[stop - 1]
    return (first[0], first[1], last[2], first[3], last[4])


def _thickness(block: tuple[bool, int, int, int, int]) -> int:
    return 0 if block[0] else min(block[2] - block[1], block[4] - block[3])


def _split(a: Sequence[Unit], b: Sequence[Unit], piece: Piece) -> list[Piece]:
    """Cut a differing piece into paired words and the runs between them."""
    m, n = piece.a1 - piece.a0, piece.b1 - piece.b0
    if not m or not n or m * n > TABLE_LIMIT:
        return [piece]
    best = [[0.0] * (n + 1) for _ in range(m + 1)]
    like = [[likeness(a[piece.a0 + i], b[piece.b0 + j]) for j in range(n)] for i in range(m)]
    for i in range(m - 1, -1, -1):
        for j in range(n - 1, -1, -1):
            pair = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    found: list[Piece] = []
    i = j = i0 = j0 = 0
    while i < m and j < n:
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            if i > i0 or j > j0:
                found.append(Piece(piece.a0 + i0, piece.a0 + i, piece.b0 + j0, piece.b0 + j))
            found.append(Piece(piece.a0 + i, piece.a0 + i + 1, piece.b0 + j, piece.b0 + j + 1, True))
            i, j = i + 1, j + 1
            i0, j0 = i, j
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    if i0 < m or j0 < n:
        found.append(Piece(piece.a0 + i0, piece.a1, piece.b0 + j0, piece.b1))
    return found


class _Side:
    """One passage: its units, first character, sources named in it."""

    def __init__(self, units: Sequence[Unit], start: int, namings: Sequence[Naming], text: str) -> None:
        self.units, self.start, self.namings, self.text = units, start, namings, text
        self.aligned: Set[int] = frozenset()

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(u.key for u in self.units)

    def has_more(self, other: _Side, run: Sequence[Unit]) -> bool:
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

    def around(self, lo: int, hi: int) -> Sequence[Unit]:
        return self.units[max(0, lo - 2) : hi + 2]


def _one_sided(side: _Side, lo: int, hi: int, other: _Side, at: int, dropped: bool) -> list[Edit]:
    """Edits for units [lo, hi) that only one side has; cut where a source is named and at punctuation."""
    op = "delete" if dropped else "insert"
    place = other.span(at, at)
    cuts = [lo]
    for i in range(lo + 1, hi):
        if side.units[i].broken and (
            naming_of_source(side.units[i:hi], side.namings) == 0 or cuts[-1] in _starts(side, lo, i)
        ):
            cuts.append(i)
    edits: list[Edit] = []
    for begin, end in zip(cuts, [*cuts[1:], hi], strict=True):
        run = side.units[begin:end]
        source = naming_of_source(run, side.namings)
        if source is not None:
            kind = "attribution_dropped" if dropped else "attribution_added"
            named = source_keys(run[source:])
            if named and named <= other.keys:
                kind = "wording"  # the other side names it in another place
            elif not (closes_sentence(run[source:]) or passes_on(run[source].form)) and speaks(
                other.sentence(at)
            ):
                kind = "wording"  # somebody else, or nobody by name, says it there
        else:
            kind = run_kind(
                run,
                [*side.units[max(0, begin - 2) : begin], *side.units[end : end + 2], *other.around(at, at)],
                side.units[end : end + 1],
            )
            moved = kind in ("name", "date", "number") and other.has_more(side, run)
            if (
                moved
                or (kind == "number" and side.enumerates(begin))
                or (kind == "polarity" and other.denies(at))
            ):
                kind = "wording"
        span = side.span(begin, end)
        edits.append(Edit(op, kind, *span, *place) if dropped else Edit(op, kind, *place, *span))
    return edits


def _starts(side: _Side, lo: int, hi: int) -> set[int]:
    """Places in [lo, hi) where the naming of a source begins right away."""
    return {lo} if naming_of_source(side.units[lo:hi], side.namings) == 0 else set()


def _piece_edits(a: _Side, b: _Side, piece: Piece, aligned: Set[tuple[int, int]]) -> list[Edit]:
    if piece.a0 == piece.a1:
        return _one_sided(b, piece.b0, piece.b1, a, piece.a0, dropped=False)
    if piece.b0 == piece.b1:
        return _one_sided(a, piece.a0, piece.a1, b, piece.b0, dropped=True)
    if piece.paired:
        kind = pair_kind(a.units[piece.a0], b.units[piece.b0])
        beside = {(piece.a0 - 1, piece.b0 - 1), (piece.a1, piece.b1)}
        common = len(beside & aligned)
        common += piece.a0 == piece.b0 == 0
        common += piece.a1 == len(a.units) and piece.b1 == len(b.units)
        if common < _ANCHORS.get(kind or "", 0):
            kind = "wording"  # two words that stand in no common surroundings are not one for the other
    else:
        left, right = a.units[piece.a0 : piece.a1], b.units[piece.b0 : piece.b1]
        sources = naming_of_source(left, a.namings), naming_of_source(right, b.namings)
        if sources != (None, None):
            return [
                *_one_sided(a, piece.a0, piece.a1, b, piece.b0, dropped=True),
                *_one_sided(b, piece.b0, piece.b1, a, piece.a1, dropped=False),
            ]
        if _one_spelling(left, right):
            return [Edit("replace", "spelling", *a.span(piece.a0, piece.a1), *b.span(piece.b0, piece.b1))]
        kind = rewrite_kind(left, right, a.units[piece.a1 : piece.a1 + 1], b.units[piece.b1 : piece.b1 + 1])
    if kind is None:
        return []
    return [Edit("replace", kind, *a.span(piece.a0, piece.a1), *b.span(piece.b0, piece.b1))]


def _one_spelling(left: Sequence[Unit], right: Sequence[Unit]) -> bool:
    """True for the same words written together and apart: ما لا, مالا; أن لا, ألا."""
    one, two = ("".join(u.form for u in run).replace("انلا", "الا") for run in (left, right))
    return one == two


def _quote_drift(a: _Side, b: _Side, pairs: Sequence[tuple[int, int]]) -> list[Edit]:
    """Runs of aligned units that stand inside quotation marks on one side only.

    A single word counts only beside words that both sides quote: quotes around one name are house style.
    """
    edits: list[Edit] = []
    run: list[tuple[int, int]] = []
    before: tuple[int, int] | None = None

    def close(after: tuple[int, int] | None) -> None:
        beside = bool(run) and (_near(before, run[0]) or _near(run[-1], after))
        if run and _is_drift(a, b, run, beside):
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


def _near(one: tuple[int, int] | None, two: tuple[int, int] | None) -> bool:
    """True for two aligned pairs of units, the second at most two words behind the first on either side."""
    return one is not None and two is not None and all(0 < y - x <= 2 for x, y in zip(one, two, strict=True))


def _is_drift(a: _Side, b: _Side, run: Sequence[tuple[int, int]], beside: bool) -> bool:
    """True where marks around the run say that somebody's words begin or end elsewhere.

    Marks around a name, or brackets for marks, are house style; a single word counts only ``beside`` quoted words.
    """
    (i0, j0), (i1, j1) = run[0], run[-1]
    if beside:
        return True
    if len(run) < 2 or all(a.units[i].name or b.units[j].name for i, j in run):
        return False
    plain, lo, hi = (b, j0, j1) if a.units[i0].quoted else (a, i0, i1)
    before = plain.text[: plain.units[lo].start].rstrip()[-1:]
    after = plain.text[plain.units[hi].end :].lstrip()[:1]
    return not (before in ("(", "[", "{", "﴿") and after in (")", "]", "}", "﴾"))


def _moves(a: _Side, b: _Side, pieces: list[Piece]) -> tuple[list[Edit], list[Piece]]:
    """Runs that vanish in one place and stand, word for word, in another; and the pieces that are left."""
    arrivals: dict[tuple[str, ...], list[int]] = {}
    for n, p in enumerate(pieces):
        if p.b1 - p.b0 >= MOVE_WORDS:
            arrivals.setdefault(tuple(u.key for u in b.units[p.b0 : p.b1]), []).append(n)
    edits: list[Edit] = []
    left, came = set(), set()
    for n, p in enumerate(pieces):
        waiting = arrivals.get(tuple(u.key for u in a.units[p.a0 : p.a1]), [])
        place = next((m for m in waiting if m != n and m not in came), None)
        if place is not None:
            edits.append(
                Edit("move", "wording", *a.span(p.a0, p.a1), *b.span(pieces[place].b0, pieces[place].b1))
            )
            left.add(n)
            came.add(place)
    rest = []
    for n, p in enumerate(pieces):
        kept = p._replace(a1=p.a0 if n in left else p.a1, b1=p.b0 if n in came else p.b1)
        if kept.a0 < kept.a1 or kept.b0 < kept.b1:
            rest.append(kept)
    return edits, rest


def _joined(edits: list[Edit], texts: tuple[str, str]) -> list[Edit]:
    """Neighbouring wording edits as one: "إلى اتفاق" → "لاتفاق" is one change."""
    found: list[Edit] = []
    for e in edits:
        last = found[-1] if found else None
        if (
            last and "move" not in (last.op, e.op)
            and not texts[0][last.a_end : e.a_start].strip() and not texts[1][last.b_end : e.b_start].strip()
            and e.a_start >= last.a_end and e.b_start >= last.b_end
        ):  # fmt: skip
            spans = (
                _span((last.a_start, last.a_end), (e.a_start, e.a_end)),
                _span((last.b_start, last.b_end), (e.b_start, e.b_end)),
            )
            op = (
                "delete"
                if spans[1][0] == spans[1][1]
                else "insert"
                if spans[0][0] == spans[0][1]
                else "replace"
            )
            if op == "replace" and (last.op != e.op or last.kind == "wording") and _glued(texts, spans):
                found[-1] = Edit(op, "spelling", *spans[0], *spans[1])
            elif last.kind == e.kind == "wording":
                found[-1] = Edit(op, "wording", *spans[0], *spans[1])
            else:
                found.append(e)
        else:
            found.append(e)
    return found


def _glued(texts: tuple[str, str], spans: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """True for the same letters with other spaces: عبد الله, عبدالله."""
    left, right = (form("".join(t[s:e].split())) for t, (s, e) in zip(texts, spans, strict=True))
    return same_spelling(left, right)


def _span(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    """The stretch over both spans; an empty one does not widen the other."""
    filled = [s for s in (one, two) if s[0] < s[1]]
    return (filled[0][0], filled[-1][1]) if filled else one


def compare(
    a_text: str,
    a_units: Sequence[Unit],
    b_text: str,
    b_units: Sequence[Unit],
    a_namings: Sequence[Naming] = (),
    b_namings: Sequence[Naming] = (),
    a_start: int = 0,
    b_start: int = 0,
) -> Comparison:
    """Edits that turn passage a into passage b, in order of a, and the share of units that they have in common.

    a_units, b_units: see ``units.units``. a_namings, b_namings: sources that the claims layer found.
    a_start, b_start: first character of each passage, the place of an insertion before its first word.

    >>> from pipeline.text.units import units
    >>> a, b = "وصل الوفد اليوم الثلاثاء", "وصل الوفد أمس الثلاثاء"
    >>> [(e.op, e.kind, a[e.a_start:e.a_end], b[e.b_start:e.b_end]) for e in
    ...  compare(a, units(a, 0, len(a)), b, units(b, 0, len(b))).edits]
    [('replace', 'date', 'اليوم', 'أمس')]
    """
    left = _Side(a_units, a_start, a_namings, a_text)
    right = _Side(b_units, b_start, b_namings, b_text)
    pairs, rough = align(a_units, b_units)
    moved, rough = _moves(left, right, rough)
    edits = list(moved)
    for i, j in pairs:
        kind = pair_kind(a_units[i], b_units[j])
        if kind:
            edits.append(Edit("replace", kind, *left.span(i, i + 1), *right.span(j, j + 1)))
    aligned = frozenset(pairs)
    left.aligned, right.aligned = frozenset(i for i, _ in pairs), frozenset(j for _, j in pairs)
    for piece in rough:
        for part in _split(a_units, b_units, piece):
            edits.extend(_piece_edits(left, right, part, aligned))
    edits = _joined(sorted(edits, key=lambda e: e[2:]), (a_text, b_text))
    edits.extend(_quote_drift(left, right, pairs))
    total = len(a_units) + len(b_units)
    return Comparison(
        tuple(sorted(edits, key=lambda e: (e[2:], e[:2]))), 2 * len(pairs) / total if total else 1.0
    )
