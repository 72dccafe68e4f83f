"""Align: which documents tell one story, what each changed, where texts and claims come from.

Reads the window of days up to the batch date. Stories, groups and origins are found over the whole window, so that
the rows of a date do not depend on what earlier nights published; rows are returned for the batch date alone. A
pair of documents is written once, on the date of the later arrival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from pipeline.schemas import CLAIM_GROUPS, CLAIM_LINKS, ORIGINS, REUSE, STORIES, TableSpec
from pipeline.stage import Params, Stage, Tables
from pipeline.text.alignment import Aligner, Pair, Passage, Source, scopes
from pipeline.text.candidates import build, candidates
from pipeline.text.corroboration import Claim, ClaimLink, corroboration, groups, match, relation
from pipeline.text.edit_kinds import Naming
from pipeline.text.origins import Origin, Page, carrier, independent, trace
from pipeline.text.passages import Shape
from pipeline.text.stories import Tie, cluster, roles, story_id
from pipeline.text.writing_day import nearest, writing_weekday

Row = Mapping[str, Any]


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


class _Window:
    """The documents of the window in order of publication, and what the other stages found in them."""

    def __init__(self, tables: Tables, date: str, estimated: Mapping[str, Any] | None = None) -> None:
        latest: dict[str, Row] = {}
        for row in tables["documents"].to_pylist():
            if row["dt"] <= date and (row["doc_id"] not in latest or latest[row["doc_id"]]["dt"] < row["dt"]):
                latest[row["doc_id"]] = row
        guess = estimated or {}
        self.rows = sorted(latest.values(), key=lambda row: _publication(row, guess.get(row["doc_id"])))
        self.number = {row["doc_id"]: n for n, row in enumerate(self.rows)}
        self.new = np.array([row["dt"] == date for row in self.rows], dtype=bool)
        self.sentences = self._grouped(tables["sentences"], "sent_no")
        self.claims = self._grouped(tables["claims"], "claim_id")
        self.names = self._spans(tables["mentions"])
        self.credits = self._grouped(tables["credits"], "credit_no")
        self.layers: dict[str, list[Row]] = defaultdict(list)
        for row in tables["attributions"].to_pylist():
            self.layers[row["claim_id"]].append(row)
        for rows in self.layers.values():
            rows.sort(key=lambda r: r["layer"])

    def _grouped(self, table: pa.Table, order: str) -> dict[int, list[Row]]:
        """Rows of each document on its own date, in order of the column ``order``."""
        found: dict[int, list[Row]] = defaultdict(list)
        for row in table.to_pylist():
            number = self.number.get(row["doc_id"])
            if number is not None and self.rows[number]["dt"] == row["dt"]:
                found[number].append(row)
        for rows in found.values():
            rows.sort(key=lambda r: r[order])
        return found

    def _spans(self, table: pa.Table) -> dict[int, list[tuple[int, int]]]:
        return {
            n: sorted((r["start"], r["end"]) for r in rows if r["type"] in ("PER", "ORG", "LOC"))
            for n, rows in self._grouped(table, "start").items()
        }

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Sentences of the document's kept text."""
        return [(s["start"], s["end"]) for s in self.sentences.get(number, ())]

    def namings(self, number: int) -> list[Naming]:
        """Where the document's claims name a source: the cue and the words of every layer that has both."""
        layers = (x for claim in self.claims[number] for x in self.layers[claim["claim_id"]])
        spans = ((x["cue_start"], x["cue_end"], x["start"], x["end"]) for x in layers)
        return sorted({Naming(*s) for s in spans if None not in s})


_carrier = cache(carrier)  # a few names are given a thousand times


def _publication(row: Row, estimated: Any = None) -> tuple[bool, Any, str]:
    """Order of publication; documents without a time, given or estimated, come last."""
    when = row["published_at"] or estimated
    return when is None, when or 0, row["doc_id"]


