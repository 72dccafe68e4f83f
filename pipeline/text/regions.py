"""Where two documents are dense with common words, for thousands of pairs of documents at once.

Whole arrays instead of one pair after the other: most pairs that the index of trigrams proposes have no passage, and
to say so must cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.text.candidates import Corpus, fresh

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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
class Index:
    """The telling words of every document, document by document, in order of their keys.

    first: [n_docs + 1], where the distinct keys of each document begin in ``key``, ``begin`` and ``count``.
    begin, count: where the places of a key begin in ``place`` (word numbers in the document), and how many they are.
    """

    first: Ints
    key: Ints
    begin: Ints
    count: Ints
    place: Ints
    weights: Floats


@dataclass(frozen=True)
class Regions:
    """Dense stretches: number of the pair, words [a0, a1) of its first document and [b0, b1) of its second."""

    pair: Ints
    a0: Ints
    a1: Ints
    b0: Ints
    b1: Ints


def index(corpus: Corpus, min_weight: float) -> Index:
    """The words of weight ``min_weight`` or more, by document and key.

    >>> from pipeline.text.candidates import build
    >>> found = index(build([("زلزال عنيف زلزال", [(0, 16)]), ("زلزال", [(0, 5)])]), 1.6)
    >>> found.first.tolist(), found.count.tolist(), found.place.tolist()
    ([0, 2, 3], [2, 1, 1], [0, 2, 1, 0])
    """
    n_keys = max(len(corpus.keys), 1)
    at = np.flatnonzero((corpus.weights >= min_weight)[corpus.key])
    code = corpus.doc[at] * n_keys + corpus.key[at]
    order = np.argsort(code, kind="stable")
    code, at = code[order], at[order]
    begin = np.flatnonzero(fresh(code))
    doc = code[begin] // n_keys
    first = np.searchsorted(doc, np.arange(corpus.n_docs + 1))
    count = np.diff(np.append(begin, len(code)))
    place = at - corpus.first[corpus.doc[at]]
    return Index(first, code[begin] % n_keys, begin, count, place, corpus.weights)


def _runs(begin: Ints, count: Ints) -> tuple[Ints, Ints]:
    """(number of the run, value) for every value of the runs begin … begin + count - 1.

    >>> _runs(np.array([5, 9]), np.array([2, 1]))[1].tolist()
    [5, 6, 9]
    """
    owner = np.repeat(np.arange(len(count)), count)
    offset = begin - (np.cumsum(count) - count)
    return owner, np.arange(len(owner)) + offset[owner]


def _matches(words: Index, a: Ints, b: Ints, shape: Shape) -> tuple[Ints, Ints, Ints, Floats]:
    """(pair, place in a, place in b, weight) of every two places that hold one telling key; keys repeated too often
    are left out, and pairs whose common keys do not weigh enough."""
    n_keys = max(len(words.weights), 1)
    pair_a, row_a = _runs(words.first[a], words.first[a + 1] - words.first[a])
    pair_b, row_b = _runs(words.first[b], words.first[b + 1] - words.first[b])
    code_a, code_b = pair_a * n_keys + words.key[row_a], pair_b * n_keys + words.key[row_b]
    met = np.minimum(np.searchsorted(code_b, code_a), max(len(code_b) - 1, 0))
    common = np.flatnonzero(code_b[met] == code_a) if len(code_b) else np.zeros(0, dtype=np.int64)
    pair, one, two = pair_a[common], row_a[common], row_b[met[common]]
    weight = words.weights[words.key[one]]
    heavy = np.bincount(pair, weights=weight, minlength=len(a)) >= shape.min_mass
    times = words.count[one] * words.count[two]
    kept = np.flatnonzero(heavy[pair] & (times <= shape.max_repeat))
    pair, one, two, weight = pair[kept], one[kept], two[kept], weight[kept]
    owner, step = _runs(np.zeros(len(kept), dtype=np.int64), times[kept])
    many = words.count[two][owner]
    x = words.place[words.begin[one][owner] + step // many]
    y = words.place[words.begin[two][owner] + step % many]
    return pair[owner], x, y, weight[owner]


CHUNK = 2048
"""Pairs that are looked at together: some ten thousand matches for each hundred of them."""


def regions(words: Index, a: Ints, b: Ints, shape: Shape) -> Iterator[tuple[int, Regions]]:
    """The regions of pairs of documents (a, b), a chunk of pairs at a time: (number of the first pair, regions).

    A region is a group of matches without a gap of more than ``shape.gap`` words on either side, of which the places
    on each side weigh ``shape.min_mass``; a place that is met twice pays once. Pairs are numbered within the chunk.
    """
    for at in range(0, len(a), CHUNK):
        yield at, _regions(*_matches(words, a[at : at + CHUNK], b[at : at + CHUNK], shape), shape)


def _regions(pair: Ints, x: Ints, y: Ints, weight: Floats, shape: Shape) -> Regions:
    """Split groups at gaps, first on one side, then on the other, until neither side has a gap left."""
    group, turn, whole = pair, 0, 0
    while whole < 2 and len(group):
        side, turn = (y, 0) if turn else (x, 1)
        order = np.argsort(group * (int(side.max()) + 1) + side)
        pair, group, x, y, side = (v[order] for v in (pair, group, x, y, side))
        weight = weight[order]
        before = fresh(group)
        begins = before.copy()
        begins[1:] |= side[1:] - side[:-1] > shape.gap
        whole = whole + 1 if int(begins.sum()) == int(before.sum()) else 0
        group = np.cumsum(begins) - 1
        once = begins.copy()
        once[1:] |= side[1:] != side[:-1]
        mass = np.bincount(group[once], weights=weight[once])
        if (mass < shape.min_mass).any():
            kept = np.flatnonzero((mass >= shape.min_mass)[group])
            pair, group, x, y, weight = pair[kept], group[kept], x[kept], y[kept], weight[kept]
    if not len(group):
        none = np.zeros(0, dtype=np.int64)
        return Regions(none, none, none, none, none)
    at = np.flatnonzero(fresh(group))
    lowest, highest = np.minimum.reduceat, np.maximum.reduceat
    return Regions(pair[at], lowest(x, at), highest(x, at) + 1, lowest(y, at), highest(y, at) + 1)
