"""Align: which documents tell one story, what each changed, where texts and claims come from.

Reads the window of days up to the batch date. Stories, groups and origins are found over the whole window, so that
the rows of a date do not depend on what earlier nights published; rows are returned for the batch date alone. A
pair of documents is written once, on the date of the later arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from pipeline.schemas import CLAIM_GROUPS, CLAIM_LINKS, ORIGINS, REUSE, STORIES, TableSpec
from pipeline.stage import Params, Spread, Stage, Tables, here
from pipeline.text.alignment import Aligner, Pair, Source, scopes
from pipeline.text.candidates import Reading, assemble, candidates, read
from pipeline.text.corroboration import (
    Claim,
    ClaimLink,
    Contents,
    Vocabulary,
    contents,
    corroboration,
    groups,
    match,
    relation,
)  # fmt: skip
from pipeline.text.edit_kinds import settled
from pipeline.text.matters import Matters
from pipeline.text.origins import Origin, Page, carrier, independent, trace
from pipeline.text.regions import Shape
from pipeline.text.stories import Tie, cluster, roles, story_id
from pipeline.text.window import Claimed, Window
from pipeline.text.writing_day import nearest, writing_weekday

Row = Mapping[str, Any]
Ints = npt.NDArray[np.int64]
TASK = 512
"""Candidate pairs that are compared as one task."""
PART = 512
"""Documents that are cut into words as one task."""


class AlignParams(Params):
    """Thresholds of the alignment; masses are sums of word weights (about 7 for a rare word, 0 for "in")."""

    window_days: int = Field(3, ge=1, description="Days that a document is compared with, its own included.")
    pair_cap: int = Field(
        40, ge=2, description="A word or trigram in at most so many documents pairs all of them."
    )
    near: int = Field(3, ge=0, description="Neighbours in time that a commoner trigram still pairs.")
    pair_mass: float = Field(
        26.0,
        gt=0,
        description="Weight of trigrams and rare words that two blocks of 48 words must have in common.",
    )
    far_mass: float = Field(
        24.0,
        gt=0,
        description="Weight of rare words that two stretches of 192 words must have in common instead.",
    )
    gap: int = Field(24, ge=1, description="Words without a common telling word that end a passage.")
    min_mass: float = Field(22.0, gt=0, description="Common weight that a passage needs.")
    min_share: float = Field(
        0.45, gt=0, le=1, description="Share of its weight that a passage has in common."
    )
    story_floor: float = Field(
        0.3, gt=0, le=1, description="Average tie from which two groups are one story."
    )


_carrier = cache(carrier)  # a few names are given a thousand times


class _Link(NamedTuple):
    """A passage as a row of table reuse says it; edits as rows of their fields."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    relation: str
    similarity: float
    edits: list[tuple[Any, ...]]


class _Met(NamedTuple):
    """What the comparison of two documents gave: tie, ``Pair.related``, passages to be written, links of claims as
    (claim of the earlier document, of the later one, relation, similarity)."""

    tie: Tie
    related: float
    links: list[_Link]
    claims: list[tuple[str, str, str, float]]


def run(tables: Tables, params: AlignParams, date: str, spread: Spread = here) -> dict[str, pa.Table]:
    """Return stories, reuse, claim_links, claim_groups and origins of ``date``. See ``Stage.run``."""
    columns = {name: _columns(table) for name, table in tables.items()}
    window = Window(columns, date)
    undated = np.array([p.published_at is None for p in window.papers], dtype=bool)
    if undated.any():
        estimated = _estimated(window, _Comparison(window, params, spread).pairs(undated))
        if estimated:  # an undated document has found its place among the dated ones: number all anew
            window = Window(columns, date, estimated)
    columns.clear()
    comparison = _Comparison(window, params, spread)
    found = comparison.candidates(np.ones(len(window.papers), dtype=bool))
    tasks = [found[at : at + TASK] for at in range(0, len(found), TASK)]
    met = [m for part in spread(comparison.meet, tasks) for m in part]
    return _tables(window, met, params)


