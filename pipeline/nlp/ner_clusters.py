"""Word clusters learnt from unlabelled news: what words stand in the same places.

Method: positive pointwise mutual information of a word with its neighbours at the distances -2, -1, 1, 2, reduced by a
truncated singular value decomposition (Levy & Goldberg 2014, 'Neural word embedding as implicit matrix factorization'),
then k-means at several sizes, so that a rare name gets the same feature as the frequent ones (Turian et al. 2010,
'Word representations'). numpy and scipy are needed for learning only, not for using the table.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.nlp.ner_tokens import fold, proclitics, tokenise

SIZES = (64, 256, 1024)
_CONTEXTS = 2500
_DIMENSIONS = 80
_OFFSETS = (-2, -1, 1, 2)


def read_news(paths: Iterable[Path], *, skip_ids: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the lines of all articles of JSON-lines files (gzip), without articles listed in ``skip_ids``."""
    seen: set[bytes] = set()
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for raw in lines:
                record = json.loads(raw)
                if record["id"] in skip_ids:
                    continue
                for line in [record.get("title") or "", *(record.get("text") or "").split("\n")]:
                    key = hashlib.blake2b(line.encode("utf-8", "replace"), digest_size=8).digest()
                    if line.strip() and key not in seen:  # reprints would only repeat the same contexts
                        seen.add(key)
                        yield line


def surface(line: str) -> list[str]:
    """Return the surface tokens of a line of news."""
    return [t.text for t in tokenise(line)]


def shape(word: str) -> str:
    """Return ``word``, or one symbol for all numbers.

    >>> shape("2018"), shape("قال")
    ('0', 'قال')
    """
    return "0" if word[0].isdigit() else word


def learn(
    lines: Iterable[str], *, min_count: int, seed: int, log: Callable[[str], None]
) -> dict[str, list[int]]:
    """Return folded word → [count, cluster of 64, cluster of 256, cluster of 1024]; cluster -1 = unknown.

    Surface forms (with proclitics) keep a count only, because the proclitic analysis needs it.
    """
    texts = [[shape(fold(t.text)) for t in tokenise(line)] for line in lines]
    counts = Counter(w for text in texts for w in text)
    log(f"{sum(counts.values())} tokens, {len(counts)} forms")
    cut = {w: w[proclitics(w, counts) :] for w in counts}
    stems = Counter[str]()
    for word, n in counts.items():
        stems[cut[word]] += n
    words = sorted((w for w, n in stems.items() if n >= min_count), key=lambda w: (-stems[w], w))
    vectors = _vectors(texts, cut, words, seed)
    log(f"{vectors.shape[0]} words, {vectors.shape[1]} dimensions")
    columns = [_kmeans(vectors, k, seed) for k in SIZES]
    log(f"clusters of {SIZES}")
    table = {w: [counts.get(w, 0), *(int(c[i]) for c in columns)] for i, w in enumerate(words)}
    for word, n in counts.items():
        if n >= min_count and word not in table:
            table[word] = [n] + [-1] * len(SIZES)
    return table


def _vectors(texts: list[list[str]], cut: dict[str, str], words: list[str], seed: int) -> Any:
    """Return the matrix (words × dimensions, rows of length 1) of reduced PPMI vectors."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import svds

    index = {w: i for i, w in enumerate(words)}
    stream = np.concatenate(
        [np.array([index.get(cut[w], -1) for w in text] + [-1, -1], dtype=np.int32) for text in texts]
    )
    blocks = []
    for column, offset in enumerate(_OFFSETS):
        here, there = (
            (stream[:-offset], stream[offset:]) if offset > 0 else (stream[-offset:], stream[:offset])
        )
        keep = (here >= 0) & (there >= 0) & (there < _CONTEXTS)
        blocks.append((here[keep], there[keep] + column * _CONTEXTS))
    rows, cols = np.concatenate([b[0] for b in blocks]), np.concatenate([b[1] for b in blocks])
    shape_ = (len(words), _CONTEXTS * len(_OFFSETS))
    joint = coo_matrix((np.ones(len(rows)), (rows, cols)), shape=shape_).tocsr().tocoo()
    by_row, by_col = (
        np.bincount(joint.row, joint.data, shape_[0]),
        np.bincount(joint.col, joint.data, shape_[1]),
    )
    smooth = by_col**0.75 / (by_col**0.75).sum()
    pmi = np.log(joint.data / (by_row[joint.row] * smooth[joint.col]))
    matrix = coo_matrix((np.maximum(pmi, 0), (joint.row, joint.col)), shape=shape_).tocsr()
    start = np.random.default_rng(seed).normal(size=min(shape_))
    u, s, _ = svds(matrix, k=_DIMENSIONS, v0=start)
    vectors = u * np.sqrt(s)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _kmeans(vectors: Any, k: int, seed: int, rounds: int = 15) -> Any:
    """Return the cluster number of each row by spherical k-means; the same for the same seed."""
    import numpy as np

    k = min(k, len(vectors))
    picks = np.random.default_rng(seed).choice(min(len(vectors), 20 * k), size=k, replace=False)
    centres = vectors[np.sort(picks)]
    labels = np.zeros(len(vectors), dtype=np.int32)
    for _ in range(rounds):
        for start in range(0, len(vectors), 4096):
            labels[start : start + 4096] = (vectors[start : start + 4096] @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, vectors)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 1e-9, sums / np.maximum(norms, 1e-9), centres)
    return labels


def pack(table: dict[str, list[int]]) -> bytes:
    """Return the table as tab-separated text in gzip, the same bytes each time."""
    rows = sorted(table.items(), key=lambda item: (-item[1][0], item[0]))
    body = "".join("\t".join([word, *map(str, numbers)]) + "\n" for word, numbers in rows)
    return gzip.compress(body.encode("utf-8"), compresslevel=9, mtime=0)


def parse(packed: bytes) -> dict[str, tuple[int, ...]]:
    """Return the table from the bytes that ``pack`` made: folded word → (count, clusters…)."""
    table = {}
    for row in gzip.decompress(packed).decode("utf-8").splitlines():
        word, *numbers = row.split("\t")
        table[word] = tuple(map(int, numbers))
    return table
