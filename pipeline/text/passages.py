"""Passages that two documents share: found by dense common words, in whatever order, then laid out by sentence.

Seeds are common words that say something (weighted by rarity); neighbouring seeds grow into a region that is
dense on both sides (as in the winning systems of the PAN text-alignment tasks, Sanchez-Perez et al. 2014, with
words instead of sentences as seeds, so that shuffled words still count). Inside a region sentences are joined
where they share most of their weight; merged and split sentences become one passage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from pipeline.text.candidates import Corpus

Match = tuple[int, int, float]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Shape:
    """Thresholds of passage finding; lengths in words, masses in summed word weights (nats)."""

    gap: int = 24
    min_weight: float = 1.6
    min_mass: float = 22.0
    min_share: float = 0.45
    min_words: int = 9
    drop: float = 9.0
    max_repeat: int = 12


@dataclass(frozen=True)
class Document:
    """One document of a corpus, ready to be compared: keys, weights, sentence numbers, where each key stands, which
    sentences follow the one before without anything between, and what a shared word gains a growing stretch.

    masses, fronts: [words + 1], sums of the weights before each word; fronts of weights that fall from 1.5 times to half
    of themselves over the text (news stands first, background last).
    """

    keys: list[int]
    weights: list[float]
    sents: list[int]
    places: dict[int, list[int]]
    follows: frozenset[int]
    gains: list[float]
    masses: list[float]
    fronts: list[float]


@dataclass(frozen=True)
class Passage:
    """Words [a0, a1) of one document and [b0, b1) of another that carry the same matter."""

    a0: int
    a1: int
    b0: int
    b1: int
    share: float
    ordered: bool


def document(corpus: Corpus, number: int, shape: Shape) -> Document:
    """Document ``number`` of the corpus with its index of telling keys."""
    begin, end = int(corpus.first[number]), int(corpus.first[number + 1])
    keys = corpus.key[begin:end].tolist()
    weights = corpus.weights[corpus.key[begin:end]]
    telling = np.flatnonzero(weights >= shape.min_weight)
    found = corpus.key[begin:end][telling]
    order = np.argsort(found, kind="stable")
    found, standing = found[order], telling[order].tolist()
    edges = np.flatnonzero(np.append(True, found[1:] != found[:-1])[: len(found)]).tolist()
    spans = zip(edges, [*edges[1:], len(standing)], strict=True)
    places = {key: standing[lo:hi] for key, (lo, hi) in zip(found[edges].tolist(), spans, strict=True)}
    sents, gains = corpus.sent[begin:end].tolist(), (np.minimum(weights, 4.0) + 0.15).tolist()
    fronts = weights * (1.5 - np.arange(len(keys)) / max(len(keys), 1))
    return Document(
        keys, weights.tolist(), sents, places, corpus.follows[number], gains, _sums(weights), _sums(fronts)
    )  # fmt: skip


def _sums(weights: npt.NDArray[np.float64]) -> list[float]:
    """Sums of the weights before each place."""
    found: list[float] = np.concatenate([[0.0], np.cumsum(weights)]).tolist()
    return found


def matches(a: Document, b: Document, shape: Shape) -> list[Match]:
    """Places (in a, in b, weight) where both hold the same telling key; keys repeated too often are left out.

    Empty where no neighbourhood of both documents can hold the mass of a passage: most candidates end here.
    """
    common = a.places.keys() & b.places.keys()
    if sum(a.weights[a.places[k][0]] for k in common) < shape.min_mass or not _dense(a, b, common, shape):
        return []
    found: list[Match] = []
    for key in common:
        left, right = a.places[key], b.places[key]
        if len(left) * len(right) <= shape.max_repeat:
            weight = a.weights[left[0]]
            found.extend((x, y, weight) for x in left for y in right)
    found.sort()
    return found


TOLL = 2.2
"""What a word that is not shared costs a growing stretch."""
_BY_B = itemgetter(1, 0, 2)
_WEIGHT = itemgetter(2)
CELL = 48
"""Side of a cell of the coarse grid, in words: two cells hold any passage that is just heavy enough."""


def _dense(a: Document, b: Document, common: Set[int], shape: Shape) -> bool:
    """True where four neighbouring cells of the coarse grid over (a, b) weigh enough for a passage."""
    cells: dict[tuple[int, int], float] = defaultdict(float)
    for key in common:
        left, right = a.places[key], b.places[key]
        if len(left) * len(right) <= shape.max_repeat:
            weight = a.weights[left[0]]
            for cell in {(x // CELL, y // CELL) for x in left for y in right}:
                cells[cell] += weight
    return any(
        mass + cells.get((x + 1, y), 0.0) + cells.get((x, y + 1), 0.0) + cells.get((x + 1, y + 1), 0.0)
        >= shape.min_mass
        for (x, y), mass in cells.items()
    )


def regions(found: list[Match], shape: Shape) -> list[list[Match]]:
    """Groups of matches without a gap of more than ``shape.gap`` words on either side."""
    done: list[list[Match]] = []
    work = [(found, 0, 0)]
    while work:
        group, axis, stable = work.pop()
        group = sorted(group, key=_BY_B) if axis else sorted(group)
        parts, current = [], group[:1]
        for m in group[1:]:
            if m[axis] - current[-1][axis] > shape.gap:
                parts.append(current)
                current = []
            current.append(m)
        parts.append(current)
        stable = stable + 1 if len(parts) == 1 else 0
        for part in parts:
            if sum(map(_WEIGHT, part)) < shape.min_mass or _mass(part) < shape.min_mass:
                continue
            if stable >= 2:
                done.append(part)
            else:
                work.append((part, 1 - axis, stable))
    return sorted(done, key=lambda part: part[0][:2])


def _mass(part: list[Match]) -> float:
    """Weight of the places met on the side that has fewer of them: repeats do not pay twice."""
    return min(sum({m[0]: m[2] for m in part}.values()), sum({m[1]: m[2] for m in part}.values()))


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


def settle(a: Document, b: Document, part: list[Match], shape: Shape) -> Box | None:
    """The box of a region after growing and trimming both sides; None where too little is left."""
    a0, a1 = min(m[0] for m in part), max(m[0] for m in part) + 1
    b0, b1 = min(m[1] for m in part), max(m[1] for m in part) + 1
    for _ in range(2):
        a0, a1 = _grow(a, a0, a1, set(b.keys[max(0, b0 - 6) : b1 + 6]), shape.drop)
        b0, b1 = _grow(b, b0, b1, set(a.keys[max(0, a0 - 6) : a1 + 6]), shape.drop)
        if a1 - a0 < 4 or b1 - b0 < 4:
            return None
    return a0, a1, b0, b1


def share(a: Document, b: Document, box: Box) -> tuple[float, float]:
    """The smaller of the two shares of weight that each side of the box finds on the other side, and that weight."""
    a0, a1, b0, b1 = box
    left: dict[int, int] = defaultdict(int)
    right: dict[int, int] = defaultdict(int)
    for key in a.keys[a0:a1]:
        left[key] += 1
    for key in b.keys[b0:b1]:
        right[key] += 1
    weight = dict(zip(a.keys[a0:a1], a.weights[a0:a1], strict=True))
    common = sum(weight[k] * min(n, right[k]) for k, n in left.items() if k in right)
    return common / max(sum(a.weights[a0:a1]), sum(b.weights[b0:b1]), 1e-9), common


def passages(a: Document, b: Document, shape: Shape) -> list[Passage]:
    """The passages that a and b share, in order of a."""
    found = matches(a, b, shape)
    if not found:
        return []
    boxes: list[tuple[Box, float]] = []
    for part in regions(found, shape):
        box = settle(a, b, part, shape)
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