def _columns(table: pa.Table) -> dict[str, Sequence[Any]]:
    """The columns as lists of plain values; lists of spans as lists of pairs (start, end)."""
    found: dict[str, Sequence[Any]] = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_list(column.type):
            found[name] = [spans for chunk in column.chunks for spans in _span_lists(chunk)]
        else:
            found[name] = column.to_pylist()
    return found


def _span_lists(column: pa.ListArray) -> list[list[tuple[int, int]]]:
    values = column.values
    pairs = list(zip(values.field("start").to_pylist(), values.field("end").to_pylist(), strict=True))
    return [pairs[lo:hi] for lo, hi in pairwise(column.offsets.to_pylist())]


def _estimated(window: Window, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Publication times of undated documents, by doc_id: the day nearest to the closest dated partner's that falls
    on the weekday on which the document says it was written."""
    closest: dict[int, tuple[float, int]] = {}
    for p in pairs:
        for one, other in ((p.a, p.b), (p.b, p.a)):
            if window.papers[one].published_at is None and window.papers[other].published_at is not None:
                closest[one] = max(closest.get(one, (0.0, -1)), (p.tie.share_a + p.tie.share_b, other))
    found = {}
    for number, (_, partner) in sorted(closest.items()):
        paper = window.papers[number]
        weekday = writing_weekday(paper.text, window.sentences.get(number, ()))
        if weekday is not None:
            found[paper.doc_id] = nearest(weekday, window.papers[partner].published_at)
    return found


HEADLINE = 240
"""Most characters of a headline, which an empty line parts from the text."""


def _read(part: Sequence[Source]) -> Reading:
    return read((s.text, s.sentences) for s in part)


class _Comparison:
    """The documents of a window, ready to be compared with each other."""

    def __init__(self, window: Window, params: AlignParams, spread: Spread) -> None:
        self.window, self.params = window, params
        sources = [
            Source(p.text, window.sentences.get(n, ()), p.outlet, window.names.get(n, ()), window.namings(n))
            for n, p in enumerate(window.papers)
        ]
        parts = [sources[at : at + PART] for at in range(0, len(sources), PART)]
        self.corpus = assemble(spread(_read, parts))
        shape = Shape(gap=params.gap, min_mass=params.min_mass, min_share=params.min_share)
        self.aligner = Aligner(self.corpus, sources, shape)
        self.matters = Matters(
            self.corpus,
            [p.text for p in window.papers],
            self.aligner.fillers,
            [max(0, p.text.find("\n\n", 0, HEADLINE)) for p in window.papers],
            [p.published_at.date() if p.published_at else None for p in window.papers],
        )
        self.vocabulary = Vocabulary(self.corpus.keys, self.corpus.weights)
        self.claims = _Claims(window, self.aligner, self.vocabulary)

    def candidates(self, wanted: npt.NDArray[np.bool_]) -> Ints:
        """Pairs (a, b) of documents, at least one of them ``wanted``, that are worth comparing."""
        given = self.params
        return candidates(
            self.corpus, wanted, cap=given.pair_cap, near=given.near, mass=given.pair_mass, far_mass=given.far_mass
        )  # fmt: skip

    def pairs(self, wanted: npt.NDArray[np.bool_]) -> list[Pair]:
        """Related documents, at least one of them ``wanted``."""
        return self.aligner.pairs(self.candidates(wanted))

    def meet(self, found: Ints) -> list[_Met]:
        """What the documents of each candidate pair share; pairs without a passage are left out."""
        return [self._met(pair) for pair in self.aligner.pairs(found)]

    def _met(self, pair: Pair) -> _Met:
        if pair.tie.matter > 0 and self.matters.apart(pair.a, pair.b):
            pair = replace(pair, tie=replace(pair.tie, matter=0.0))
        tie, links = pair.tie, list[_Link]()
        if self.window.new[pair.a] or self.window.new[pair.b]:
            passages, tie = self.aligner.compare(pair)
            links = [
                _Link(p.a_start, p.a_end, p.b_start, p.b_end, p.relation, round(p.similarity, 4),
                      [tuple(e) for e in p.comparison.edits])
                for p in passages
            ]  # fmt: skip
        return _Met(tie, pair.related, links, self._claim_links(pair))

    def _claim_links(self, p: Pair) -> list[tuple[str, str, str, float]]:
        if p.tie.is_template or p.a not in self.window.claims or p.b not in self.window.claims:
            return []
        left, right = self.claims.of(p.a), self.claims.of(p.b)
        found = match(left, right, self.vocabulary)
        pairs = ((left.claims[i], right.claims[j], similarity) for i, j, similarity in found)
        return [(x.claim_id, y.claim_id, relation(x, y, alike), round(alike, 4)) for x, y, alike in pairs]


class _Claims:
    """Claims of documents, cut up when they are first compared; those used last are kept."""

    KEPT = 2000

    def __init__(self, window: Window, aligner: Aligner, vocabulary: Vocabulary) -> None:
        self.window, self.aligner, self.vocabulary = window, aligner, vocabulary
        self.held: dict[int, Contents] = {}

    def of(self, number: int) -> Contents:
        """The claims of one document, ready to be compared."""
        found = self.held.pop(number, None)
        if found is None:
            text = self.window.papers[number].text
            claims = [self._claim(number, text, row) for row in self.window.claims.get(number, ())]
            found = contents(claims, self.vocabulary)
            if len(self.held) >= self.KEPT:
                del self.held[next(iter(self.held))]
        self.held[number] = found
        return found

    def _claim(self, number: int, text: str, row: Claimed) -> Claim:
        units = tuple(u for start, end in row.content for u in self.aligner.units(number, start, end))
        return Claim(
            row.claim_id, text, units, row.stance, row.kind, row.speaker_name, row.speaker_type,
            self.window.relays(row.claim_id),
        )  # fmt: skip


def _tables(window: Window, met: Sequence[_Met], params: AlignParams) -> dict[str, pa.Table]:
    ties = [m.tie for m in met]
    group_of = cluster(len(window.papers), ties, params.story_floor)
    origins = trace(_pages(window), ties)
    scope = scopes(((m.tie, m.related) for m in met), group_of, [p.outlet for p in window.papers])
    claim_links = [ClaimLink(*link) for m in met for link in m.claims]
    return {
        "stories": _table(STORIES, _stories(window, group_of, ties)),
        "reuse": _table(REUSE, _reuse(window, met, scope)),
        "claim_links": _table(CLAIM_LINKS, _new_links(window, claim_links)),
        "claim_groups": _table(CLAIM_GROUPS, _groups(window, claim_links, origins)),
        "origins": _table(ORIGINS, _origins(window, origins)),
    }


def _table(spec: TableSpec, rows: Iterable[Row]) -> pa.Table:
    return spec.table(sorted(rows, key=lambda r: tuple(r[k] for k in spec.key)))


# --- documents ------------------------------------------------------------------------------------------------------


def _stories(window: Window, group_of: Sequence[int], ties: Sequence[Tie]) -> list[Row]:
    shared = [0.0] * len(window.papers)
    for tie in ties:
        if group_of[tie.a] == group_of[tie.b]:
            shared[tie.a] = max(shared[tie.a], tie.share_a)
            shared[tie.b] = max(shared[tie.b], tie.share_b)
    return [
        {
            "doc_id": window.papers[n].doc_id,
            "story_id": story_id(window.papers[group_of[n]].doc_id),
            "role": role,
            "score": round(min(shared[n], 1.0), 4),
        }
        for n, (role, _, _) in enumerate(roles(group_of, ties))
        if window.new[n]
    ]


_EDIT = ("op", "kind", "a_start", "a_end", "b_start", "b_end")


def _reuse(window: Window, met: Sequence[_Met], scope: Mapping[tuple[int, int], str]) -> list[Row]:
    return [
        {
            "a_doc_id": window.papers[m.tie.a].doc_id, "b_doc_id": window.papers[m.tie.b].doc_id, "link_no": n,
            "a_start": p.a_start, "a_end": p.a_end, "b_start": p.b_start, "b_end": p.b_end,
            "relation": p.relation, "scope": scope[m.tie.a, m.tie.b], "similarity": p.similarity,
            "edits": [
                dict(zip(_EDIT, (op, settled(kind, p.similarity, scope[m.tie.a, m.tie.b]), *places), strict=True))
                for op, kind, *places in p.edits
            ],
        }
        for m in met
        for n, p in enumerate(m.links)
    ]  # fmt: skip


def _pages(window: Window) -> list[Page]:
    return [
        Page(
            paper.doc_id,
            window.credits.get(n, ()),
            [
                (c.claim_id, next((x.name for x in window.layers(c.claim_id) if _carrier(x.name)), None))
                for c in window.claims.get(n, ())
            ],
            paper.published_at,
        )
        for n, paper in enumerate(window.papers)
    ]


def _origins(window: Window, origins: Sequence[Origin]) -> list[Row]:
    return [
        {
            "doc_id": paper.doc_id,
            "origin": origin.origin,
            "kind": origin.kind,
            "evidence": origin.evidence,
            "score": origin.score,
        }
        for paper, origin, new in zip(window.papers, origins, window.new, strict=True)
        if new
    ]


# --- claims ---------------------------------------------------------------------------------------------------------


def _new_links(window: Window, links: Sequence[ClaimLink]) -> list[Row]:
    owner = window.owners()
    return [
        {
            "a_claim_id": link.a,
            "b_claim_id": link.b,
            "relation": link.relation,
            "similarity": link.similarity,
        }
        for link in links
        if window.new[owner[link.a]] or window.new[owner[link.b]]
    ]


def _groups(window: Window, links: Sequence[ClaimLink], origins: Sequence[Origin]) -> list[Row]:
    voice_of: dict[str, str] = {}
    for number in sorted(window.claims):
        for claim in window.claims[number]:
            named = next((c for name in window.relays(claim.claim_id) if (c := _carrier(name))), None)
            voice_of[claim.claim_id] = (
                f"{named[0]}:{named[1]}"
                if named
                else independent(origins[number], window.papers[number].doc_id)
            )
    owner = window.owners()
    group_of = groups(list(voice_of), links)
    doc_of = {c: window.papers[owner[c]].doc_id for c in voice_of}
    outlet_of = {p.doc_id: p.outlet for p in window.papers}
    counts = corroboration(group_of, doc_of, outlet_of, voice_of)
    return [
        {
            "claim_id": claim,
            "group_id": group,
            **dict(zip(("n_docs", "n_outlets", "n_origins"), counts[group], strict=True)),
        }
        for claim, group in group_of.items()
        if window.new[owner[claim]]
    ]


STAGE = Stage(
    name="align",
    scope="window",
    spreads=True,
    reads={
        "documents": ("doc_id", "outlet", "published_at", "text"),
        "sentences": ("doc_id", "sent_no", "start", "end"),
        "credits": ("doc_id", "credit_no", "kind", "canonical"),
        "mentions": ("doc_id", "start", "end", "type"),
        "claims": (
            "claim_id", "doc_id", "content", "speaker_name", "speaker_type", "stance", "kind",
        ),
        "attributions": ("claim_id", "layer", "relation", "name", "start", "end", "cue_start", "cue_end"),
    },
    writes=("stories", "reuse", "claim_links", "claim_groups", "origins"),
    params=AlignParams,
    run=run,
    libraries=("rapidfuzz", "numpy"),
)  # fmt: skip
