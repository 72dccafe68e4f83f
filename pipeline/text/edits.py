"""What one passage changed against another: word-level operations, each with a kind and characters on both sides.

Units are aligned by the longest common subsequence of their keys; what lies between is paired by likeness, then
classified from the most telling kind to the plainest. A number of the same value in figures and words is
``spelling``; another value is ``number``. Words changed inside quotation marks keep their own kind; ``quote_drift``
is a mark that moved, appeared or vanished around words that stayed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Indel

from pipeline.text.edit_figures import comes_from, joined_denial, other_figure, put_figure
from pipeline.text.edit_kinds import (
    Naming,
    likeness,
    pair_kind,
    rewrite_kind,
    run_kind,
    same_spelling,
)
from pipeline.text.edit_names import names_somebody, other_name, renamed
from pipeline.text.edit_quotes import quote_drift
from pipeline.text.edit_sides import Edit, Side
from pipeline.text.edit_sources import kept_source, naming_of_source
from pipeline.text.similarity import form, stop_keys
from pipeline.text.units import Unit

__all__ = ["Comparison", "Edit", "align", "compare"]


@dataclass(frozen=True)
class Comparison:
    """All edits between two passages and how much of their units is common (Dice of the aligned keys, 0 to 1)."""

    edits: tuple[Edit, ...]
    similarity: float


class Piece(NamedTuple):
    """Units [a0, a1) stand against units [b0, b1); ``paired`` where single units were matched by likeness."""

    a0: int
    a1: int
    b0: int
    b1: int
    paired: bool = False


TABLE_LIMIT = 400
"""Largest m × n block that is paired word by word; larger ones are rewrites as a whole."""
_ANCHORS = {"polarity": 1, "loaded_word": 1, "number": 1, "date": 1}
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


def _one_sided(
    side: Side, lo: int, hi: int, other: Side, at: int, dropped: bool, instead: int | None = None
) -> list[Edit]:
    """Edits for units [lo, hi) that only one side has; cut where a source is named and at punctuation.

    instead: where the words of ``other`` begin that stand in their place and end at ``at``, if there are any.
    """
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
            if kept_source(
                side, begin, begin + source, end, hi, other, at, at if instead is None else instead
            ):
                kind = "wording"
        else:
            kind = run_kind(
                run,
                [*side.units[max(0, begin - 2) : begin], *side.units[end : end + 2], *other.around(at, at)],
                side.units[end : end + 1],
            )
            if kind == "name" and not names_somebody(side, begin, end, other, at):
                kind = "wording"
            if kind == "date" and (
                comes_from(run, side.units[end : end + 1])
                or any(u.date and u.surface in other.beyond(at) for u in run)
            ):
                kind = "wording"  # no day, or one that the passage only cut off
            if kind == "number":
                kind = put_figure(side, begin, end, other, at)
            if kind == "polarity" and (other.denies(at) or joined_denial(side, end, other, at)):
                kind = "wording"
            if kind in ("name", "date", "number") and other.has_more(side, run):
                kind = "wording"  # it only moved
        span = side.span(begin, end)
        edits.append(Edit(op, kind, *span, *place) if dropped else Edit(op, kind, *place, *span))
    return edits


def _starts(side: Side, lo: int, hi: int) -> set[int]:
    """Places in [lo, hi) where the naming of a source begins right away."""
    return {lo} if naming_of_source(side.units[lo:hi], side.namings) == 0 else set()


def _piece_edits(a: Side, b: Side, piece: Piece, aligned: Set[tuple[int, int]]) -> list[Edit]:
    if piece.a0 == piece.a1:
        return _one_sided(b, piece.b0, piece.b1, a, piece.a0, dropped=False)
    if piece.b0 == piece.b1:
        return _one_sided(a, piece.a0, piece.a1, b, piece.b0, dropped=True)
    if piece.paired:
        kind = pair_kind(a.units[piece.a0], b.units[piece.b0])
        if kind == "name":
            kind = other_name(a, piece.a0, b, piece.b0, aligned)
        if kind == "number":
            kind = other_figure(a, piece.a0, b, piece.b0)
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
                *_one_sided(b, piece.b0, piece.b1, a, piece.a1, dropped=False, instead=piece.a0),
            ]
        if _one_spelling(left, right):
            return [Edit("replace", "spelling", *a.span(piece.a0, piece.a1), *b.span(piece.b0, piece.b1))]
        kind = rewrite_kind(left, right, a.units[piece.a1 : piece.a1 + 1], b.units[piece.b1 : piece.b1 + 1])
        if kind == "name" and not renamed(a, left, b, right):
            kind = "wording"
    if kind is None:
        return []
    return [Edit("replace", kind, *a.span(piece.a0, piece.a1), *b.span(piece.b0, piece.b1))]


def _one_spelling(left: Sequence[Unit], right: Sequence[Unit]) -> bool:
    """True for the same words written together and apart: ما لا, مالا; أن لا, ألا."""
    one, two = ("".join(u.form for u in run).replace("انلا", "الا") for run in (left, right))
    return one == two


def _moves(a: Side, b: Side, pieces: list[Piece]) -> tuple[list[Edit], list[Piece]]:
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
    if len(a_units) == len(b_units) and all(
        x.surface == y.surface and x.quoted == y.quoted for x, y in zip(a_units, b_units, strict=True)
    ):
        return Comparison((), 1.0)
    left = Side(a_units, a_start, a_namings, a_text)
    right = Side(b_units, b_start, b_namings, b_text)
    pairs, rough = align(a_units, b_units)
    moved, rough = _moves(left, right, rough)
    edits = list(moved)
    for i, j in pairs:
        one, two = a_units[i], b_units[j]
        if one.surface != two.surface and (kind := pair_kind(one, two)):
            edits.append(Edit("replace", kind, *left.span(i, i + 1), *right.span(j, j + 1)))
    aligned = frozenset(pairs)
    left.aligned, right.aligned = dict(pairs), {j: i for i, j in pairs}
    for piece in rough:
        for part in _split(a_units, b_units, piece):
            edits.extend(_piece_edits(left, right, part, aligned))
    edits = _joined(sorted(edits, key=lambda e: e[2:]), (a_text, b_text))
    edits.extend(quote_drift(left, right, pairs))
    total = len(a_units) + len(b_units)
    return Comparison(
        tuple(sorted(edits, key=lambda e: (e[2:], e[:2]))), 2 * len(pairs) / total if total else 1.0
    )
