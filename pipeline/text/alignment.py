"""Two nights of texts aligned: passages of every pair, ties between documents, edits where they are asked for.

The glue between candidates, passages, sentence layout and edits. Everything is a pure function of a corpus and
the layers that other stages found; the stage only turns tables into these values and back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from pipeline.text.candidates import Corpus
from pipeline.text.edit_kinds import Naming
from pipeline.text.edits import Comparison, Edit, compare
from pipeline.text.layout import Link, links, sentence_links
from pipeline.text.passages import Box, Document, document, passages
from pipeline.text.regions import Shape, index, regions
from pipeline.text.stories import Tie, matter
from pipeline.text.units import Unit, quoted_spans, units

Spans = Sequence[tuple[int, int]]

VERBATIM, EDITED, PARAPHRASE = "verbatim", "edited", "paraphrase"
EDITED_FROM = 0.55
"""Share of common units from which a passage is an edited copy; below it is a paraphrase."""
RELATED = 0.12
"""Share of other telling words from which two documents of one outlet are about one matter."""
TWINS = 0.25
"""Share of both documents from which all of their sentences are compared with each other."""
READABLE_FROM = 0.3
"""Below this share of common units in order, word-level edits say nothing and are left out."""
LOOSE = frozenset({"wording", "name", "quote_drift"})
"""Kinds of edit that a paraphrase is made of: there, each by itself says nothing."""


@dataclass(frozen=True)
class Source:
    """One document: text, its sentences, outlet, sorted spans of names, namings of sources."""

    text: str
    sentences: Spans = ()
    outlet: str | None = None
    names: Spans = ()
    namings: Sequence[Naming] = field(default=())


@dataclass(frozen=True)
class Passage:
    """One link with characters on both sides, how close the words are, and the edits."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    relation: str
    similarity: float
    comparison: Comparison


@dataclass(frozen=True)
class Pair:
    """Two documents a < b, the links between them as word ranges, and the tie that they make.

    related: share of the telling words outside the links that the documents have in common all the same.
    fillers: share of the names and figures inside the links that the other document holds as well; near 1 where
    there are hardly any. A template has the frame in common, and other fillers.
    """

    a: int
    b: int
    links: tuple[Link, ...]
    tie: Tie
    related: float = 0.0
    fillers: float = 1.0


MIN_FIGURES = 8
"""Fewest distinct figures in the links from which they say by themselves whether a bulletin was filled in anew."""
SURE_FILLERS = 5
"""Distinct names and figures from which their common share is believed as it is."""


def supposed(share: float, count: int) -> float:
    """The share of common fillers to go by: where fewer than SURE_FILLERS were found, each that is missing counts
    half a filler that is nearly sure to be common, so that one changed figure in a brief makes no template.

    >>> [round(supposed(0.0, n), 2) for n in (0, 1, 2, 3, 5)]
    [0.9, 0.6, 0.39, 0.23, 0.0]
    """
    doubt = 0.5 * max(0, SURE_FILLERS - count)
    return (share * count + 0.9 * doubt) / (count + doubt)


KEPT = 2000
"""Documents whose units are kept for the next pair: members of one story stand near each other in time."""


