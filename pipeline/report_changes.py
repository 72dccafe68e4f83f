"""What changed between two tellings, as plain values: aligned passages with marked edits, claims retold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report_data import Night, Row
from pipeline.report_text import Mark, Piece, pieces, visible

# The order in which changes are shown, most telling first. It decides the order of the page, nothing else.
RELATION_ORDER = (
    "attribution_dropped", "attribution_changed", "contradicts", "quote_drift", "edited", "paraphrase", "same",
)  # fmt: skip
TELLING_RELATIONS = RELATION_ORDER[:4]
EDIT_ORDER = (
    "attribution_dropped", "attribution_added", "polarity", "quote_drift", "number", "loaded_word", "name",
    "date", "wording", "spelling",
)  # fmt: skip

CHANGE_CHARS = 120
"""Most characters of one side of an edit in a list of edits."""


@dataclass(frozen=True)
class Limits:
    """How much of a large night one page shows; what is left out is counted on the page."""

    retold: int = 30
    dropped: int = 20
    stories: int = 25
    passages: int = 8
    groups: int = 8
    tellings: int = 12
    singles: int = 40
    rejects: int = 100
    passage_chars: int = 900


@dataclass(frozen=True)
class Change:
    """One edit in words: its kind, what stood in the earlier text and what stands in the later one (either may be empty)."""

    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class Passage:
    """Two aligned passages with their edits marked, and the edits as a list."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    changes: tuple[Change, ...]
    relation: str
    scope: str
    similarity: float


def title_of(code: str) -> str:
    """A code as words: ``attribution_dropped`` → ``attribution dropped``."""
    return visible(code).replace("_", " ")


def interest(edits: Iterable[Row]) -> tuple[int, int]:
    """Sort key of an edited passage: its most telling kind of edit, then how many edits it has."""
    ranks = [EDIT_ORDER.index(e["kind"]) if e["kind"] in EDIT_ORDER else len(EDIT_ORDER) for e in edits]
    return (min(ranks, default=len(EDIT_ORDER)), -len(ranks))


def _edit_marks(edits: Iterable[Row], side: str) -> list[Mark]:
    kind = {"a": "del", "b": "ins"}[side]
    return [
        Mark(e[f"{side}_start"], e[f"{side}_end"], "mov" if e["op"] == "move" else kind, title_of(e["kind"]))
        for e in edits
    ]


def changes_of(night: Night, a: str, b: str, edits: Iterable[Row], limit: int = 0) -> tuple[Change, ...]:
    """Edits between documents a and b in words, most telling first, then in order of the text.

    limit: most characters of each side; 0 for all of them.
    """
    left, right = (night.documents.get(doc_id, {}).get("text") or "" for doc_id in (a, b))
    return tuple(
        Change(
            title_of(e["kind"]) + (" (moved)" if e["op"] == "move" else ""),
            visible(left[e["a_start"] : e["a_end"]].strip(), limit),
            visible(right[e["b_start"] : e["b_end"]].strip(), limit),
        )
        for e in sorted(edits, key=lambda e: (interest([e])[0], e["a_start"], e["b_start"]))
    )


def claim_span(night: Night, claim: Row) -> tuple[int, int]:
    """First and last character of a claim: its content, its cue, the sentence that it stands in."""
    sentence = night.sentences.get((claim["doc_id"], claim["sent_no"]))
    spans = [(s["start"], s["end"]) for s in (*(claim["content"] or ()), *([sentence] if sentence else ()))]
    spans.append((claim["cue_start"], claim["cue_end"]))
    return min(s for s, _ in spans), max(e for _, e in spans)


def passage(night: Night, row: Row, limit: int) -> Passage:
    """One row of ``reuse`` side by side; each side shows at most ``limit`` characters."""
    edits = row["edits"] or ()
    sides = {}
    for side in "ab":
        text = night.documents.get(row[f"{side}_doc_id"], {}).get("text") or ""
        end = min(row[f"{side}_end"], row[f"{side}_start"] + limit)
        sides[side] = pieces(text, row[f"{side}_start"], end, _edit_marks(edits, side))
    return Passage(
        sides["a"],
        sides["b"],
        changes_of(night, row["a_doc_id"], row["b_doc_id"], edits, CHANGE_CHARS),
        row["relation"],
        row["scope"],
        row["similarity"] or 0.0,
    )


def claim_pieces(night: Night, claim: Row, limit: int, extra: Sequence[Mark] = ()) -> tuple[Piece, ...]:
    """The sentence of a claim with speaker, cue, content and quotes marked, and ``extra`` marks on top."""
    text = night.documents.get(claim["doc_id"], {}).get("text") or ""
    spans = [(s["start"], s["end"]) for s in claim["content"] or ()]
    marks = [Mark(*span, "content", "content") for span in spans]
    marks += [Mark(s["start"], s["end"], "quoted", "quoted") for s in claim["quoted"] or ()]
    marks.append(Mark(claim["cue_start"], claim["cue_end"], "cue", "cue"))
    if claim["speaker_start"] is not None and claim["speaker_end"] is not None:
        marks.append(Mark(int(claim["speaker_start"]), int(claim["speaker_end"]), "speaker", "speaker"))
    start, end = claim_span(night, claim)
    end = min(end, start + limit)
    return pieces(text, start, end, [*marks, *extra])


