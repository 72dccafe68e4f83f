"""Two documents, or all documents of one story, as plain values ready to be printed.

What is aligned stands next to each other with its edits; what only one text has stands alone; nothing is computed
here that the published tables do not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.report_changes import (
    EDIT_ORDER,
    TELLING_RELATIONS,
    Change,
    changes_of,
    claim_span,
    title_of,
)
from pipeline.report_data import Night, Row
from pipeline.report_text import Mark, Piece, pieces, visible

PLAIN_KINDS = frozenset({"spelling", "wording"})
"""Kinds of edit that are marked in the text but named only on request."""
MIN_ALNUM = 3
"""Fewest letters or digits that make a stretch worth showing."""


@dataclass(frozen=True)
class Part:
    """Aligned passages (both sides filled) or a stretch that only one text has (the other side empty).

    label: how close the passages are, or which side stands alone. similarity: None for a stretch alone.
    """

    label: str
    a: tuple[Piece, ...]
    b: tuple[Piece, ...]
    changes: tuple[Change, ...] = ()
    similarity: float | None = None


@dataclass(frozen=True)
class Told:
    """One telling of a claim: document, who says it through whom, content; relation to the first telling."""

    outlet: str
    when: str
    chain: str
    text: str
    relation: str = ""
    similarity: float | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Diff:
    """Two documents, a the earlier: headings, facts about the pair, its parts in order of a, claims that differ."""

    a: Mapping[str, str]
    b: Mapping[str, str]
    facts: tuple[str, ...]
    parts: tuple[Part, ...]
    claims: tuple[tuple[Told, Told], ...]


@dataclass(frozen=True)
class Group:
    """One claim that several outlets carry: how many documents, outlets, independent origins; its tellings."""

    docs: int
    outlets: int
    origins: int
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Story:
    """A story: documents by time, and the claims that more than one outlet carries, most carried first."""

    story_id: str
    title: str
    outlets: int
    origins: int
    documents: tuple[Mapping[str, str], ...]
    groups: tuple[Group, ...]
    left_out: int


def heading(night: Night, doc_id: str) -> dict[str, str]:
    """What tells a document from others, as text: doc_id, uri, outlet, when, title, role, story, origin, score."""
    story, origin = night.story_of.get(doc_id), night.origins.get(doc_id)
    return {
        "doc_id": doc_id,
        "uri": visible(night.documents[doc_id]["source_uri"]),
        "outlet": night.outlet(doc_id),
        "when": night.when(doc_id) or "undated",
        "title": night.title(doc_id),
        "role": story["role"] if story else "–",
        "score": f"{story['score']:.2f}" if story else "",
        "story": story["story_id"] if story else "",
        "origin": _origin(origin),
        "source": visible(origin["origin"]) if origin and origin["origin"] else "",
    }


def _origin(origin: Row | None) -> str:
    if origin is None:
        return "unknown"
    return f"{origin['kind']}, {visible(origin['evidence'])}, score {origin['score']:.2f}"


def _changes(night: Night, a: str, b: str, edits: Iterable[Row], every: bool) -> tuple[Change, ...]:
    """Edits as words, most telling kind first; wording and spelling only where ``every`` asks for them."""
    return changes_of(night, a, b, (e for e in edits if every or e["kind"] not in PLAIN_KINDS))


def _marks(edits: Iterable[Row], side: str) -> list[Mark]:
    marks = []
    for e in edits:
        kind = "quote" if e["kind"] == "quote_drift" else "move" if e["op"] == "move" else side
        marks.append(Mark(e[f"{side}_start"], e[f"{side}_end"], kind))
    return marks


def _alone(text: str, sentences: Iterable[Row], taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of the sentences that no span in ``taken`` (sorted) covers, without white space around them."""
    found = []
    for s in sentences:
        at = s["start"]
        for lo, hi in [*(t for t in taken if t[1] > s["start"] and t[0] < s["end"]), (s["end"], s["end"])]:
            start, end = at, max(at, min(lo, s["end"]))
            piece = text[start:end]
            if sum(c.isalnum() for c in piece) >= MIN_ALNUM:
                start += len(piece) - len(piece.lstrip())
                found.append((start, start + len(piece.strip())))
            at = max(at, hi)
    return found


