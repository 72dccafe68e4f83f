"""From a dense passage to links: which sentences of one document stand against which of the other.

Two sentences belong together where they share most of the weight of one of them and neither has a better
partner; sentences that were merged or split chain into one link of several sentences. A passage whose words
were shuffled across sentences stays one link as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from pipeline.text.passages import Document, Passage

MIN_SHARE = 0.5
"""Share of one sentence's weight that two sentences must have in common."""
MIN_MASS = 6.0
"""Least common weight of two linked sentences: two or three rare words."""
MAX_SENTENCES = 4
"""More sentences than these on one side of a link mean that the order is lost."""
MAX_FLANK = 10
"""A sentence that reaches further than this beyond the dense passage is cut at the passage, in words."""
MIN_ORDER = 0.6
"""Share of a passage's common words that must stand in order inside sentence links, else it is one link."""
MIN_LINK = 0.3
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
    if _order(a, b, found, passage) < MIN_ORDER:
        return [Link(passage.a0, passage.a1, passage.b0, passage.b1, False)]
    return found


def sentence_links(a: Document, b: Document, a0: int, a1: int, b0: int, b1: int) -> list[Link]:
    """Sentences of words [a0, a1) that stand against sentences of [b0, b1), in order of a.

    The best pairs are taken first. A further sentence joins a link where it continues it on one side and finds
    words there that no other sentence took (merged or split sentences); a sentence that was told twice may stand
    against its twin in a link of its own.
    """
    left, right = _Sentences(a, a0, a1), _Sentences(b, b0, b1)
    groups: list[tuple[list[int], list[int]]] = []
    of_a: dict[int, list[int]] = defaultdict(list)
    of_b: dict[int, list[int]] = defaultdict(list)
    for _, twice, i, j in _edges(left, right):
        if of_a[i] and of_b[j] and not twice:
            continue
        if not of_b[j] and of_a[i] and _joins(left, right, groups[of_a[i][0]], j):
            of_b[j].append(of_a[i][0])
        elif not of_a[i] and of_b[j] and _joins(right, left, groups[of_b[j][0]][::-1], i):
            of_a[i].append(of_b[j][0])
        elif (not of_a[i] and not of_b[j]) or (twice and (not of_a[i] or not of_b[j])):
            of_a[i].append(len(groups))
            of_b[j].append(len(groups))
            groups.append(([i], [j]))
    found = [Link(*left.words(x), *right.words(y), True) for x, y in groups if _agree(left, x, right, y)]
    return sorted(found, key=lambda x: (x.a0, x.b0))


def _agree(left: _Sentences, x: list[int], right: _Sentences, y: list[int]) -> bool:
    """True where the linked sentences have enough in common, measured on the heavier side."""
    bag: dict[int, int] = defaultdict(int)
    weight: dict[int, float] = {}
    for number in x:
        weight.update(left.weight(number))
        for key, n in left.bags[number].items():
            bag[key] += n
    common = 0.0
    for number in y:
        for key, n in right.bags[number].items():
            taken = min(n, bag.get(key, 0))
            if taken:
                bag[key] -= taken
                common += weight[key] * taken
    return common >= MIN_LINK * max(sum(left.mass[n] for n in x), sum(right.mass[n] for n in y))


class _Sentences:
    """The sentences of a stretch of a document: word ranges, bags of keys, masses."""

    def __init__(self, doc: Document, lo: int, hi: int) -> None:
        self.doc = doc
        self.spans = _sentences(doc, lo, hi)
        self.bags = [_bag(doc, s) for s in self.spans]
        self.mass = [sum(doc.weights[s:e]) for s, e in self.spans]

    def words(self, numbers: list[int]) -> tuple[int, int]:
        """Word range of neighbouring sentences."""
        return self.spans[min(numbers)][0], self.spans[max(numbers)][1]

    def continues(self, number: int) -> bool:
        """True where nothing but white space stands before the sentence."""
        return self.doc.sents[self.spans[number][0]] in self.doc.follows

    def weight(self, number: int) -> dict[int, float]:
        s, e = self.spans[number]
        return dict(zip(self.doc.keys[s:e], self.doc.weights[s:e], strict=True))


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
    free = dict(one.bags[other[0]])
    for number in held:
        for key, n in many.bags[number].items():
            if key in free:
                free[key] -= n
    weight = many.weight(sentence)
    gain = sum(weight[k] * min(n, free[k]) for k, n in many.bags[sentence].items() if free.get(k, 0) > 0)
    if not glued or gain < MIN_SHARE * many.mass[sentence]:
        return False
    held.append(sentence)
    return True


def _edges(left: _Sentences, right: _Sentences) -> list[tuple[float, bool, int, int]]:
    """(minus common weight, told twice, sentence of a, sentence of b) for sentences that belong together, best first.

    Told twice: each holds most of the other, so that they may be linked beside a better partner.
    """
    holders: dict[int, list[int]] = defaultdict(list)
    for j, bag in enumerate(right.bags):
        for key in bag:
            holders[key].append(j)
    found: list[tuple[float, bool, int, int]] = []
    for i, bag in enumerate(left.bags):
        common: dict[int, float] = defaultdict(float)
        weight = left.weight(i)
        for key, n in bag.items():
            for j in holders.get(key, ()):
                common[j] += weight[key] * min(n, right.bags[j][key])
        for j, mass in common.items():
            small, large = sorted((left.mass[i], right.mass[j]))
            if mass >= min(MIN_MASS, 0.8 * small) and mass >= MIN_SHARE * small and mass > 0:
                found.append((-mass, mass >= MIN_SHARE * large, i, j))
    return sorted(found)


def _order(a: Document, b: Document, found: list[Link], passage: Passage) -> float:
    """Share of the passage's common words that stand in the same order inside the links."""
    left, right = _bag(a, (passage.a0, passage.a1)), _bag(b, (passage.b0, passage.b1))
    common = sum(min(n, right[k]) for k, n in left.items() if k in right)
    ordered = sum(LCSseq.similarity(a.keys[x.a0 : x.a1], b.keys[x.b0 : x.b1]) for x in found)
    return ordered / common if common else 0.0
