"""From a dense passage to links: which sentences of one document stand against which of the other.

Two sentences belong together where they share most of the weight of one of them and neither has a better
partner; sentences that were merged or split chain into one link of several sentences. A passage whose words
were shuffled across sentences stays one link as a whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from pipeline.text.overlaps import Floats, common
from pipeline.text.passages import Document, Passage

MIN_SHARE = 0.5
"""Share of one sentence's weight that two sentences must have in common."""
MIN_MASS = 6.0
"""Least common weight of two linked sentences: two or three rare words."""
MAX_SENTENCES = 4
"""More sentences than these on one side of a link mean that the order is lost."""
TWIN_MASS = 20.0
"""Least common weight of a sentence and its second telling."""
MIN_BETWEEN = 0.12
"""Share that two stretches between neighbouring links must have in common."""
MIN_WORDS = 3
"""Fewest words on each side of a link."""
MAX_GAP = 60
"""Longest such stretch, in words."""
SNAP = 80
"""Longest sentence whose borders a shuffled passage is moved to, in words."""
MAX_FLANK = 10
"""A sentence that reaches further than this beyond the dense passage is cut at the passage, in words."""
MIN_ORDER = 0.6
"""Share of a passage's common words that must stand in order inside sentence links, else it is one link."""
MIN_LINK = 0.35
"""Share of the heavier side that a link must have in common: a headline is not a whole paragraph."""


@dataclass(frozen=True)
class Link:
    """Words [a0, a1) of a against [b0, b1) of b; ``ordered`` is False where only the bag of words agrees."""

    a0: int
    a1: int
    b0: int
    b1: int
    ordered: bool


def _sentences(doc: Document, lo: int, hi: int) -> list[tuple[int, int]]:
    """Word ranges of the sentences that [lo, hi) touches, cut where they reach far beyond it."""
    found = []
    at = lo
    while at < hi:
        begin, end = doc.sentence(at)
        if lo - begin > MAX_FLANK:
            begin = lo
        if end - hi > MAX_FLANK:
            end = hi
        found.append((begin, end))
        at = end
    return found


def links(a: Document, b: Document, passage: Passage) -> list[Link]:
    """The links of one passage, in order of a; at least one."""
    firm, twins = _paired(a, b, passage.a0, passage.a1, passage.b0, passage.b1)
    if _order(a, b, firm, passage) < MIN_ORDER or _tangled(firm):
        a0, a1 = _snapped(a, passage.a0, passage.a1)
        b0, b1 = _snapped(b, passage.b0, passage.b1)
        return [Link(a0, a1, b0, b1, False)]
    return sorted([*firm, *twins, *_between(a, b, firm)], key=lambda x: (x.a0, x.b0))


def sentence_links(a: Document, b: Document, a0: int, a1: int, b0: int, b1: int) -> list[Link]:
    """Sentences of words [a0, a1) that stand against sentences of [b0, b1), in order of a.

    The best pairs are taken first. A further sentence joins a link where it continues it on one side and finds
    words there that no other sentence took (merged or split sentences); a sentence that was told twice may stand
    against its twin in a link of its own.
    """
    firm, twins = _paired(a, b, a0, a1, b0, b1)
    return sorted([*firm, *twins, *_between(a, b, firm)], key=lambda x: (x.a0, x.b0))


def _paired(a: Document, b: Document, a0: int, a1: int, b0: int, b1: int) -> tuple[list[Link], list[Link]]:
    """(links in which each sentence stands once, links of sentences that were told twice), in order of a."""
    left, right = _Sentences(a, a0, a1), _Sentences(b, b0, b1)
    groups: list[tuple[list[int], list[int]]] = []
    twins: list[tuple[list[int], list[int]]] = []
    of_a: dict[int, int] = {}
    of_b: dict[int, int] = {}
    met = common(left.bags, right.bags, a.weight_of)
    for edge in _edges(left, right, met):
        i, j = edge.i, edge.j
        if i not in of_a and j not in of_b:
            of_a[i] = of_b[j] = len(groups)
            groups.append(([i], [j]))
        elif i in of_a and j not in of_b and _joins(left, right, groups[of_a[i]], j):
            of_b[j] = of_a[i]
        elif j in of_b and i not in of_a and _joins(right, left, groups[of_b[j]][::-1], i):
            of_a[i] = of_b[j]
        elif edge.twice and (i not in of_a or j not in of_b):
            of_a.setdefault(i, -1)
            of_b.setdefault(j, -1)
            twins.append(([i], [j]))
    return _linked(left, right, groups, met), _linked(left, right, twins, met)