def _parts(night: Night, a: str, b: str, rows: Sequence[Row], every: bool) -> tuple[Part, ...]:
    """Aligned passages in order of a, each followed by what stands in b alone after it."""
    left, right = night.documents[a]["text"] or "", night.documents[b]["text"] or ""
    sentences: dict[str, list[Row]] = {a: [], b: []}
    for (doc_id, _), sentence in sorted(night.sentences.items()):
        if doc_id in sentences:
            sentences[doc_id].append(sentence)
    placed: list[tuple[tuple[int, int, int], Part]] = []
    ends_b = sorted((r["b_end"], r["a_start"]) for r in rows)
    for start, end in _alone(left, sentences[a], sorted((r["a_start"], r["a_end"]) for r in rows)):
        placed.append(((start, 0, start), Part("only A", pieces(left, start, end, ()), ())))
    for r in rows:
        edits = r["edits"] or ()
        part = Part(
            r["relation"],
            pieces(left, r["a_start"], r["a_end"], _marks(edits, "a")),
            pieces(right, r["b_start"], r["b_end"], _marks(edits, "b")),
            _changes(night, a, b, edits, every),
            r["similarity"],
        )
        placed.append(((r["a_start"], 1, r["b_start"]), part))
    for start, end in _alone(right, sentences[b], sorted((r["b_start"], r["b_end"]) for r in rows)):
        before = [at for stop, at in ends_b if stop <= start]
        placed.append(
            ((before[-1] if before else -1, 2, start), Part("only B", (), pieces(right, start, end, ())))
        )
    return tuple(part for _, part in sorted(placed, key=lambda x: x[0]))


def _chain(night: Night, claim: Row) -> str:
    """Sources outermost first, an arrow between them; the dash stands for a source that the text leaves out."""
    names = [layer["name"] for layer in night.chain(claim["claim_id"])]
    return " > ".join(names) or visible(claim["speaker_name"] or claim["speaker_text"] or "–")


def _told(night: Night, claim: Row, link: Row | None = None, changes: tuple[Change, ...] = ()) -> Told:
    doc_id = claim["doc_id"]
    return Told(
        night.outlet(doc_id),
        night.when(doc_id),
        _chain(night, claim),
        visible(claim["content_text"], 400),
        title_of(link["relation"]) if link else "",
        link["similarity"] if link else None,
        changes,
    )


def _claim_changes(night: Night, a: Row, b: Row) -> tuple[Change, ...]:
    """Telling edits of the passages that align the two documents, within the sentences of the two claims."""
    spans = [claim_span(night, claim) for claim in (a, b)]
    edits = [
        e
        for r in night.reuse_to.get(b["doc_id"], ())
        if r["a_doc_id"] == a["doc_id"]
        for e in r["edits"] or ()
        if spans[0][0] <= e["a_start"] <= e["a_end"] <= spans[0][1]
        and spans[1][0] <= e["b_start"] <= e["b_end"] <= spans[1][1]
    ]
    return _changes(night, a["doc_id"], b["doc_id"], edits, every=False)


def diff(night: Night, one: str, two: str, *, every: bool = False) -> Diff:
    """The two documents; the earlier one is a whichever comes first. ``every``: name spelling and wording too."""
    rows = [r for r in night.rows["reuse"] if {r["a_doc_id"], r["b_doc_id"]} == {one, two}]
    a, b = sorted((one, two), key=night.early)
    if rows:
        a, b = rows[0]["a_doc_id"], rows[0]["b_doc_id"]
    claims = []
    for link in night.rows["claim_links"]:
        left, right = night.claims[link["a_claim_id"]], night.claims[link["b_claim_id"]]
        if link["relation"] in TELLING_RELATIONS and (left["doc_id"], right["doc_id"]) == (a, b):
            claims.append((_told(night, left), _told(night, right, link, _claim_changes(night, left, right))))
    return Diff(
        heading(night, a),
        heading(night, b),
        _facts(night, a, b, rows),
        _parts(night, a, b, rows, every),
        tuple(claims),
    )


