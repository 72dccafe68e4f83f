"""Which documents may share words: an index of word trigrams and rare words, damped by document frequency.

Linear in the number of words: a feature that stands in ``cap`` documents or fewer pairs them all, a commoner one
only pairs each document with its nearest neighbours in reading order, so that no formula costs a square.
MinHash was measured first: at usual settings it loses most edited copies (house spelling alone breaks shingles).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from pipeline.text.similarity import BACKGROUND_DOCS, WORD, form, key, masked, weight

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Corpus:
    """The words of all documents in reading order, as parallel arrays over words.

    key, doc, sent: numbers of the word's key, its document and its sentence in the document. start, end: characters.
    first: [n_docs + 1], where the words of each document begin. keys, doc_freq, weights: per key number.
    follows: per document the numbers of the sentences that only white space parts from the one before.
    """

    key: Ints
    doc: Ints
    sent: Ints
    start: Ints
    end: Ints
    first: Ints
    keys: tuple[str, ...]
    doc_freq: Ints
    weights: npt.NDArray[np.float64]
    follows: tuple[frozenset[int], ...]

    @property
    def n_docs(self) -> int:
        return len(self.first) - 1


class _Numbers(dict[str, int]):
    """Number of the key of each surface form, given out on first sight."""

    def __init__(self) -> None:
        super().__init__()
        self.keys_seen: dict[str, int] = {}

    def __missing__(self, surface: str) -> int:
        number = self.keys_seen.setdefault(key(form(surface)), len(self.keys_seen))
        self[surface] = number
        return number


_SPLIT = re.compile(f"({WORD.pattern})")

BLOCKS = 4096
"""Most blocks of one document; what is longer counts to the last one."""
SCALE = 4
"""Blocks of a long stretch."""
BUCKET_BITS = 22
"""Buckets for counting and weighing roughly before anything is sorted, as a power of two."""
ROUNDING = 1e-6
"""What sums of the same weights in another order may differ by, amply."""
BLOCK = 48
"""Words of a block, the unit whose common features are weighed: a passage weighs on two or three of them."""


@dataclass(frozen=True)
class Reading:
    """The words of some documents as arrays over words: number of the key in ``keys`` (in order of first sight), sentence
    number, first character, length; ``counts``: words of each document; ``follows``: see ``Corpus``."""

    keys: list[str]
    key: Small
    sent: Small
    start: Small
    length: Small
    counts: list[int]
    follows: list[frozenset[int]]


def read(documents: Iterable[tuple[str, Spans]]) -> Reading:
    """The words of documents, each (text, sentence spans [start, end) in order)."""
    numbers = _Numbers()
    keys, sents, starts, lengths = [], [], [], []
    follows = []
    for text, sentences in documents:
        surfaces, begins, places = _places(masked(text), sentences)
        keys.append(np.fromiter(map(numbers.__getitem__, surfaces), np.int32, len(surfaces)))
        lengths.append(np.fromiter(map(len, surfaces), np.int32, len(surfaces)))
        starts.append(begins.astype(np.int32))
        sents.append(places.astype(np.int32))
        follows.append(
            frozenset(
                n for n in range(1, len(sentences)) if not text[sentences[n - 1][1] : sentences[n][0]].strip()
            )
        )
    none = np.zeros(0, dtype=np.int32)
    key_of, sent, start, length = (np.concatenate([none, *parts]) for parts in (keys, sents, starts, lengths))
    return Reading(list(numbers.keys_seen), key_of, sent, start, length, list(map(len, keys)), follows)


def build(documents: Iterable[tuple[str, Spans]]) -> Corpus:
    """The corpus of documents, each (text, sentence spans [start, end) in order).

    >>> c = build([("قال الوزير نعم", [(0, 14)]), ("الوزير غائب", [(0, 11)])])
    >>> c.key.tolist(), c.first.tolist(), c.doc_freq.tolist()
    ([0, 1, 2, 1, 3], [0, 3, 5], [1, 2, 1, 1])
    """
    return assemble([read(documents)])


def assemble(readings: Sequence[Reading]) -> Corpus:
    """The corpus of documents that were read in parts; however they are cut, it is the same."""
    numbers: dict[str, int] = {}
    keys = []
    for part in readings:
        given = [numbers.setdefault(name, len(numbers)) for name in part.keys]
        keys.append(np.array(given, dtype=np.int64)[part.key])
    key_of = _joined(keys)
    bounds = np.cumsum([0, *(n for part in readings for n in part.counts)], dtype=np.int64)
    doc_of = np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))
    names = tuple(numbers)
    begin = _joined([part.start.astype(np.int64) for part in readings])
    distinct = _distinct(key_of * max(len(bounds), 1) + doc_of)
    doc_freq = np.bincount(distinct // max(len(bounds), 1), minlength=len(names)).astype(np.int64)
    weights = np.array(
        [weight(name, int(n), len(bounds) - 1) for name, n in zip(names, doc_freq, strict=True)],
        dtype=np.float64,
    )
    return Corpus(
        key_of, doc_of, _joined([part.sent.astype(np.int64) for part in readings]),
        begin, begin + _joined([part.length.astype(np.int64) for part in readings]),
        bounds, names, doc_freq, weights, tuple(f for part in readings for f in part.follows),
    )  # fmt: skip


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _places(text: str, sentences: Spans) -> tuple[list[str], Ints, Ints]:
    """Every word of the sentences: its letters, its first character, the number of its sentence.

    >>> words, start, sentence = _places("قال نعم. ثم غاب", [(0, 8), (9, 15)])
    >>> words, start.tolist(), sentence.tolist()
    (['قال', 'نعم', 'ثم', 'غاب'], [0, 4, 9, 12], [0, 0, 1, 1])
    """
    # Splitting by the words gives what stands between them as well: all places follow from the lengths.
    parts = _SPLIT.split(text)
    edges = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    start, end, found = edges[:-1:2], edges[1::2], parts[1::2]
    bounds = np.array(sentences, dtype=np.int64).reshape(-1, 2)
    sent = np.searchsorted(bounds[:, 0], start, side="right") - 1
    inside = sent >= 0
    inside[inside] = end[inside] <= bounds[sent[inside], 1]
    if _cut(bounds, start, end, int(inside.sum())):
        return _places_by_sentence(text, sentences)
    return list(compress(found, inside.tolist())), start[inside], sent[inside]


def _cut(bounds: Ints, start: Ints, end: Ints, inside: int) -> bool:
    """True where a sentence begins or ends inside a word, or sentences are out of order."""
    if np.any(bounds[1:, 0] < bounds[:-1, 1]):
        return True
    first = np.searchsorted(end, bounds[:, 0], side="right")
    last = np.searchsorted(start, bounds[:, 1], side="left")
    return int((last - first).sum()) != inside


def _places_by_sentence(text: str, sentences: Spans) -> tuple[list[str], Ints, Ints]:
    """Like ``_places``, for sentences whose borders cut words: each is read by itself."""
    found = [(m[0], m.start(), n) for n, span in enumerate(sentences) for m in WORD.finditer(text, *span)]
    return (
        [word for word, _, _ in found],
        np.array([at for _, at, _ in found], dtype=np.int64),
        np.array([n for _, _, n in found], dtype=np.int64),
    )


def _distinct(numbers: Ints) -> Ints:
    """Distinct numbers, sorted: sorting beats the hash table of ``np.unique`` where most are distinct."""
    ordered = np.sort(numbers)
    found: Ints = ordered[fresh(ordered)]
    return found


def _pairs(
    feature: Ints, block: Ints, new: npt.NDArray[np.bool_], cap: int, near: int
) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Pairs of blocks of two documents (smaller first) for every feature that both hold, and the feature's weight.

    feature, block: parallel, unique and sorted by feature, then block.
    """
    doc = block // BLOCKS
    begin = np.flatnonzero(np.concatenate([[True], feature[1:] != feature[:-1]])[: len(feature)])
    size = np.diff(np.append(begin, len(feature)))
    frequency = np.repeat(size, size)
    reach = np.where(frequency <= cap, cap, near)
    worth = np.log((len(new) + BACKGROUND_DOCS) / frequency)
    last = np.repeat(begin + size, size)
    left, right, weights = [], [], []
    rows = np.arange(len(feature))
    for step in range(1, min(cap, len(feature))):
        # Whoever has no partner at this distance has none further on.
        rows = rows[(rows + step < last[rows]) & (reach[rows] >= step)]
        if not len(rows):
            break
        one, two = doc[rows], doc[rows + step]
        kept = rows[(one != two) & (new[one] | new[two])]
        left.append(block[kept])
        right.append(block[kept + step])
        weights.append(worth[kept])
    if not left:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    return np.concatenate(left), np.concatenate(right), np.concatenate(weights)