def _linked(
    left: _Sentences, right: _Sentences, groups: list[tuple[list[int], list[int]]], met: Floats
) -> list[Link]:
    """The groups that agree as wholes, as links in order of a."""
    found = [Link(*left.words(x), *right.words(y), True) for x, y in groups if _agree(left, x, right, y, met)]
    long = (x for x in found if min(x.a1 - x.a0, x.b1 - x.b0) >= MIN_WORDS)
    return sorted(long, key=lambda x: (x.a0, x.b0))


def _tangled(firm: list[Link]) -> bool:
    """True where the links cross so often that phrases, not sentences, were moved."""
    breaks = sum(later.b0 < earlier.b0 for earlier, later in pairwise(firm))
    clash = any(x.b0 < y.b1 and y.b0 < x.b1 for x, y in pairwise(sorted(firm, key=lambda x: x.b0)))
    return clash or (breaks >= 2 and breaks > 0.2 * len(firm))


def _between(a: Document, b: Document, firm: list[Link]) -> list[Link]:
    """Stretches between two neighbouring links that rewrite each other: alike in length, with words in common."""
    found = []
    for x, y in pairwise(firm):
        gap_a, gap_b = y.a0 - x.a1, y.b0 - x.b1
        if not (
            MIN_WORDS <= gap_a <= MAX_GAP
            and MIN_WORDS <= gap_b <= MAX_GAP
            and max(gap_a, gap_b) <= 2.5 * min(gap_a, gap_b)
        ):
            continue
        left, right = Counter(a.keys[x.a1 : y.a0]), Counter(b.keys[x.b1 : y.b0])
        weight = dict(zip(a.keys[x.a1 : y.a0], a.weights[x.a1 : y.a0], strict=True))
        common = sum(weight[k] * min(n, right[k]) for k, n in left.items() if k in right)
        if common >= MIN_BETWEEN * max(a.masses[y.a0] - a.masses[x.a1], b.masses[y.b0] - b.masses[x.b1]):
            found.append(Link(x.a1, y.a0, x.b1, y.b0, True))
    return found


def _snapped(doc: Document, lo: int, hi: int) -> tuple[int, int]:
    """The stretch with its ends moved to the border of the sentence that they cut, where most of it lies on one side."""
    begin, end = _around(doc, lo)
    if end - begin <= SNAP and begin < lo < hi:
        inside = (end - lo) / (end - begin)
        lo = begin if inside >= 0.7 else min(end, hi - 1) if inside <= 0.3 else lo
    begin, end = _around(doc, hi - 1)
    if end - begin <= SNAP and lo < hi < end:
        inside = (hi - begin) / (end - begin)
        hi = end if inside >= 0.7 else max(begin, lo + 1) if inside <= 0.3 else hi
    return lo, hi


def _around(doc: Document, at: int) -> tuple[int, int]:
    """Word range of the sentence that holds word ``at``, looked at within SNAP words."""
    begin = end = at
    while begin > 0 and doc.sents[begin - 1] == doc.sents[at] and at - begin <= SNAP:
        begin -= 1
    while end < len(doc.sents) and doc.sents[end] == doc.sents[at] and end - at <= SNAP:
        end += 1
    return begin, end


