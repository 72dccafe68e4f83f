"""Which documents may share words: an index of word trigrams and rare words, damped by document frequency.

Linear in the number of words: a feature that stands in ``cap`` documents or fewer pairs them all, a commoner one
only pairs each document with its nearest neighbours in reading order, so that no formula costs a square.
MinHash was measured first: at usual settings it loses most edited copies (house spelling alone breaks shingles).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.text.similarity import BACKGROUND_DOCS, WORD, form, key, weight

Ints = npt.NDArray[np.int64]
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


def build(documents: Iterable[tuple[str, Spans]]) -> Corpus:
    """The corpus of documents, each (text, sentence spans [start, end) in order).

    >>> c = build([("قال الوزير نعم", [(0, 14)]), ("الوزير غائب", [(0, 11)])])
    >>> c.key.tolist(), c.first.tolist(), c.doc_freq.tolist()
    ([0, 1, 2, 1, 3], [0, 3, 5], [1, 2, 1, 1])
    """
    numbers: dict[str, int] = {}
    surfaces: dict[str, int] = {}
    keys, sents, starts, ends = array("q"), array("q"), array("q"), array("q")
    first, follows = [0], []
    for text, sentences in documents:
        for sent, (begin, stop) in enumerate(sentences):
            for m in WORD.finditer(text, begin, stop):
                surface = m[0]
                number = surfaces.get(surface)
                if number is None:
                    number = surfaces[surface] = numbers.setdefault(key(form(surface)), len(numbers))
                keys.append(number)
                sents.append(sent)
                starts.append(m.start())
                ends.append(m.end())
        first.append(len(keys))
        follows.append(
            frozenset(
                n for n in range(1, len(sentences)) if not text[sentences[n - 1][1] : sentences[n][0]].strip()
            )
        )
    bounds = np.array(first, dtype=np.int64)
    key_of = np.array(keys, dtype=np.int64)
    doc_of = np.repeat(np.arange(len(bounds) - 1, dtype=np.int64), np.diff(bounds))
    names = tuple(numbers)
    distinct = np.unique(key_of * max(len(bounds), 1) + doc_of)
    doc_freq = np.bincount(distinct // max(len(bounds), 1), minlength=len(names)).astype(np.int64)
    weights = np.array(
        [weight(name, int(n), len(bounds) - 1) for name, n in zip(names, doc_freq, strict=True)],
        dtype=np.float64,
    )
    return Corpus(
        key_of, doc_of, np.array(sents, dtype=np.int64), np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64), bounds, names, doc_freq, weights, tuple(follows),
    )  # fmt: skip


def _pairs(
    feature: Ints, doc: Ints, new: npt.NDArray[np.bool_], cap: int, near: int
) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Pairs of documents (smaller number first) for every feature that both hold, and the feature's weight.

    feature, doc: parallel, unique and sorted by feature, then document.
    """
    _, begin, size = np.unique(feature, return_index=True, return_counts=True)
    frequency = np.repeat(size, size)
    reach = np.where(frequency <= cap, cap, near)
    worth = np.log((len(new) + BACKGROUND_DOCS) / frequency)
    group = np.repeat(np.arange(len(begin)), size)
    left, right, weights = [], [], []
    for step in range(1, min(cap, len(feature))):
        same = (group[step:] == group[:-step]) & (reach[step:] >= step)
        a, b, w = doc[:-step][same], doc[step:][same], worth[step:][same]
        wanted = new[a] | new[b]
        left.append(a[wanted])
        right.append(b[wanted])
        weights.append(w[wanted])
    if not left:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    return np.concatenate(left), np.concatenate(right), np.concatenate(weights)


def _features(number: Ints, doc: Ints) -> tuple[Ints, Ints]:
    """Distinct (feature, document) rows of features that stand in two documents or more."""
    order = np.lexsort((doc, number))
    number, doc = number[order], doc[order]
    fresh = np.ones(len(number), dtype=bool)
    fresh[1:] = (number[1:] != number[:-1]) | (doc[1:] != doc[:-1])
    number, doc = number[fresh], doc[fresh]
    shared = np.zeros(len(number), dtype=bool)
    shared[1:] = number[1:] == number[:-1]
    shared[:-1] |= shared[1:]
    return number[shared], doc[shared]


def trigrams(corpus: Corpus) -> tuple[Ints, Ints]:
    """Hash and document of every run of three keys inside one document."""
    k = corpus.key.astype(np.uint64)
    if len(k) < 3:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    # Odd multipliers of the splitmix64 family; products wrap, which is what a hash wants.
    mixed = k[:-2] * np.uint64(0x9E3779B97F4A7C15) ^ k[1:-1] * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed << np.uint64(7) | mixed >> np.uint64(57)) ^ k[2:] * np.uint64(0x94D049BB133111EB)
    inside = corpus.doc[:-2] == corpus.doc[2:]
    return mixed[inside].view(np.int64), corpus.doc[:-2][inside]


def candidates(
    corpus: Corpus,
    new: npt.NDArray[np.bool_],
    *,
    cap: int = 40,
    near: int = 3,
    trigram_mass: float = 30.0,
    rare_mass: float = 45.0,
) -> list[tuple[int, int]]:
    """Pairs of document numbers (a < b, at least one of them new) that share enough to be compared word by word.

    cap: document frequency up to which a feature pairs all of its documents; near: neighbours that a commoner
    feature still pairs. A pair stands with common trigrams of weight ``trigram_mass``, or common rare words of
    weight ``rare_mass`` (they survive shuffled words and synonyms). Sorted.
    """
    n = corpus.n_docs
    if n < 2:
        return []
    rare = (corpus.doc_freq >= 2) & (corpus.doc_freq <= cap)
    held = rare[corpus.key]
    found = np.unique(
        np.concatenate(
            [
                _heavy(*_pairs(*_features(*trigrams(corpus)), new, cap, near), n, trigram_mass),
                _heavy(*_pairs(*_features(corpus.key[held], corpus.doc[held]), new, cap, near), n, rare_mass),
            ]
        )
    )
    return [(int(code) // n, int(code) % n) for code in found]


def _heavy(a: Ints, b: Ints, worth: npt.NDArray[np.float64], n: int, floor: float) -> Ints:
    """Codes a × n + b of the pairs whose features weigh at least ``floor`` together."""
    codes, inverse = np.unique(a * n + b, return_inverse=True)
    kept: Ints = codes[np.bincount(inverse, weights=worth, minlength=len(codes)) >= floor]
    return kept
