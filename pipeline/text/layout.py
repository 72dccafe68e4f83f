"""From a dense passage to links: which sentences of one document stand against which of the other.

Two sentences belong together where they share most of the weight of one of them and neither has a better
partner; sentences that were merged or split chain into one link of several sentences. A passage whose words
were shuffled across sentences stays one link as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pipeline.text.passages import Document, Passage

MIN_SHARE = 0.5
"""Share of one sentence's weight that two sentences must have in common."""
MIN_MASS = 6.0
"""Least common weight of two linked sentences: two or three rare words."""
MAX_SENTENCES = 4
"""More sentences than these on one side of a link mean that the order is lost."""
MAX_FLANK = 10
"""A sentence that reaches further than this beyond the dense passage is cut at the passage, in words."""
MIN_COVER = 0.55
"""Share of a passage that sentence links must explain, else the passage is one link."""


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
        begin = end = at
        while begin > 0 and doc.sents[begin - 1] == doc.sents[at] and lo - begin < MAX_FLANK + 1:
            begin -= 1
        if lo - begin > MAX_FLANK:
            begin = lo
        while end < len(doc.keys) and doc.sents[end] == doc.sents[at] and end - hi < MAX_FLANK + 1:
            end += 1
        if end - hi > MAX_FLANK:
            end = hi
        found.append((begin, end))
        at = max(end, at + 1)
    return found


def _bag(doc: Document, span: tuple[int, int]) -> dict[int, int]:
    bag: dict[int, int] = defaultdict(int)
    for key in doc.keys[span[0] : span[1]]:
        bag[key] += 1
    return bag


def links(a: Document, b: Document, passage: Passage) -> list[Link]:
    """The links of one passage, in order of a; at least one."""
    found = sentence_links(a, b, passage.a0, passage.a1, passage.b0, passage.b1)
    if _cover(found, passage) < MIN_COVER:
        return [Link(passage.a0, passage.a1, passage.b0, passage.b1, False)]
    return found


def sentence_links(a: Document, b: Document, a0: int, a1: int, b0: int, b1: int) -> list[Link]:
    """Sentences of words [a0, a1) that stand against sentences of [b0, b1), in order of a.

    The best pairs are taken first. A further sentence joins a link where it continues it on one side (merged or
    split sentences); a sentence that was told twice may stand against its twin in a link of its own.
    """
    left, right = _sentences(a, a0, a1), _sentences(b, b0, b1)
    groups: list[tuple[list[int], list[int]]] = []
    of_a: dict[int, list[int]] = defaultdict(list)
    of_b: dict[int, list[int]] = defaultdict(list)
    for _, twice, i, j in _edges(a, b, left, right):
        if not of_a[i] and not of_b[j]:
            of_a[i].append(len(groups))
            of_b[j].append(len(groups))
            groups.append(([i], [j]))
            continue
        if not of_b[j] and _joins(groups, of_a[i], 1, j):
            of_b[j].append(of_a[i][0])
        elif not of_a[i] and _joins(groups, of_b[j], 0, i):
            of_a[i].append(of_b[j][0])
        elif twice and (not of_a[i] or not of_b[j]):
            of_a[i].append(len(groups))
            of_b[j].append(len(groups))
            groups.append(([i], [j]))
    found = [
        Link(left[min(x)][0], left[max(x)][1], right[min(y)][0], right[max(y)][1], True) for x, y in groups
    ]
    return sorted(found, key=lambda x: (x.a0, x.b0))


def _joins(groups: list[tuple[list[int], list[int]]], of: list[int], side: int, sentence: int) -> bool:
    """Add the sentence to the first group where it follows or precedes what stands there on that side."""
    if not of:
        return False
    group = groups[of[0]]
    held, other = group[side], group[1 - side]
    if len(held) < MAX_SENTENCES and len(other) == 1 and sentence in (min(held) - 1, max(held) + 1):
        held.append(sentence)
        return True
    return False


def _edges(
    a: Document, b: Document, left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> list[tuple[float, bool, int, int]]:
    """(minus common weight, told twice, sentence of a, sentence of b) for sentences that belong together, best first.

    Told twice: each holds most of the other, so that they may be linked beside a better partner.
    """
    bags_b = [_bag(b, s) for s in right]
    holders: dict[int, list[int]] = defaultdict(list)
    for j, bag in enumerate(bags_b):
        for key in bag:
            holders[key].append(j)
    mass_b = [sum(b.weights[s:e]) for s, e in right]
    found: list[tuple[float, bool, int, int]] = []
    for i, (s, e) in enumerate(left):
        common: dict[int, float] = defaultdict(float)
        weight = dict(zip(a.keys[s:e], a.weights[s:e], strict=True))
        mass_a = sum(a.weights[s:e])
        for key, n in _bag(a, (s, e)).items():
            for j in holders.get(key, ()):
                common[j] += weight[key] * min(n, bags_b[j][key])
        for j, mass in common.items():
            small, large = sorted((mass_a, mass_b[j]))
            if mass >= min(MIN_MASS, 0.8 * small) and mass >= MIN_SHARE * small and mass > 0:
                found.append((-mass, mass >= MIN_SHARE * large, i, j))
    return sorted(found)


def _cover(found: list[Link], passage: Passage) -> float:
    """Share of the passage that the links explain, on the side where it is smaller."""
    left = sum(max(0, min(x.a1, passage.a1) - max(x.a0, passage.a0)) for x in found)
    right = sum(max(0, min(x.b1, passage.b1) - max(x.b0, passage.b0)) for x in found)
    return min(left / (passage.a1 - passage.a0), right / (passage.b1 - passage.b0))
