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
    left, right = _sentences(a, passage.a0, passage.a1), _sentences(b, passage.b0, passage.b1)
    edges = _edges(a, b, left, right)
    found: list[Link] = []
    for ins, outs in _components(edges):
        if ins[-1] - ins[0] + 1 != len(ins) or outs[-1] - outs[0] + 1 != len(outs):
            continue
        if len(ins) > MAX_SENTENCES or len(outs) > MAX_SENTENCES:
            continue
        found.append(Link(left[ins[0]][0], left[ins[-1]][1], right[outs[0]][0], right[outs[-1]][1], True))
    if _cover(found, passage) < MIN_COVER:
        return [Link(passage.a0, passage.a1, passage.b0, passage.b1, False)]
    return sorted(found, key=lambda x: (x.a0, x.b0))


def _edges(
    a: Document, b: Document, left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pairs of sentence numbers that belong together."""
    bags_b = [_bag(b, s) for s in right]
    holders: dict[int, list[int]] = defaultdict(list)
    for j, bag in enumerate(bags_b):
        for key in bag:
            holders[key].append(j)
    mass_b = [sum(b.weights[s:e]) for s, e in right]
    common: dict[tuple[int, int], float] = defaultdict(float)
    mass_a = []
    for i, (s, e) in enumerate(left):
        weight = dict(zip(a.keys[s:e], a.weights[s:e], strict=True))
        mass_a.append(sum(a.weights[s:e]))
        for key, n in _bag(a, (s, e)).items():
            for j in holders.get(key, ()):
                common[i, j] += weight[key] * min(n, bags_b[j][key])
    best_a: dict[int, float] = defaultdict(float)
    best_b: dict[int, float] = defaultdict(float)
    for (i, j), mass in common.items():
        best_a[i] = max(best_a[i], mass)
        best_b[j] = max(best_b[j], mass)
    return sorted(
        (i, j)
        for (i, j), mass in common.items()
        if mass >= min(MIN_MASS, 0.8 * min(mass_a[i], mass_b[j]))
        and mass >= MIN_SHARE * min(mass_a[i], mass_b[j])
        and (mass >= best_a[i] or mass >= best_b[j])
    )


def _components(edges: list[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """Connected groups (sentences of a, sentences of b), each sorted."""
    group_a: dict[int, int] = {}
    group_b: dict[int, int] = {}
    groups: dict[int, tuple[set[int], set[int]]] = {}
    for number, (i, j) in enumerate(edges):
        old = {g for g in (group_a.get(i), group_b.get(j)) if g is not None}
        ins, outs = {i}, {j}
        for g in old:
            ins |= groups[g][0]
            outs |= groups[g][1]
            del groups[g]
        groups[number] = (ins, outs)
        group_a.update(dict.fromkeys(ins, number))
        group_b.update(dict.fromkeys(outs, number))
    return sorted((sorted(ins), sorted(outs)) for ins, outs in groups.values())


def _cover(found: list[Link], passage: Passage) -> float:
    """Share of the passage that the links explain, on the side where it is smaller."""
    left = sum(max(0, min(x.a1, passage.a1) - max(x.a0, passage.a0)) for x in found)
    right = sum(max(0, min(x.b1, passage.b1) - max(x.b0, passage.b0)) for x in found)
    return min(left / (passage.a1 - passage.a0), right / (passage.b1 - passage.b0))