def _features(number: Ints, doc: Ints) -> tuple[Ints, Ints]:
    """Distinct (feature, block) rows, sorted, of features that stand in two blocks or more."""
    # Most trigrams stand in one place only; those alone in their bucket need no sorting to be told.
    bucket = _bucket(number)
    left = np.flatnonzero((np.bincount(bucket, minlength=1) > 1)[bucket])
    order = left[np.argsort(number[left], kind="stable")]  # blocks come in order, and stay so
    number, doc = number[order], doc[order]
    once = fresh(number) | fresh(doc)
    number, doc = number[once], doc[once]
    shared = np.zeros(len(number), dtype=bool)
    shared[1:] = number[1:] == number[:-1]
    shared[:-1] |= shared[1:]
    return number[shared], doc[shared]


def trigrams(corpus: Corpus) -> tuple[Ints, Ints]:
    """Hash and place (number of the first word) of every run of three keys inside one document."""
    k = corpus.key.astype(np.uint64)
    if len(k) < 3:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    # Odd multipliers of the splitmix64 family; products wrap, which is what a hash wants.
    mixed = k[:-2] * np.uint64(0x9E3779B97F4A7C15) ^ k[1:-1] * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed << np.uint64(7) | mixed >> np.uint64(57)) ^ k[2:] * np.uint64(0x94D049BB133111EB)
    inside = corpus.doc[:-2] == corpus.doc[2:]
    return mixed[inside].view(np.int64), np.flatnonzero(inside)


