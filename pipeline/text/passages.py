"""Passages that two documents share: found by dense common words, in whatever order, then laid out by sentence.

Seeds are common words that say something (weighted by rarity); neighbouring seeds grow into a region that is
dense on both sides (as in the winning systems of the PAN text-alignment tasks, Sanchez-Perez et al. 2014, with
words instead of sentences as seeds, so that shuffled words still count). Inside a region sentences are joined
where they share most of their weight; merged and split sentences become one passage.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.text.candidates import Corpus
from pipeline.text.overlaps import Bags, Ints, bags
from pipeline.text.regions import Shape

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Document:
    """One document of a corpus, ready to be compared: keys, weights, sentence numbers, which sentences follow the one
    before without anything between, and what a shared word gains a growing stretch.

    edges: where each sentence begins, in words, and the number of words at the end.
    key_row, ordinals: per word its key and which of the sentences it stands in, as arrays. weight_of: per key number.
    masses, fronts: [words + 1], sums of the weights before each word; fronts of weights that fall from 1.5 times to half
    of themselves over the text (news stands first, background last).
    """

    keys: list[int]
    weights: list[float]
    sents: list[int]
    follows: frozenset[int]
    gains: list[float]
    masses: list[float]
    fronts: list[float]
    edges: list[int]
    key_row: Ints
    ordinals: Ints
    weight_of: npt.NDArray[np.float64]

    @cached_property
    def sentence_bags(self) -> Bags:
        """The keys of every sentence."""
        return bags(self.key_row, self.ordinals, len(self.edges) - 1)

    def bags(self, lo: int, hi: int) -> Bags:
        """The keys of every sentence that [lo, hi) touches, of what lies inside."""
        if hi - lo == len(self.keys):
            return self.sentence_bags
        sentences = self.ordinals[lo:hi]
        first = int(sentences[0])
        return bags(self.key_row[lo:hi], sentences - first, int(sentences[-1]) - first + 1)

    def sentence(self, at: int) -> tuple[int, int]:
        """Word range of the sentence that holds word ``at``."""
        n = bisect_right(self.edges, at)
        return self.edges[n - 1], self.edges[n]


@dataclass(frozen=True)
class Passage:
    """Words [a0, a1) of one document and [b0, b1) of another that carry the same matter."""

    a0: int
    a1: int
    b0: int
    b1: int
    share: float
    ordered: bool


def document(corpus: Corpus, number: int) -> Document:
    """Document ``number`` of the corpus."""
    begin, end = int(corpus.first[number]), int(corpus.first[number + 1])
    keys, sents = corpus.key[begin:end], corpus.sent[begin:end]
    weights = corpus.weights[keys]
    fronts = weights * (1.5 - np.arange(len(keys)) / max(len(keys), 1))
    begins = sents[1:] != sents[:-1]
    edges = [0, *(np.flatnonzero(begins) + 1).tolist(), len(keys)] if len(keys) else [0]
    ordinals = np.append(0, np.cumsum(begins))[: len(keys)]
    return Document(
        keys.tolist(), weights.tolist(), sents.tolist(), corpus.follows[number],
        (np.minimum(weights, 4.0) + 0.15).tolist(), _sums(weights), _sums(fronts), edges, keys, ordinals, corpus.weights,
    )  # fmt: skip


def _sums(weights: npt.NDArray[np.float64]) -> list[float]:
    """Sums of the weights before each place."""
    found: list[float] = np.concatenate([[0.0], np.cumsum(weights)]).tolist()
    return found


TOLL = 2.2
"""What a word that is not shared costs a growing stretch."""


def _grow(doc: Document, lo: int, hi: int, inside: set[int], drop: float) -> tuple[int, int]:
    """The stretch around [lo, hi) that gains most: shared words pay their weight, others cost a fixed toll."""
    keys, gains = doc.keys, doc.gains

    def reach(steps: range) -> int:
        best = total = 0.0
        mark = 0
        for n, at in enumerate(steps, 1):
            total += gains[at] if keys[at] in inside else -TOLL
            if total > best:
                best, mark = total, n
            elif total < best - drop:
                break
        return mark

    lo2, hi2 = lo - reach(range(lo - 1, -1, -1)), hi + reach(range(hi, len(keys)))
    # Trim from inside as well: start from the middle and keep the best prefix and suffix.
    mid = (lo2 + hi2) // 2
    before = _best(keys[lo2:mid][::-1], gains[lo2:mid][::-1], inside)
    return mid - before, mid + _best(keys[mid:hi2], gains[mid:hi2], inside)


def _best(keys: list[int], gains: list[float], inside: set[int]) -> int:
    """How many words from the start on gain most."""
    if inside.issuperset(keys):
        return len(keys)
    best = total = 0.0
    mark = 0
    for n, (key, gain) in enumerate(zip(keys, gains, strict=True), 1):
        if key in inside:
            total += gain
            if total >= best:
                best, mark = total, n
        else:
            total -= TOLL
    return mark


def settle(a: Document, b: Document, box: Box, shape: Shape) -> Box | None:
    """The box of a region after growing and trimming both sides; None where too little is left."""
    a0, a1, b0, b1 = box
    for _ in range(2):
        a0, a1 = _grow(a, a0, a1, set(b.keys[max(0, b0 - 6) : b1 + 6]), shape.drop)
        b0, b1 = _grow(b, b0, b1, set(a.keys[max(0, a0 - 6) : a1 + 6]), shape.drop)
        if a1 - a0 < 4 or b1 - b0 < 4:
            return None
    return a0, a1, b0, b1


def share(a: Document, b: Document, box: Box) -> tuple[float, float]:
    """The smaller of the two shares of weight that each side of the box finds on the other side, and that weight."""
    a0, a1, b0, b1 = box
    left, right = Counter(a.keys[a0:a1]), Counter(b.keys[b0:b1])
    weight = dict(zip(a.keys[a0:a1], a.weights[a0:a1], strict=True))
    common = sum(weight[k] * min(n, right[k]) for k, n in left.items() if k in right)
    return common / max(sum(a.weights[a0:a1]), sum(b.weights[b0:b1]), 1e-9), common


def passages(a: Document, b: Document, found: Iterable[Box], shape: Shape) -> list[Passage]:
    """The passages that a and b share, in order of a, out of the regions that are dense with common words."""
    boxes: list[tuple[Box, float]] = []
    for region in found:
        box = settle(a, b, region, shape)
        if box is None:
            continue
        value, mass = share(a, b, box)
        words = min(box[1] - box[0], box[3] - box[2])
        if value >= shape.min_share and mass >= shape.min_mass and words >= shape.min_words:
            boxes.append((box, value))
    kept: list[Passage] = []
    for box, value in sorted(boxes, key=lambda x: (-(x[0][1] - x[0][0]) * x[1], x[0])):
        if any(_covered(box, (p.a0, p.a1, p.b0, p.b1)) for p in kept):
            continue
        kept.append(Passage(*box, share=value, ordered=False))
    return sorted(kept, key=lambda p: (p.a0, p.b0))


def _covered(box: Box, other: Box) -> bool:
    """True where most of the box already lies in the other on both sides."""
    left = min(box[1], other[1]) - max(box[0], other[0])
    right = min(box[3], other[3]) - max(box[2], other[2])
    return left > 0.5 * (box[1] - box[0]) and right > 0.5 * (box[3] - box[2])