class Aligner:
    """Compares documents of one corpus; keeps what was already cut up for the next pair."""

    def __init__(self, corpus: Corpus, sources: Sequence[Source], shape: Shape) -> None:
        self.corpus, self.sources, self.shape = corpus, sources, shape
        self.words = index(corpus, shape.min_weight)
        self._documents: dict[int, Document] = {}
        self._quoted: dict[int, Spans] = {}
        self._units: dict[int, tuple[list[Unit], list[int]]] = {}
        self._fillers: dict[int, list[int]] = {}
        self._keys: dict[int, frozenset[int]] = {}
        self._figures = frozenset(n for n, key in enumerate(corpus.keys) if key[0].isdigit())

    def document(self, number: int) -> Document:
        """Document ``number`` prepared for passage finding."""
        held = self._documents.get(number)
        if held is None:
            held = self._documents[number] = document(self.corpus, number)
            if len(self._documents) > KEPT:
                del self._documents[next(iter(self._documents))]
        return held

    def pairs(self, found: npt.NDArray[np.int64]) -> list[Pair]:
        """What the documents of each row (a, b), a < b, share; rows without a passage are left out."""
        pairs = []
        for at, dense in regions(self.words, found[:, 0], found[:, 1], self.shape):
            first = np.flatnonzero(np.append(True, dense.pair[1:] != dense.pair[:-1])[: len(dense.pair)])
            boxes = list(zip(*(v.tolist() for v in (dense.a0, dense.a1, dense.b0, dense.b1)), strict=True))
            for lo, hi in pairwise([*first.tolist(), len(boxes)]):
                a, b = found[at + dense.pair[lo]].tolist()
                pair = self._pair(a, b, boxes[lo:hi])
                if pair is not None:
                    pairs.append(pair)
        return pairs

    def _pair(self, a: int, b: int, dense: Iterable[Box]) -> Pair | None:
        """What documents a < b share in the stretches that are dense with common words; None without a passage."""
        left, right = self.document(a), self.document(b)
        found: list[Link] = []
        for passage in passages(left, right, dense, self.shape):
            found.extend(links(left, right, passage))
        if not found:
            return None
        tie = _tie(a, b, left, right, found)
        if min(tie.share_a, tie.share_b) >= TWINS:
            # Two tellings of one story: short and displaced sentences are worth a second look.
            whole = sentence_links(left, right, 0, len(left.keys), 0, len(right.keys))
            found = [*whole, *(x for x in found if not any(_within(x, y) for y in whole))]
            tie = _tie(a, b, left, right, found)
        ordered = tuple(sorted(found, key=lambda x: (x.a0, x.b0, x.a1, x.b1)))
        fillers = self._same_fillers(a, b, ordered)
        outlet = self.sources[a].outlet
        tie = replace(tie, matter=matter(fillers, outlet is not None and outlet == self.sources[b].outlet))
        return Pair(a, b, ordered, tie, _related(left, right, ordered, self.shape.min_weight), fillers)

    def fillers(self, number: int) -> list[int]:
        """Places of the words of a document that are figures or stand inside a name, in order."""
        if number not in self._fillers:
            doc, first = self.document(number), int(self.corpus.first[number])
            starts = self.corpus.start[first : first + len(doc.keys)]
            found = {at for at, key in enumerate(doc.keys) if key in self._figures}
            names = self.sources[number].names
            if names:
                edges = np.searchsorted(starts, np.array(names, dtype=np.int64))
                found.update(at for lo, hi in edges.tolist() for at in range(lo, hi))
            self._fillers[number] = sorted(found)
        return self._fillers[number]

    def _same_fillers(self, a: int, b: int, found: Sequence[Link]) -> float:
        """Share of the weight of the distinct fillers in the links that stands in the other document too, the mean of
        both sides: a template changes the fillers of both, a source put in those of one. Weights, since the frame has names as well: the king who sends every cable. Where there are
        figures enough, they are asked for themselves: a bulletin names the same places every day."""
        left, right = self.document(a), self.document(b)
        sides = (
            (left, self._vocabulary(b), self.fillers(a), [(x.a0, x.a1) for x in found]),
            (right, self._vocabulary(a), self.fillers(b), [(x.b0, x.b1) for x in found]),
        )
        shares, figured = [], [1.0]
        for doc, other, places, spans in sides:
            inside = {
                doc.keys[at]: doc.weights[at]
                for lo, hi in spans
                for at in places[bisect_left(places, lo) : bisect_left(places, hi)]
            }
            # In order of place, so that the sum does not depend on the order of a set.
            held = sum(weight for key, weight in inside.items() if key in other)
            shares.append(supposed(held / max(sum(inside.values()), 1e-9), len(inside)))
            figures = self._figures.intersection(inside)  # the other way round would go through all figures
            if len(figures) >= MIN_FIGURES:
                figured.append(len(figures & other) / len(figures))
        return min(sum(shares) / 2, *figured)

    def _vocabulary(self, number: int) -> frozenset[int]:
        """All keys of a document."""
        if number not in self._keys:
            self._keys[number] = frozenset(self.document(number).keys)
        return self._keys[number]

    def compare(self, pair: Pair) -> tuple[list[Passage], Tie]:
        """The links of a pair with their edits, and its tie with the share of unchanged words."""
        rows = [self._passage(pair.a, pair.b, link) for link in pair.links]
        size = sum(r.b_end - r.b_start for r in rows)
        same = sum((r.b_end - r.b_start) * r.similarity for r in rows) / size if size else 1.0
        tie = pair.tie
        return rows, replace(tie, same=same)

    def _passage(self, a: int, b: int, link: Link) -> Passage:
        a_start, a_end = self.characters(a, link.a0, link.a1)
        b_start, b_end = self.characters(b, link.b0, link.b1)
        one, two = self.sources[a], self.sources[b]
        if one.text[a_start:a_end] == two.text[b_start:b_end]:
            return Passage(a_start, a_end, b_start, b_end, VERBATIM, 1.0, Comparison((), 1.0))
        result = compare(
            one.text, self.units(a, a_start, a_end), two.text, self.units(b, b_start, b_end),
            one.namings, two.namings, a_start, b_start,
        )  # fmt: skip
        if not link.ordered or result.similarity < READABLE_FROM:
            result = Comparison((), result.similarity)
            relation = PARAPHRASE
        elif not result.edits:
            relation = VERBATIM
        elif result.similarity >= EDITED_FROM:
            relation = EDITED
        else:
            relation = PARAPHRASE
            left, right = self.units(a, a_start, a_end), self.units(b, b_start, b_end)
            kept = tuple(e for e in result.edits if e.kind not in LOOSE and _anchored(e, left, right))
            result = Comparison(kept, result.similarity)
        return Passage(a_start, a_end, b_start, b_end, relation, result.similarity, result)

    def characters(self, number: int, lo: int, hi: int) -> tuple[int, int]:
        """Characters of words [lo, hi) of a document; whole sentences keep their outer punctuation."""
        doc, first = self.document(number), int(self.corpus.first[number])
        start, end = int(self.corpus.start[first + lo]), int(self.corpus.end[first + hi - 1])
        if lo == 0 or doc.sents[lo - 1] != doc.sents[lo]:
            start = self.sources[number].sentences[doc.sents[lo]][0]
        if hi == len(doc.sents) or doc.sents[hi] != doc.sents[hi - 1]:
            end = self.sources[number].sentences[doc.sents[hi - 1]][1]
        return start, end

    def units(self, number: int, start: int, end: int) -> list[Unit]:
        """Units of a stretch of a document, cut out of those of the whole document, which are kept a while."""
        row, starts = self._whole(number)
        lo, hi = bisect_left(starts, start), bisect_left(starts, end)
        if (lo and row[lo - 1].end > start) or (lo < hi and row[hi - 1].end > end):
            # The border cuts a unit of several words.
            source = self.sources[number]
            return units(source.text, start, end, self.quoted(number), source.names)
        found = row[lo:hi]
        if found and not found[0].broken:
            found[0] = found[0]._replace(broken=True)
        return found

    def _whole(self, number: int) -> tuple[list[Unit], list[int]]:
        """All units from the first sentence to the last, and where each begins."""
        held = self._units.pop(number, None)
        if held is None:
            source = self.sources[number]
            start, end = source.sentences[0][0], source.sentences[-1][1]
            row = units(source.text, start, end, self.quoted(number), source.names)
            held = row, [u.start for u in row]
            if len(self._units) >= KEPT:
                del self._units[next(iter(self._units))]
        self._units[number] = held  # the last used stands last
        return held

    def quoted(self, number: int) -> Spans:
        """Quotations of a document."""
        if number not in self._quoted:
            self._quoted[number] = quoted_spans(self.sources[number].text)
        return self._quoted[number]


