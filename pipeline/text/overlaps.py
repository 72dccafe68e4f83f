"""What many bags of words have in common with many others, as one table: sentences of two texts, claims of two texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.text.candidates import fresh

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bags:
    """``size`` bags of keys as rows (key, bag, times that the key stands in the bag), sorted by key."""

    key: Ints
    bag: Ints
    count: Ints
    size: int


def bags(key: Ints, bag: Ints, size: int) -> Bags:
    """The bags of words given one by one, each with its key number and the number of its bag.

    >>> found = bags(np.array([7, 5, 7]), np.array([0, 1, 0]), 2)
    >>> found.key.tolist(), found.bag.tolist(), found.count.tolist()
    ([5, 7], [1, 0], [1, 2])
    """
    code = np.sort(key * size + bag)
    at = np.flatnonzero(fresh(code))
    code = code[at]
    count = np.empty(len(at), dtype=np.int64)
    count[:-1] = at[1:] - at[:-1]
    count[-1:] = len(key) - at[-1:]
    row_key = code // max(size, 1)
    return Bags(row_key, code - row_key * size, count, size)


def common(a: Bags, b: Bags, weights: Floats) -> Floats:
    """[a.size, b.size]: summed weight of the words that each bag of a and each bag of b have in common.

    >>> one, two = bags(np.array([0, 1, 1]), np.array([0, 0, 0]), 1), bags(np.array([1, 1, 2]), np.array([0, 1, 1]), 2)
    >>> common(one, two, np.array([1.0, 3.0, 5.0])).tolist()
    [[3.0, 3.0]]
    """
    low = b.key.searchsorted(a.key)
    times = b.key.searchsorted(a.key, "right") - low
    ends = times.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    one = np.repeat(np.arange(len(times)), times)
    two = np.arange(total) + (low - ends + times)[one]
    worth = weights[a.key][one] * np.minimum(a.count[one], b.count[two])
    cell = a.bag[one] * b.size + b.bag[two]
    found: Floats = np.bincount(cell, weights=worth, minlength=a.size * b.size).astype(np.float64, copy=False)
    return found.reshape(a.size, b.size)