def _facts(night: Night, a: str, b: str, rows: Sequence[Row]) -> tuple[str, ...]:
    stories = [night.story_of.get(d) for d in (a, b)]
    same = (
        stories[0] is not None and stories[1] is not None and stories[0]["story_id"] == stories[1]["story_id"]
    )
    facts = [f"one story, {stories[0]['story_id']}" if same and stories[0] else "two stories"]
    if not rows:
        return (*facts, "no passage of one was found in the other")
    facts.append(f"shared as {', '.join(sorted({r['scope'] for r in rows}))}")
    for side, doc_id in (("a", a), ("b", b)):
        kept = sum(s["end"] - s["start"] for (d, _), s in night.sentences.items() if d == doc_id)
        covered, done = 0, 0
        for start, end in sorted((r[f"{side}_start"], r[f"{side}_end"]) for r in rows):
            covered += max(0, end - max(start, done))
            done = max(done, end)
        other = "B" if side == "a" else "A"
        facts.append(f"{min(1.0, covered / max(kept, 1)):.0%} of {side.upper()} stands in {other}")
    counts = Counter(e["kind"] for r in rows for e in r["edits"] or ())
    named = [f"{title_of(k)} {counts[k]}" for k in EDIT_ORDER if counts[k]]
    facts.append("edits: " + (", ".join(named) or "none"))
    return tuple(facts)


def story(night: Night, story_id: str, limit: int = 20) -> Story:
    """The story with its documents by time and at most ``limit`` claims that several outlets carry."""
    members = sorted((s["doc_id"] for s in night.stories[story_id]), key=night.early)
    origins = {_voice(night, d) for d in members}
    groups: dict[str, list[Row]] = {}
    for doc_id in members:
        for claim in night.claims_of.get(doc_id, ()):
            group = night.groups.get(claim["claim_id"])
            if group is not None and group["n_outlets"] > 1:
                groups.setdefault(group["group_id"], []).append(claim)
    several = [rows for rows in groups.values() if len({night.outlet(c["doc_id"]) for c in rows}) > 1]
    ordered = sorted(several, key=lambda rows: (-len({c["doc_id"] for c in rows}), rows[0]["claim_id"]))
    return Story(
        story_id,
        night.title(members[0]),
        len({night.outlet(d) for d in members}),
        len(origins),
        tuple(heading(night, d) for d in members),
        tuple(_group(night, rows) for rows in ordered[:limit]),
        max(0, len(ordered) - limit),
    )


def _voice(night: Night, doc_id: str) -> str:
    """What a document's text comes from in the end; itself where nothing else is known."""
    origin = night.origins.get(doc_id)
    return origin["origin"] if origin and origin["origin"] else doc_id


def _group(night: Night, rows: Sequence[Row]) -> Group:
    """Tellings of one claim by time, each against the earlier telling that it is closest to."""
    links = {(x["a_claim_id"], x["b_claim_id"]): x for x in night.rows["claim_links"]}
    told = []
    for n, claim in enumerate(rows):
        known = [
            (x["similarity"], -m, x, earlier)
            for m, earlier in enumerate(rows[:n])
            if (x := links.get((earlier["claim_id"], claim["claim_id"])))
        ]
        if known:
            _, _, link, earlier = max(known, key=lambda k: k[:2])
            told.append(_told(night, claim, link, _claim_changes(night, earlier, claim)))
        else:
            told.append(_told(night, claim))
    # Every night counts the tellings up to its own date: the newest claim knows of them all.
    counts = max((night.groups[c["claim_id"]] for c in rows), key=lambda g: g["n_docs"])
    return Group(counts["n_docs"], counts["n_outlets"], counts["n_origins"], tuple(told))