def candidates(
    corpus: Corpus,
    new: npt.NDArray[np.bool_],
    *,
    cap: int = 40,
    near: int = 3,
    mass: float = 26.0,
    far_mass: float = 24.0,
) -> Ints:
    """Pairs [n, 2] of document numbers (a < b, at least one of them new) that share enough to be compared word by word.

    cap: document frequency up to which a feature pairs all of its documents; near: neighbours that a commoner
    feature still pairs. A pair stands where a block of one and a block of the other have trigrams and rare words of
    weight ``mass`` in common (rare words survive synonyms), or two stretches of SCALE blocks rare words of weight
    ``far_mass`` (a long passage whose words were shuffled). Sorted.
    """
    n = corpus.n_docs
    if n < 2:
        return np.zeros((0, 2), dtype=np.int64)
    rare = np.flatnonzero(((corpus.doc_freq >= 2) & (corpus.doc_freq <= cap))[corpus.key])
    grams, at = trigrams(corpus)
    small, large = _blocks(corpus, BLOCK), _blocks(corpus, BLOCK * SCALE)
    near_pairs = [
        _pairs(*_features(grams, small[at]), new, cap, near),
        _pairs(*_features(corpus.key[rare], small[rare]), new, cap, near),
    ]
    far_pairs = [_pairs(*_features(corpus.key[rare], large[rare]), new, cap, near)]
    codes = _distinct(np.concatenate([_heavy(near_pairs, n, mass), _heavy(far_pairs, n, far_mass)]))
    return np.stack([codes // n, codes % n], axis=1)


def _blocks(corpus: Corpus, size: int) -> Ints:
    """Block number of every word: document × BLOCKS + block in the document."""
    place = np.arange(len(corpus.key), dtype=np.int64) - corpus.first[corpus.doc]
    blocks: Ints = corpus.doc * BLOCKS + np.minimum(place // size, BLOCKS - 1)
    return blocks


def _heavy(parts: list[tuple[Ints, Ints, npt.NDArray[np.float64]]], n: int, floor: float) -> Ints:
    """Codes a × n + b of the documents of block pairs whose common features weigh at least ``floor``."""
    a, b, worth = (np.concatenate([p[i] for p in parts]) for i in range(3))
    codes = a * (n * BLOCKS) + b
    # Most pairs of blocks share a word or two. What falls into one of many buckets weighs at least as much as any pair
    # of blocks in it, so a light bucket holds no pair that is wanted, and little is left to be sorted.
    bucket = _bucket(codes)
    left = np.flatnonzero((np.bincount(bucket, weights=worth, minlength=1) >= floor - ROUNDING)[bucket])
    order = left[np.argsort(codes[left], kind="stable")]
    codes, worth = codes[order], worth[order]
    begins = np.flatnonzero(fresh(codes))
    heavy = codes[begins][np.add.reduceat(worth, begins) >= floor] if len(begins) else codes
    return _distinct((heavy // (n * BLOCKS) // BLOCKS) * n + heavy % (n * BLOCKS) // BLOCKS)


def _bucket(number: Ints) -> Ints:
    """One of 2 ** BUCKET_BITS buckets for each number, alike ones in one bucket (Fibonacci hashing)."""
    mixed = number.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - BUCKET_BITS)
    return mixed.view(np.int64)


def fresh(ordered: Ints) -> npt.NDArray[np.bool_]:
    """True where a value differs from the one before."""
    found = np.ones(len(ordered), dtype=bool)
    found[1:] = ordered[1:] != ordered[:-1]
    return found
