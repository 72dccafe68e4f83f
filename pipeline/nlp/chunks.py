"""What UDPipe gets to see of a sentence: clean characters, bounded length, and the way back.

UDPipe's parser needs time quadratic in the number of words (4,000 words take more than a minute), so a sentence of
more than ``LIMIT`` words goes in pieces, cut at punctuation or before a conjunction where there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline.text.normalise import strip_marks

LIMIT = 120
"""Most surface words and marks in one piece; some 170 syntactic words. Sentences of newswire seldom reach it."""

# Line ends, odd spaces and control characters, which UDPipe would drop or take for the end of a sentence.
_ODD = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# One unit of length: a word (at most 60 letters of it), or a single mark.
_UNIT = re.compile(r"\w{1,60}|[^\w\s]")
_STRONG = frozenset(".!؟?…؛;")
_WEAK = frozenset("،,:)»”]-–—/")


@dataclass(frozen=True)
class Chunk:
    """``text[i]`` stands at ``offsets[i]`` of the sentence, ``offsets[len(text)]`` is one past the end."""

    text: str
    offsets: list[int]


# Tatweel by itself is a dash, not a stretched letter.
_DASH = re.compile(r"(?<!\S)\u0640+(?!\S)")
# The same mark over and over: UDPipe sees the first eight.
_RUN = re.compile(r"([^\w\s])\1{8,}")


def clean(sentence: str) -> tuple[str, list[int]]:
    """Return ``sentence`` without vowel signs, tatweel and invisible characters, and the place of each character.

    >>> clean("قالَ\\x00")
    ('قال\\ufffd', [0, 1, 2, 4, 5])
    """
    odd = _ODD.sub(lambda m: " " if m[0].isspace() else "\ufffd", sentence)
    text, offsets = strip_marks(_DASH.sub(lambda m: "-" * len(m[0]), odd))
    if not _RUN.search(text):
        return text, offsets
    kept: list[tuple[int, int]] = []
    at = 0
    for match in _RUN.finditer(text):
        kept.append((at, match.start() + 8))
        at = match.end()
    kept.append((at, len(text)))
    places = [place for a, b in kept for place in offsets[a:b]]
    return "".join(text[a:b] for a, b in kept), [*places, offsets[-1]]


def chunks(sentence: str) -> list[Chunk]:
    """Return the pieces of ``sentence`` in order, none without a visible character; [] for an invisible one.

    >>> [c.text for c in chunks("  قال  نعم ")]
    ['قال  نعم']
    """
    text, offsets = clean(sentence)
    cuts = [0, *_cuts(text), len(text)] if len(text) > LIMIT else [0, len(text)]
    out = []
    for start, end in pairwise(cuts):
        piece = text[start:end].strip()
        if piece:
            begin = text.index(piece[0], start)
            out.append(Chunk(piece, offsets[begin : begin + len(piece) + 1]))
    return out


def _cuts(text: str) -> list[int]:
    """Return where to cut ``text`` so that no piece has more than ``LIMIT`` units."""
    spans = [match.span() for match in _UNIT.finditer(text)]
    cuts: list[int] = []
    first = 0
    while len(spans) - first > LIMIT:
        window = range(first + LIMIT // 2, first + LIMIT)
        best = max(window, key=lambda i: (_rank(text, spans, i), i))
        cuts.append(spans[best][1])
        first = best + 1
    return cuts


def _rank(text: str, spans: list[tuple[int, int]], i: int) -> int:
    """Return how good it is to cut after unit ``i``: 4 after a full stop … 0 inside a word."""
    start, end = spans[i]
    after = spans[i + 1][0]
    if after == end:
        return 0
    if text[start] in _STRONG:
        return 4
    if text[start] in _WEAK:
        return 3
    return 2 if text[after] == "و" else 1