def _estimated(window: _Window, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Publication times of undated documents, by doc_id: the day nearest to the closest dated partner's that falls
    on the weekday on which the document says it was written."""
    closest: dict[int, tuple[float, int]] = {}
    for p in pairs:
        for one, other in ((p.a, p.b), (p.b, p.a)):
            if window.rows[one]["published_at"] is None and window.rows[other]["published_at"] is not None:
                closest[one] = max(closest.get(one, (0.0, -1)), (p.tie.share_a + p.tie.share_b, other))
    found = {}
    for number, (_, partner) in sorted(closest.items()):
        row = window.rows[number]
        weekday = writing_weekday(row["text"], window.spans(number))
        if weekday is not None:
            found[row["doc_id"]] = nearest(weekday, window.rows[partner]["published_at"])
    return found


class _Alignment:
    """The pairs of related documents of a window, and what is needed to compare them."""

    def __init__(self, window: _Window, params: AlignParams) -> None:
        self.window = window
        self.sources = [
            Source(row["text"], window.spans(n), row["outlet"], window.names.get(n, ()), window.namings(n))
            for n, row in enumerate(window.rows)
        ]
        self.corpus = build((s.text, s.sentences) for s in self.sources)
        shape = Shape(gap=params.gap, min_mass=params.min_mass, min_share=params.min_share)
        self.aligner = Aligner(self.corpus, self.sources, shape)
        found = candidates(
            self.corpus,
            np.ones(len(window.rows), dtype=bool),
            cap=params.pair_cap,
            near=params.near,
            mass=params.pair_mass,
            far_mass=params.far_mass,
        )
        self.pairs = [p for a, b in found if (p := self.aligner.pair(a, b)) is not None]


def run(tables: Tables, params: AlignParams, date: str) -> dict[str, pa.Table]:
    """Return stories, reuse, claim_links, claim_groups and origins of ``date``. See ``Stage.run``."""
    alignment = _Alignment(_Window(tables, date), params)
    estimated = _estimated(alignment.window, alignment.pairs)
    if estimated:  # an undated document has found its place among the dated ones: number all anew
        alignment = _Alignment(_Window(tables, date, estimated), params)
    return _tables(alignment, params)


def _tables(alignment: _Alignment, params: AlignParams) -> dict[str, pa.Table]:
    window, aligner, pairs, corpus = alignment.window, alignment.aligner, alignment.pairs, alignment.corpus
    passages: dict[tuple[int, int], list[Passage]] = {}
    ties: list[Tie] = []
    for p in pairs:
        tie = p.tie
        if window.new[p.a] or window.new[p.b]:
            passages[p.a, p.b], tie = aligner.compare(p)
        ties.append(tie)
    group_of = cluster(len(window.rows), ties, params.story_floor)
    origins = trace(_pages(window), ties)
    scope = scopes(pairs, group_of, [s.outlet for s in alignment.sources])
    weights = dict(zip(corpus.keys, corpus.weights.tolist(), strict=True))
    claim_links = _claim_links(pairs, window, _Claims(window, aligner), weights)
    return {
        "stories": _table(STORIES, _stories(window, group_of, ties)),
        "reuse": _table(REUSE, _reuse(window, passages, scope)),
        "claim_links": _table(CLAIM_LINKS, _new_links(window, claim_links)),
        "claim_groups": _table(CLAIM_GROUPS, _groups(window, claim_links, origins)),
        "origins": _table(ORIGINS, _origins(window, origins)),
    }


def _table(spec: TableSpec, rows: Iterable[Row]) -> pa.Table:
    return spec.table(sorted(rows, key=lambda r: tuple(r[k] for k in spec.key)))


# --- documents ------------------------------------------------------------------------------------------------------


def _stories(window: _Window, group_of: Sequence[int], ties: Sequence[Tie]) -> list[Row]:
    shared = [0.0] * len(window.rows)
    for tie in ties:
        if group_of[tie.a] == group_of[tie.b]:
            shared[tie.a] = max(shared[tie.a], tie.share_a)
            shared[tie.b] = max(shared[tie.b], tie.share_b)
    return [
        {
            "doc_id": window.rows[n]["doc_id"],
            "story_id": story_id(window.rows[group_of[n]]["doc_id"]),
            "role": role,
            "score": round(min(shared[n], 1.0), 4),
        }
        for n, (role, _, _) in enumerate(roles(group_of, ties))
        if window.new[n]
    ]


def _reuse(
    window: _Window,
    passages: Mapping[tuple[int, int], list[Passage]],
    scope: Mapping[tuple[int, int], str],
) -> list[Row]:
    return [
        {
            "a_doc_id": window.rows[a]["doc_id"], "b_doc_id": window.rows[b]["doc_id"], "link_no": n,
            "a_start": p.a_start, "a_end": p.a_end, "b_start": p.b_start, "b_end": p.b_end,
            "relation": p.relation, "scope": scope[a, b], "similarity": round(p.similarity, 4),
            "edits": [e._asdict() for e in p.comparison.edits],
        }
        for (a, b), rows in passages.items()
        for n, p in enumerate(rows)
    ]  # fmt: skip


def _pages(window: _Window) -> list[Page]:
    return [
        Page(
            row["doc_id"],
            [(c["credit_no"], c["kind"], c["canonical"]) for c in window.credits[n]],
            [
                (
                    c["claim_id"],
                    next((x["name"] for x in window.layers[c["claim_id"]] if _carrier(x["name"])), None),
                )
                for c in window.claims[n]
            ],
            row["published_at"],
        )
        for n, row in enumerate(window.rows)
    ]


def _origins(window: _Window, origins: Sequence[Origin]) -> list[Row]:
    return [
        {
            "doc_id": row["doc_id"],
            "origin": origin.origin,
            "kind": origin.kind,
            "evidence": origin.evidence,
            "score": origin.score,
        }
        for row, origin, new in zip(window.rows, origins, window.new, strict=True)
        if new
    ]


# --- claims ---------------------------------------------------------------------------------------------------------


def _relays(window: _Window, claim_id: str) -> tuple[str, ...]:
    """Names of the outer layers of a claim, outermost first."""
    return tuple(x["name"] for x in window.layers[claim_id] if x["relation"] == "relay" and x["name"])


class _Claims:
    """Claims of documents, cut up when they are first compared; those used last are kept."""

    KEPT = 2000

    def __init__(self, window: _Window, aligner: Aligner) -> None:
        self.window, self.aligner = window, aligner
        self.held: dict[int, list[Claim]] = {}

    def of(self, number: int) -> list[Claim]:
        """The claims of one document, ready to be compared."""
        found = self.held.pop(number, None)
        if found is None:
            text = self.window.rows[number]["text"]
            found = [self._claim(number, text, row) for row in self.window.claims.get(number, ())]
            if len(self.held) >= self.KEPT:
                del self.held[next(iter(self.held))]
        self.held[number] = found
        return found

    def _claim(self, number: int, text: str, row: Row) -> Claim:
        return Claim(
            row["claim_id"],
            text,
            tuple(u for s in row["content"] for u in self.aligner.units(number, s["start"], s["end"])),
            row["stance"],
            row["kind"],
            row["speaker_name"],
            row["speaker_type"],
            _relays(self.window, row["claim_id"]),
        )


def _claim_links(
    pairs: Sequence[Pair], window: _Window, claims: _Claims, weights: Mapping[str, float]
) -> list[ClaimLink]:
    found = []
    for p in pairs:
        if p.tie.is_template or p.a not in window.claims or p.b not in window.claims:
            continue
        left, right = claims.of(p.a), claims.of(p.b)
        for i, j, similarity in match(left, right, weights):
            how = relation(left[i], right[j], similarity)
            found.append(ClaimLink(left[i].claim_id, right[j].claim_id, how, round(similarity, 4)))
    return found


def _owners(window: _Window) -> dict[str, int]:
    return {row["claim_id"]: n for n, rows in window.claims.items() for row in rows}


def _new_links(window: _Window, links: Sequence[ClaimLink]) -> list[Row]:
    owner = _owners(window)
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


def _groups(
    window: _Window,
    links: Sequence[ClaimLink],
    origins: Sequence[Origin],
) -> list[Row]:
    voice_of: dict[str, str] = {}
    for number in sorted(window.claims):
        for claim in window.claims[number]:
            named = next((c for name in _relays(window, claim["claim_id"]) if (c := _carrier(name))), None)
            voice_of[claim["claim_id"]] = (
                f"{named[0]}:{named[1]}"
                if named
                else independent(origins[number], window.rows[number]["doc_id"])
            )
    owner = _owners(window)
    group_of = groups(list(voice_of), links)
    doc_of = {c: window.rows[owner[c]]["doc_id"] for c in voice_of}
    outlet_of = {row["doc_id"]: row["outlet"] for row in window.rows}
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