def telling(night: Night, claim_id: str, limit: int, extra: Sequence[Mark] = ()) -> dict[str, Any]:
    claim = night.claims[claim_id]
    return {
        "outlet": night.outlet(claim["doc_id"]),
        "when": night.when(claim["doc_id"]),
        "chain": night.chain(claim_id),
        "cue": visible(claim["cue_text"], 40),
        "stance": claim["stance"],
        "kind": claim["kind"],
        "pieces": claim_pieces(night, claim, limit, extra),
    }


def _marks_between(night: Night, a: Row, b: Row, side: str) -> list[Mark]:
    """Edit marks of the passages that align the two claims' documents, for the given side."""
    rows = (r for r in night.reuse_to.get(b["doc_id"], ()) if r["a_doc_id"] == a["doc_id"])
    return [m for row in rows for m in _edit_marks(row["edits"] or (), side)]


def closest(night: Night) -> list[Row]:
    """The rows of ``reuse`` that tell what each outlet changed: for each passage the most similar earlier one.

    A passage may align with several earlier documents; against any but the closest it shows the changes of others.
    """
    best: dict[tuple[str, int], Row] = {}
    for row in night.rows["reuse"]:
        key = (row["b_doc_id"], row["b_start"])
        if row["scope"] != "template" and (
            key not in best or (row["similarity"] or 0) > (best[key]["similarity"] or 0)
        ):
            best[key] = row
    return list(best.values())


def _closest_links(night: Night) -> list[Row]:
    """One telling link for each later claim and relation: the most similar earlier claim, then the earliest.

    A claim that some earlier document has just so is left out: whoever changed it, it was not this outlet.
    """
    copied = {link["b_claim_id"] for link in night.rows["claim_links"] if link["relation"] == "same"}
    best: dict[tuple[str, str], tuple[Any, Row]] = {}
    for link in night.rows["claim_links"]:
        if link["b_claim_id"] in copied:
            continue
        a, b = night.claims.get(link["a_claim_id"]), night.claims.get(link["b_claim_id"])
        if link["relation"] not in TELLING_RELATIONS or a is None or b is None:
            continue
        rank = (-(link["similarity"] or 0), night.early(a["doc_id"]), link["a_claim_id"])
        key = (link["b_claim_id"], link["relation"])
        if key not in best or rank < best[key][0]:
            best[key] = (rank, link)
    found = [link for _, link in best.values()]
    return sorted(
        found, key=lambda x: (RELATION_ORDER.index(x["relation"]), x["a_claim_id"], x["b_claim_id"])
    )


def retold(night: Night, limits: Limits) -> tuple[list[dict[str, Any]], int]:
    """Claims whose attribution, polarity or quote changed on the way; and how many are left out."""
    found = _closest_links(night)
    shown = []
    for link in found[: limits.retold]:
        a, b = night.claims[link["a_claim_id"]], night.claims[link["b_claim_id"]]
        shown.append(
            {
                "relation": link["relation"],
                "a": telling(night, a["claim_id"], limits.passage_chars, _marks_between(night, a, b, "a")),
                "b": telling(night, b["claim_id"], limits.passage_chars, _marks_between(night, a, b, "b")),
                "origins": (night.groups.get(a["claim_id"]) or {}).get("n_origins"),
            }
        )
    return shown, len(found) - len(shown)


def _retold(night: Night, row: Row) -> bool:
    """True where a claim link already tells what happened to the attribution of this passage."""
    cues = night.attribution_cues.get(row["b_doc_id"], ())
    return any(row["b_start"] <= cue < row["b_end"] for cue in cues)


def silently_dropped(night: Night, limits: Limits) -> tuple[list[dict[str, Any]], int]:
    """Passages where the later outlet drops or adds an attribution, told from the edits; and how many are left.

    A dropped attribution often leaves no claim behind at all: the words stand there as plain fact. Such a
    change is seen in the aligned passages only.
    """
    kinds = ("attribution_dropped", "attribution_added")
    rows = [
        r
        for r in closest(night)
        if any(e["kind"] in kinds for e in r["edits"] or ()) and not _retold(night, r)
    ]
    chosen = sorted(rows, key=lambda r: (interest(r["edits"]), r["b_doc_id"], r["b_start"]))
    shown = [
        {
            "a_outlet": night.outlet(r["a_doc_id"]),
            "b_outlet": night.outlet(r["b_doc_id"]),
            "passage": passage(night, r, limits.passage_chars),
        }
        for r in chosen[: limits.dropped]
    ]
    return shown, len(chosen) - len(shown)
