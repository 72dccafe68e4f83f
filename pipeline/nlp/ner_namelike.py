"""How much a word looks like a name: letter n-grams weighted by a small softmax regression.

Learnt from 66,000 transliterated names (ANETAC) against common words of news; what ships is the hashed weights, one
byte each, not the names. A name never seen before (كورنيافكا) still gets evidence from its letters.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from pipeline.nlp.ner_lexicon import key
from pipeline.nlp.ner_tokens import fold

BUCKETS = 1 << 15
_SCALE = 12.0  # weight 1.0 is stored as 12
_STEP = 1.2  # width of a bucket of the score


def grams(word: str) -> list[int]:
    """Return the hashed letter 2- to 4-grams of a folded word with its borders."""
    letters = [letter.encode("utf-8") for letter in f"^{word}$"]
    framed, edges = b"".join(letters), [0, *accumulate(map(len, letters))]
    return [
        zlib.crc32(framed[a:b]) % BUCKETS for n in (2, 3, 4) for a, b in zip(edges, edges[n:], strict=False)
    ]


class _Weights(dict[str, int]):
    """Letter n-gram → its two weights in one number (person + place × 2³²), looked up on first use."""

    def __init__(self, person: Sequence[int], place: Sequence[int], *, memory: int = 200_000) -> None:
        self._person, self._place, self._memory = person, place, memory

    def __missing__(self, gram: str) -> int:
        bucket = zlib.crc32(gram.encode("utf-8")) % BUCKETS
        if len(self) >= self._memory:
            self.clear()
        found = self[gram] = self._person[bucket] + (self._place[bucket] << 32)
        return found


class NameLike:
    """Score words by stored weights; raises ValueError when they are not as many as there should be."""

    def __init__(self, packed: bytes) -> None:
        raw = memoryview(gzip.decompress(packed)).cast("b").tolist()
        if len(raw) != 2 * BUCKETS:
            raise ValueError(f"{len(raw)} letter weights, expected {2 * BUCKETS}")
        self._weights = _Weights(raw[:BUCKETS], raw[BUCKETS:])

    def __call__(self, word: str) -> tuple[int, str]:
        """Return (bucket -3…3 of the log-odds of being a name, P or L) of a folded word."""
        framed = f"^{word}$"
        found = [framed[i : i + n] for n in (2, 3, 4) for i in range(len(framed) - n + 1)]
        both = sum(map(self._weights.__getitem__, found))
        low = ((both + (1 << 31)) & 0xFFFF_FFFF) - (1 << 31)  # the sums are signed
        unit = _SCALE * math.sqrt(len(found)) * _STEP
        person, place = low / unit, ((both - low) >> 32) / unit
        return max(-3, min(3, round(max(person, place)))), "P" if person > place else "L"


def read_names(path: Path) -> dict[str, str]:
    """Return folded single-word name → P or L from lines ``TYPE English Arabic`` (gzip)."""
    names: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if len(fields) > 2 and fields[0] in ("PERSON", "LOCATION"):
                names.setdefault(key(fold(fields[-1])), fields[0][0])
    return names


def learn(names: Mapping[str, str], table: Mapping[str, Iterable[int]], entities: Collection[str]) -> bytes:
    """Return the packed weights.

    Common words are those of the word ``table`` (see ``ner_clusters``) seen 8 times or more that are neither in
    ``names`` nor in ``entities``, the folded words of labelled names.
    """
    common = set()
    for word, row in table.items():
        count, cluster, *_ = row
        bare = key(word)
        if cluster >= 0 and count >= 8 and len(bare) > 2 and "\u0621" <= bare[0] <= "\u06d3":
            common.add(bare)
    common -= set(names) | set(entities)
    words = sorted(w for w in names if len(w) > 2)
    classes = [1 if names[w] == "P" else 2 for w in words] + [0] * len(common)
    return _pack(_regress([*words, *sorted(common)], classes))


def _regress(words: list[str], classes: list[int]) -> Any:
    """Return the weights (buckets × 3) of a class-balanced softmax regression with L2 penalty, by L-BFGS."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    found = [grams(w) for w in words]
    sizes = np.array([len(g) for g in found])
    rows = np.repeat(np.arange(len(words)), sizes)
    data = np.repeat(1 / np.sqrt(sizes), sizes)
    matrix = csr_matrix((data, (rows, np.concatenate(found))), shape=(len(words), BUCKETS))
    target = np.eye(3)[classes]
    weight = (1 / target.sum(axis=0))[classes]
    weight /= weight.sum()

    def loss(flat: Any) -> tuple[float, Any]:
        weights = flat.reshape(BUCKETS, 3)
        scores = matrix @ weights
        scores -= scores.max(axis=1, keepdims=True)
        share = np.exp(scores)
        share /= share.sum(axis=1, keepdims=True)
        value = -(weight * np.log((share * target).sum(axis=1) + 1e-12)).sum() + 1e-5 * (flat @ flat)
        gradient = matrix.T @ ((share - target) * weight[:, None]) + 2e-5 * weights
        return float(value), gradient.ravel()

    found_ = minimize(loss, np.zeros(BUCKETS * 3), jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return found_.x.reshape(BUCKETS, 3)


def _pack(weights: Any) -> bytes:
    """Return person and place weights over common ones as signed bytes in gzip, the same bytes each time."""
    import numpy as np

    odds = np.stack([weights[:, 1] - weights[:, 0], weights[:, 2] - weights[:, 0]])
    stored = np.clip(np.rint(odds * _SCALE), -127, 127).astype(np.int8)
    return gzip.compress(stored.tobytes(), compresslevel=9, mtime=0)
