"""The documents of the window that ``align`` looks at, in order of publication, with what other stages found in them.

Made from columns of plain values, so that a night of many thousand rows costs no mapping for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.text.edit_kinds import Naming

Columns = Mapping[str, Sequence[Any]]
Spans = Sequence[tuple[int, int]]


class Paper(NamedTuple):
    """One document: identity, outlet, time of publication or None, text, batch date."""

    doc_id: str
    outlet: str | None
    published_at: Any
    text: str
    dt: str


class Claimed(NamedTuple):
    """A row of table claims; ``content`` as pairs (start, end)."""

    claim_id: str
    content: Spans
    speaker_name: str | None
    speaker_type: str | None
    stance: str
    kind: str


class Layer(NamedTuple):
    """A row of table attributions."""

    layer: int
    relation: str
    name: str | None
    start: int | None
    end: int | None
    cue_start: int | None
    cue_end: int | None


class Window:
    """Papers in order of publication; sentences, names, claims and credits of each by its number.

    tables: columns of the tables that ``align`` reads, with ``dt`` in each. date: the batch date; later rows do not
    count, and of a document that came on several dates only the last does, with what was found in it on that date.
    estimated: publication times of undated documents.
    """

    def __init__(
        self, tables: Mapping[str, Columns], date: str, estimated: Mapping[str, Any] | None = None
    ) -> None:
        latest: dict[str, Paper] = {}
        for paper in map(Paper._make, _rows(tables["documents"], Paper._fields)):
            held = latest.get(paper.doc_id)
            if paper.dt <= date and (held is None or held.dt < paper.dt):
                latest[paper.doc_id] = paper
        guess = estimated or {}
        self.papers = sorted(latest.values(), key=lambda p: _publication(p, guess.get(p.doc_id)))
        self.number = {p.doc_id: n for n, p in enumerate(self.papers)}
        self.new = [p.dt == date for p in self.papers]
        self.sentences: Mapping[int, Spans] = self._grouped(tables["sentences"], "sent_no", ("start", "end"))
        self.names = self._spans(tables["mentions"])
        claims = self._grouped(tables["claims"], "claim_id", Claimed._fields)
        self.claims = {n: list(map(Claimed._make, rows)) for n, rows in claims.items()}
        self.credits: dict[int, list[tuple[int, str, str]]] = self._grouped(
            tables["credits"], "credit_no", ("credit_no", "kind", "canonical")
        )
        self._layers = self._attributed(tables["attributions"])

    def _grouped(self, table: Columns, order: str, columns: Sequence[str]) -> dict[int, list[Any]]:
        """Rows (tuples of ``columns``) of each document on its own date, in order of the column ``order``."""
        found: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
        numbers = map(self.number.get, table["doc_id"])
        for number, dt, at, row in zip(
            numbers, table["dt"], table[order], _rows(table, columns), strict=True
        ):
            if number is not None and self.papers[number].dt == dt:
                found[number].append((at, row))
        return {n: [row for _, row in sorted(rows, key=_first)] for n, rows in found.items()}

    def _spans(self, table: Columns) -> dict[int, Spans]:
        rows = self._grouped(table, "start", ("start", "end", "type"))
        return {n: sorted((s, e) for s, e, t in row if t in _NAMED) for n, row in rows.items()}

    def _attributed(self, table: Columns) -> dict[str, list[Layer]]:
        found: dict[str, list[Layer]] = defaultdict(list)
        owner = self.owners()
        for claim, dt, row in zip(table["claim_id"], table["dt"], _rows(table, Layer._fields), strict=True):
            number = owner.get(claim)
            if number is not None and self.papers[number].dt == dt:
                found[claim].append(Layer._make(row))
        for rows in found.values():
            rows.sort(key=_first)
        return dict(found)

    def layers(self, claim_id: str) -> Sequence[Layer]:
        """The layers of a claim, outermost first."""
        return self._layers.get(claim_id, ())

    def relays(self, claim_id: str) -> tuple[str, ...]:
        """Names of the outer layers of a claim, outermost first."""
        return tuple(x.name for x in self.layers(claim_id) if x.relation == "relay" and x.name)

    def namings(self, number: int) -> list[Naming]:
        """Where the document's claims name a source: the cue and the words of every layer that has both."""
        layers = (x for claim in self.claims.get(number, ()) for x in self.layers(claim.claim_id))
        spans = ((x.cue_start, x.cue_end, x.start, x.end) for x in layers)
        return sorted({Naming(a, b, c, d) for a, b, c, d in spans
                       if a is not None and b is not None and c is not None and d is not None})  # fmt: skip

    def owners(self) -> dict[str, int]:
        """Number of the document of every claim."""
        return {claim.claim_id: n for n, rows in self.claims.items() for claim in rows}


_NAMED = ("PER", "ORG", "LOC")


def _rows(table: Columns, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[c] for c in columns), strict=True)


def _first(row: tuple[Any, ...]) -> Any:
    return row[0]


def _publication(paper: Paper, estimated: Any = None) -> tuple[bool, Any, str]:
    """Order of publication; documents without a time, given or estimated, come last."""
    when = paper.published_at or estimated
    return when is None, when or 0, paper.doc_id