def _anchored(edit: Edit, left: Sequence[Unit], right: Sequence[Unit]) -> bool:
    """True for words put in or left out, and for a replacement between the same words on both sides.

    In a paraphrase two figures may stand against each other and count different things.
    """
    if edit.op != "replace":
        return True
    around = [
        (row[lo - 1].key if lo else "", row[hi].key if hi < len(row) else "")
        for row, start, end in ((left, edit.a_start, edit.a_end), (right, edit.b_start, edit.b_end))
        for lo in [bisect_left(row, start, key=_unit_start)]
        for hi in [bisect_left(row, end, key=_unit_start)]
    ]
    return around[0] == around[1]


_unit_start = attrgetter("start")


def _tie(a: int, b: int, left: Document, right: Document, found: Sequence[Link]) -> Tie:
    in_a, in_b = [(x.a0, x.a1) for x in found], [(x.b0, x.b1) for x in found]
    return Tie(
        a,
        b,
        _covered(left.masses, in_a),
        _covered(right.masses, in_b),
        front_a=_covered(left.fronts, in_a),
        front_b=_covered(right.fronts, in_b),
    )


def _related(left: Document, right: Document, found: Sequence[Link], floor: float) -> float:
    """Share of the weight of telling keys outside the links that both documents hold, of the smaller such weight."""
    out_a = _outside(left, [(x.a0, x.a1) for x in found], floor)
    out_b = _outside(right, [(x.b0, x.b1) for x in found], floor)
    common = sum(out_a[k] for k in out_a.keys() & out_b.keys())
    return common / max(min(sum(out_a.values()), sum(out_b.values())), 1.0)


