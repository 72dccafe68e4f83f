"""A small convolutional network over word forms: what the words around a place say about it, learnt from raw news.

Two stacks of causal convolutions, one over the words before and one over the words behind (van den Oord et al. 2016,
'WaveNet', for dilated causal convolutions), read vectors of word forms: a word's own vector plus those of its hashed
features and letter n-grams (Bojanowski et al. 2017, 'Enriching word vectors with subword information'). The stacks
learn from unlabelled news to tell the cluster of a word from its surroundings alone (Melamud et al. 2016,
'context2vec'), then from labelled sentences to tell names. Training is in ``ner_net_train``; here numpy is enough.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np

from pipeline.nlp import ner_lexicon
from pipeline.nlp.ner_features import Table, Word

BUCKETS = 1 << 15
SHIFTS = (1, 2, 4)
LABELS = ("O", *(f"{edge}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for edge in "BI"))
_EPSILON = 1e-5  # of the layer normalisation, as torch has it
_SOME = 256  # words whose buckets are summed at once: the arrays of more fall out of the processor's cache
_SMALL = ("w=", "b=")  # features that the word's own vector makes needless

Array = Any


def vocabulary(table: Table) -> dict[str, int]:
    """Return word → row of its vector for the words of the word table that have clusters; row 0 is any other word.

    >>> vocabulary({"قال": (9, 1, 2, 3), "وقال": (5, -1, -1, -1), "عام": (4, 0, 0, 0)})
    {'قال': 1, 'عام': 2}
    """
    return {word: i for i, word in enumerate((w for w, row in table.items() if row[1] >= 0), 1)}


class Hashes(dict[str, int]):
    """Feature → bucket, worked out on first use."""

    def __missing__(self, feature: str) -> int:
        if len(self) > 300_000:
            self.clear()
        found = self[feature] = zlib.crc32(feature.encode("utf-8", "replace")) % BUCKETS
        return found


def buckets(word: Word, hashes: Mapping[str, int]) -> list[int]:
    """Return the buckets of the features and letter 2- to 4-grams of a word form, each once, in order."""
    found = [f for f in word.own if not f.startswith(_SMALL)]
    flag = ner_lexicon.flags([word.key])[0]
    if flag:
        found.append("f=" + flag)
    if word.like != "nm=x":  # letters of Arabic words only
        framed = f"^{word.key}$"
        found += ["g=" + framed[i : i + n] for n in (2, 3, 4) for i in range(len(framed) - n + 1)]
    return sorted({hashes[f] for f in found})


def pack(arrays: Mapping[str, Array]) -> bytes:
    """Return named arrays as one line of JSON (name, dtype, shape) and their bytes, the same bytes each time."""
    stored = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    header = [[name, array.dtype.str, list(array.shape)] for name, array in stored.items()]
    return json.dumps(header).encode("ascii") + b"\n" + b"".join(a.tobytes() for a in stored.values())


def unpack(packed: bytes) -> dict[str, Array]:
    """Return the arrays that ``pack`` stored; raises ValueError when they are damaged.

    >>> unpack(pack({"a": np.array([1, 2], dtype=np.int8)}))
    {'a': array([1, 2], dtype=int8)}
    """
    head, _, body = packed.partition(b"\n")
    arrays, at = {}, 0
    try:
        for name, kind, shape in json.loads(head):
            if kind not in ("|i1", "<f4", "<f2"):
                raise ValueError(f"array of {kind}")
            size = int(np.prod(shape, dtype=np.int64))
            arrays[str(name)] = np.frombuffer(body, dtype=kind, count=size, offset=at).reshape(shape)
            at += size * np.dtype(kind).itemsize
    except (TypeError, UnicodeDecodeError) as error:
        raise ValueError("damaged network") from error
    if at != len(body):
        raise ValueError("network of another size")
    return arrays


def quantise(vectors: Array) -> tuple[Array, Array]:
    """Return rows of vectors as signed bytes and the size of one step in each row."""
    step = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-8) / 127
    step = step.astype(np.float16).astype(np.float32)
    step[step == 0] = 1.0
    return np.clip(np.rint(vectors / step), -127, 127).astype(np.int8), step.astype(np.float16)


class Net:
    """Score the labels of words in their sentences; raises ValueError when the packed arrays do not fit together."""

    def __init__(self, packed: bytes, table: Table) -> None:
        arrays = unpack(packed)
        try:
            self._word, self._word_step = arrays["word"], arrays["word_step"].astype(np.float32)
            self._bucket = arrays["bucket"] * arrays["bucket_step"].astype(np.float32)
            self._norm = arrays["norm"]
            self._stacks = [
                [(arrays[f"{side}{i}"], arrays[f"{side}{i}_bias"]) for i in range(len(SHIFTS))]
                for side in ("before", "behind")
            ]
            names = ("gap", "gap_bias", "hidden", "hidden_bias", "label", "label_bias")
            self._gap, self._gap_bias, self._hidden, self._hidden_bias, self._label, self._label_bias = (
                arrays[name] for name in names
            )
        except KeyError as error:
            raise ValueError(f"network without {error}") from error
        self.size = self._bucket.shape[1]
        self._rows = vocabulary(table)
        self._hashes = Hashes()
        if len(self._word) != len(self._rows) + 1 or len(self._bucket) != BUCKETS:
            raise ValueError("network of another word table")
        self.scores(self.vectors([]), np.zeros(0, np.int64), np.zeros(0, np.int64))  # shapes that do not fit

    def vectors(self, words: Sequence[Word]) -> Array:
        """Return the vector of each word form (words × size)."""
        some = range(0, len(words), _SOME)
        parts = [self._vectors(words[i : i + _SOME]) for i in some]
        return np.concatenate(parts) if parts else np.zeros((0, self.size), dtype=np.float32)

    def _vectors(self, words: Sequence[Word]) -> Array:
        rows = np.array([self._rows.get(w.stem, 0) for w in words])
        found = [buckets(w, self._hashes) for w in words]
        begins = np.array([0, *accumulate(map(len, found[:-1]))])
        flat = np.fromiter(chain.from_iterable(found), dtype=np.int64)
        total = np.add.reduceat(self._bucket[flat], begins, axis=0)
        total += self._word[rows] * self._word_step[rows]
        total -= total.mean(axis=1, keepdims=True)
        total /= np.sqrt((total * total).mean(axis=1, keepdims=True) + _EPSILON)
        normed: Array = total * self._norm[0] + self._norm[1]
        return normed

    def scores(self, vectors: Array, starts: Array, sizes: Array) -> Array:
        """Return the log-probabilities of ``LABELS`` (rows × labels) for sentences that lie in ``vectors``.

        Sentences begin at the rows ``starts`` and have ``sizes`` rows; all other rows are zero, at least one of them
        between two sentences. What comes out for these other rows has no meaning.
        """
        outside = np.ones(len(vectors), dtype=bool)
        inside = _runs(starts, sizes)
        outside[inside] = False
        before = self._stack(vectors, self._stacks[0], outside, starts + sizes - 1, sizes, 1)
        behind = self._stack(vectors, self._stacks[1], outside, starts, sizes, -1)
        n = self.size
        gap = np.repeat(self._gap_bias[None], len(vectors), axis=0)
        gap[1:] += before[:-1] @ self._gap[:n]
        gap[:-1] += behind[1:] @ self._gap[n:]
        np.maximum(gap, 0, out=gap)
        hidden = gap @ self._hidden[:n]
        for i, part in enumerate((vectors, before, behind), 1):
            hidden += part @ self._hidden[i * n : (i + 1) * n]
        hidden += self._hidden_bias
        np.maximum(hidden, 0, out=hidden)
        logits = hidden @ self._label + self._label_bias
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logits

    def _stack(
        self,
        vectors: Array,
        layers: Sequence[tuple[Array, Array]],
        outside: Array,
        last: Array,
        sizes: Array,
        way: int,
    ) -> Array:
        """Return the vectors after one stack; ``way`` 1 looks at words before, -1 at words behind.

        ``last`` are the rows of the words that no word of the same sentence looks at.
        """
        out, n = vectors, self.size
        for (weights, bias), shift in zip(layers, SHIFTS, strict=True):
            both = out @ weights
            far = np.minimum(sizes, shift)
            both[_runs(last - (far - 1) if way > 0 else last, far), n:] = (
                0  # another sentence would see these
            )
            new = both[:, :n] + bias
            if way > 0:
                new[shift:] += both[:-shift, n:]
            else:
                new[:-shift] += both[shift:, n:]
            np.maximum(new, 0, out=new)
            new += out
            new[outside] = 0
            out = new
        return out


def _runs(starts: Array, sizes: Array) -> Array:
    """Return the numbers of all rows of runs, in order.

    >>> _runs(np.array([1, 5]), np.array([2, 1])).tolist()
    [1, 2, 5]
    """
    ends = np.cumsum(sizes)
    found: Array = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - (ends - sizes), sizes)
    return found


def label_columns(labels: Iterable[str]) -> list[int]:
    """Return the column of each of some labels in the scores of the network; raises ValueError for an unknown one."""
    return [LABELS.index(label) for label in labels]