def _agree(left: _Sentences, x: list[int], right: _Sentences, y: list[int], met: Floats) -> bool:
    """True where the linked sentences have enough in common, measured on the heavier side. met: see ``_edges``."""
    if len(x) == len(y) == 1:
        shared = met.item(x[0], y[0])
    else:
        one, two = (sum((side.bag(n) for n in row), Counter[int]()) for side, row in ((left, x), (right, y)))
        weight = left.doc.weight_of
        shared = sum(weight.item(key) * min(n, two[key]) for key, n in one.items() if key in two)
    return shared >= MIN_LINK * max(sum(left.mass[n] for n in x), sum(right.mass[n] for n in y))


class _Sentences:
    """The sentences of a stretch of a document: word ranges, keys, masses."""

    def __init__(self, doc: Document, lo: int, hi: int) -> None:
        self.doc = doc
        self.spans = _sentences(doc, lo, hi)
        self.bags = doc.bags(self.spans[0][0], self.spans[-1][1])
        self.mass = [doc.masses[e] - doc.masses[s] for s, e in self.spans]

    def words(self, numbers: list[int]) -> tuple[int, int]:
        """Word range of neighbouring sentences."""
        return self.spans[min(numbers)][0], self.spans[max(numbers)][1]

    def continues(self, number: int) -> bool:
        """True where nothing but white space stands before the sentence."""
        return self.doc.sents[self.spans[number][0]] in self.doc.follows

    def bag(self, number: int) -> Counter[int]:
        """How often each key stands in a sentence."""
        s, e = self.spans[number]
        return Counter(self.doc.keys[s:e])


def _joins(one: _Sentences, many: _Sentences, group: tuple[list[int], list[int]], sentence: int) -> bool:
    """Add the sentence to the ``many`` side of a link (its single sentence on the other side was merged or split).

    It must follow or precede what stands there, and most of it must meet words that are still free.
    """
    other, held = group
    if len(other) != 1 or len(held) >= MAX_SENTENCES:
        return False
    if sentence == max(held) + 1:
        glued = many.continues(sentence)
    elif sentence == min(held) - 1:
        glued = many.continues(min(held))
    else:
        return False
    if not glued:
        return False
    free = one.bag(other[0])
    for number in held:
        free.subtract(many.bag(number))
    weight = many.doc.weight_of
    gain = sum(weight.item(k) * min(n, free[k]) for k, n in many.bag(sentence).items() if free[k] > 0)
    if gain < MIN_SHARE * many.mass[sentence]:
        return False
    held.append(sentence)
    return True


class _Edge(NamedTuple):
    """Two sentences that belong together; sorts best first, and nearest in place among equals."""

    mass: float
    distance: float
    i: int
    j: int
    twice: bool


def _edges(left: _Sentences, right: _Sentences, met: Floats) -> list[_Edge]:
    """Pairs of sentences that share most of the weight of one of them, best first.

    met: [sentences of left, of right], the weight that they have in common. Told twice: each holds most of the other,
    so that they may be linked beside a better partner.
    """
    one, two = np.array(left.mass)[:, None], np.array(right.mass)[None, :]
    small = np.minimum(one, two)
    rows, columns = (
        (met >= np.minimum(MIN_MASS, 0.8 * small)) & (met >= MIN_SHARE * small) & (met > 0)
    ).nonzero()
    found: list[_Edge] = []
    for i, j, mass in zip(rows.tolist(), columns.tolist(), met[rows, columns].tolist(), strict=True):
        twice = mass >= TWIN_MASS and mass >= MIN_SHARE * max(left.mass[i], right.mass[j])
        distance = abs(i / len(left.mass) - j / len(right.mass))
        found.append(_Edge(-mass, distance, i, j, twice))
    return sorted(found)


def _order(a: Document, b: Document, found: list[Link], passage: Passage) -> float:
    """Share of the passage's common words that stand in the same order inside the links."""
    left, right = Counter(a.keys[passage.a0 : passage.a1]), Counter(b.keys[passage.b0 : passage.b1])
    common = sum(min(n, right[k]) for k, n in left.items() if k in right)
    ordered = sum(LCSseq.similarity(a.keys[x.a0 : x.a1], b.keys[x.b0 : x.b1]) for x in found)
    return ordered / common if common else 0.0
