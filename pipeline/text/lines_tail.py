"""Where a page goes over to another article: measured by shared words, not by the cue alone.

Scraped pages run on into the next story. Behind a line that can end an article (source, keywords, related heading,
date) the share of content words that the rest has in common with the article before says whether it is still
the same story. Weights are inverse document frequencies, so names count and common words do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pipeline.text.similarity import WORD, form, key, masked, stop_keys, weight

FEWEST_WORDS = 20
"""Distinct content words that either side needs before anything is said."""


def content_keys(texts: Iterable[str]) -> set[str]:
    """Distinct content words of the texts.

    >>> sorted(content_keys(["وقال إن الميناء مفتوح"]))
    ['مفتوح', 'ميناء']
    """
    found = {_content_key(word) for text in texts for word in WORD.findall(masked(text))}
    found.discard("")
    return found


@lru_cache(maxsize=1 << 17)
def _content_key(word: str) -> str:
    """The key of a word as written; empty for a word that carries no news of its own."""
    found = key(form(word))
    return found if len(found) > 2 and found not in stop_keys() else ""


def affinity(part: set[str], article: set[str]) -> float:
    """Share of the weight of the part's content words that the article also has, 0 to 1.

    >>> affinity({"ميناء", "سفينة"}, {"ميناء", "سفينة", "وزير"})
    1.0
    """
    total = sum(weight(k, 0, 0) for k in sorted(part))
    shared = sum(weight(k, 0, 0) for k in sorted(part & article))
    return shared / total if total else 1.0


def kinship(a: set[str], b: set[str]) -> float:
    """The larger of the two shares: a short text may be all in a long one.

    Measured on 2,500 articles cut at half: 98 of 100 halves of one article share more than 0.06, 95 of 100 pairs of
    halves of two articles less.

    >>> kinship({"ميناء"}, {"ميناء", "سفينة"})
    1.0
    """
    return max(affinity(a, b), affinity(b, a))