def _outside(doc: Document, spans: Sequence[tuple[int, int]], floor: float) -> dict[int, float]:
    """Telling keys with their weights that stand outside the spans."""
    found: dict[int, float] = {}
    done = 0
    for lo, hi in (*sorted(spans), (len(doc.keys), len(doc.keys))):
        if lo > done:
            found.update(zip(doc.keys[done:lo], doc.weights[done:lo], strict=True))
        done = max(done, hi)
    return {k: w for k, w in found.items() if w >= floor}


def _within(link: Link, other: Link) -> bool:
    """True where the link overlaps the other on both sides."""
    return link.a0 < other.a1 and other.a0 < link.a1 and link.b0 < other.b1 and other.b0 < link.b1


def _covered(sums: Sequence[float], spans: Sequence[tuple[int, int]]) -> float:
    """Share of the weight that the spans cover; ``sums`` are those of the weights before each word."""
    done, mass = 0, 0.0
    for lo, hi in sorted(spans):
        if hi > done:
            mass += sums[hi] - sums[max(lo, done)]
            done = hi
    return mass / sums[-1] if sums[-1] else 0.0


def scopes(
    ties: Iterable[tuple[Tie, float]], groups: Sequence[int], outlets: Sequence[str | None]
) -> Mapping[tuple[int, int], str]:
    """What each pair's passages are: of one story, a template of one outlet, or background. ties: with ``Pair.related``.

    A template stands in documents of one outlet that have nothing else to do with each other, or its names and
    figures were filled in anew.

    >>> from pipeline.text.stories import Tie
    >>> p = Tie(0, 1, .2, .2)
    >>> scopes([(p, 0.0)], [0, 1], ["x", "x"]), scopes([(p, 0.0)], [0, 0], ["x", "y"])
    ({(0, 1): 'template'}, {(0, 1): 'story'})
    """
    found: dict[tuple[int, int], str] = {}
    for tie, related in ties:
        a, b = tie.a, tie.b
        if groups[a] == groups[b]:
            found[a, b] = "story"
        elif tie.is_template or (outlets[a] is not None and outlets[a] == outlets[b] and related < RELATED):
            found[a, b] = "template"
        else:
            found[a, b] = "background"
    return found
