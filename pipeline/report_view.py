"""What the report shows, as plain values: figures, stories with their passages and claims, rejects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.quality import INFORMATIONAL
from pipeline.report_changes import (
    TELLING_RELATIONS,
    Limits,
    interest,
    passage,
    telling,
    title_of,
)
from pipeline.report_data import Night, Row
from pipeline.report_text import visible


@dataclass(frozen=True)
class Bar:
    """One line of a small bar chart; ``width`` in percent of the longest."""

    label: str
    count: int
    width: float


def bars(counts: Counter[str], order: Sequence[str] = ()) -> list[Bar]:
    """Bars for ``counts``: in the given order, else by count and name; zero counts are left out."""
    keys = [k for k in order if counts[k]] or sorted(counts, key=lambda k: (-counts[k], k))
    top = max((counts[k] for k in keys), default=1)
    return [Bar(title_of(k), counts[k], round(100 * counts[k] / top, 1)) for k in keys if counts[k]]


def edit_counts(night: Night) -> Counter[str]:
    """Edits by kind over all aligned passages that are not template text."""
    found = (e["kind"] for r in night.rows["reuse"] if r["scope"] != "template" for e in r["edits"] or ())
    return Counter(found)


def source_of(night: Night, doc_id: str) -> str:
    """Where the text of a document ultimately comes from: agency, outlet, or the document itself."""
    seen = set()
    while doc_id not in seen:
        seen.add(doc_id)
        origin = night.origins.get(doc_id)
        if origin is None or origin["kind"] == "own" or not origin["origin"]:
            return night.outlet(doc_id)
        if origin["kind"] != "document" or origin["origin"] not in night.documents:
            return visible(origin["origin"], 80)
        doc_id = origin["origin"]
    return night.outlet(doc_id)


def figures(night: Night) -> dict[str, Any]:
    """The counts of the night; ``records`` = ``accepted`` + ``duplicates`` + ``rejected``."""
    documents = night.rows["documents"]
    lost = [r for r in night.rows["rejects"] if r["reason"] not in INFORMATIONAL]
    refused = [r for r in lost if r["stage"] == "ingest"]
    twins = len(night.rows["rejects"]) - len(lost)
    outlets = Counter(night.outlet(d["doc_id"]) for d in documents)
    told = [docs for docs in night.stories.values() if len(docs) > 1]
    roles = Counter(s["role"] for s in night.rows["stories"])
    links = Counter(x["relation"] for x in night.rows["claim_links"])
    relayed = {a["claim_id"] for a in night.rows["attributions"] if a["relation"] == "relay"}
    edits = edit_counts(night)
    return {
        "records": len(documents) + twins + len(refused),
        "accepted": len(documents),
        "duplicates": twins,
        "rejected": len(refused),
        "failed_later": len(lost) - len(refused),
        "reasons": Counter(r["reason"] for r in lost),
        "outlets": outlets,
        "stories": len(night.stories),
        "told_twice": len(told),
        "roles": roles,
        "copies": roles["copy"],
        "rewrites": roles["rewrite"],
        "claims": len(night.claims),
        "relayed": len(relayed & set(night.claims)),
        "elided": sum(c["speaker_mention"] == "elided" for c in night.rows["claims"]),
        "edits": edits,
        "n_edits": sum(edits.values()),
        "links": links,
        "telling": sum(links[r] for r in TELLING_RELATIONS),
        "origins": len({source_of(night, d) for d in night.documents}),
    }


def _pairs(night: Night, doc_ids: Sequence[str], limits: Limits) -> list[dict[str, Any]]:
    """For each later document of a story, the earlier one that it shares most with, and their passages."""
    out = []
    for b in doc_ids:
        by_source: dict[str, list[Row]] = defaultdict(list)
        for row in night.reuse_to.get(b, ()):
            if row["scope"] != "template" and row["a_doc_id"] in night.documents:
                by_source[row["a_doc_id"]].append(row)
        if not by_source:
            continue
        shared = {a: sum((r["b_end"] - r["b_start"]) * (r["similarity"] or 0) for r in rows)
                  for a, rows in by_source.items()}  # fmt: skip
        a = min(shared, key=lambda doc: (-shared[doc], doc))
        rows = by_source[a]
        edited = sorted((r for r in rows if r["edits"]), key=lambda r: (interest(r["edits"]), r["b_start"]))
        shown = sorted(edited[: limits.passages], key=lambda r: (r["b_start"], r["link_no"]))
        out.append(
            {
                "a_outlet": night.outlet(a),
                "b_outlet": night.outlet(b),
                "total": len(rows),
                "unchanged": len(rows) - len(edited),
                "passages": [passage(night, r, limits.passage_chars) for r in shown],
                "left_out": len(edited) - len(shown),
                "others": len(by_source) - 1,
            }
        )
    return out


def _groups(night: Night, doc_ids: Sequence[str], limits: Limits) -> tuple[list[dict[str, Any]], int]:
    """The claims of a story, claims that say the same together, most widely carried first."""
    members: dict[str, list[Row]] = defaultdict(list)
    for doc_id in doc_ids:
        for claim in night.claims_of.get(doc_id, ()):
            group = night.groups.get(claim["claim_id"])
            members[group["group_id"] if group else claim["claim_id"]].append(claim)

    def counts(claims: list[Row]) -> Row:
        # A group grows from night to night: the newest of its rows knows the most documents.
        found = [g for c in claims if (g := night.groups.get(c["claim_id"]))]
        alone = {"n_docs": 1, "n_outlets": 1, "n_origins": 1}
        return max(found, key=lambda g: (g["n_docs"], g["n_outlets"], g["n_origins"]), default=alone)

    ordered = sorted(
        members.items(),
        key=lambda kv: (-counts(kv[1])["n_outlets"], -len(kv[1]), night.early(kv[1][0]["doc_id"]),
                        kv[1][0]["cue_start"]),
    )  # fmt: skip
    shown = []
    for _, claims in ordered[: limits.groups]:
        claims.sort(key=lambda c: (night.early(c["doc_id"]), c["cue_start"]))
        tellings = [telling(night, c["claim_id"], limits.passage_chars) for c in claims[: limits.tellings]]
        number = counts(claims)
        shown.append(
            {
                "first": tellings[0],
                "tellings": tellings,
                "more": len(claims) - len(tellings),
                "n_docs": number["n_docs"],
                "n_outlets": number["n_outlets"],
                "n_origins": number["n_origins"],
            }
        )
    return shown, len(ordered) - len(shown)


def first_of(night: Night, story_id: str) -> str:
    """The document that a story starts from: the one with the role origin, else the earliest."""
    members = night.stories[story_id]
    return min(members, key=lambda s: (s["role"] != "origin", night.early(s["doc_id"])))["doc_id"]  # type: ignore[no-any-return]


def _story(night: Night, story_id: str, limits: Limits) -> dict[str, Any]:
    members = sorted(night.stories[story_id], key=lambda s: night.early(s["doc_id"]))
    doc_ids = [s["doc_id"] for s in members]
    documents = []
    for row in members:
        doc_id = row["doc_id"]
        origin = night.origins.get(doc_id)
        documents.append(
            {
                "outlet": night.outlet(doc_id),
                "title": night.title(doc_id),
                "when": night.when(doc_id),
                "role": row["role"],
                "score": row["score"] or 0.0,
                "source": source_of(night, doc_id),
                "evidence": visible(origin["evidence"], 60) if origin else "",
                "uri": visible(night.documents.get(doc_id, {}).get("source_uri") or "", 120),
                "n_claims": len(night.claims_of.get(doc_id, ())),
            }
        )
    groups, left_out = _groups(night, doc_ids, limits)
    return {
        "id": visible(story_id),
        "title": night.title(first_of(night, story_id)),
        "documents": documents,
        "n_outlets": len({night.outlet(d) for d in doc_ids}),
        "sources": sorted({source_of(night, d) for d in doc_ids}),
        "n_claims": sum(d["n_claims"] for d in documents),
        "pairs": _pairs(night, doc_ids, limits),
        "groups": groups,
        "groups_left_out": left_out,
    }


def story_order(night: Night) -> list[str]:
    """Stories of more than one document: most outlets first, then most documents, then the earliest."""

    def key(story_id: str) -> tuple[int, int, tuple[bool, str, str]]:
        docs = [s["doc_id"] for s in night.stories[story_id]]
        return (-len({night.outlet(d) for d in docs}), -len(docs), min(night.early(d) for d in docs))

    return sorted((s for s, docs in night.stories.items() if len(docs) > 1), key=key)


def stories(night: Night, limits: Limits) -> tuple[list[dict[str, Any]], int]:
    """The stories that more than one document tells; and how many are left out."""
    order = story_order(night)
    return [_story(night, s, limits) for s in order[: limits.stories]], max(0, len(order) - limits.stories)


def singles(night: Night, limits: Limits) -> tuple[list[dict[str, Any]], int]:
    """Documents that stand alone, with most claims first; and how many are left out."""
    alone = [d for d in night.documents
             if d not in night.story_of or len(night.stories[night.story_of[d]["story_id"]]) == 1]  # fmt: skip
    alone.sort(key=lambda d: (-len(night.claims_of.get(d, ())), night.early(d)))
    shown = [
        {
            "outlet": night.outlet(d),
            "title": night.title(d),
            "when": night.when(d),
            "source": source_of(night, d),
            "n_claims": len(night.claims_of.get(d, ())),
        }
        for d in alone[: limits.singles]
    ]
    return shown, len(alone) - len(shown)


def rejects(night: Night, limits: Limits) -> tuple[list[dict[str, str]], int]:
    """The quarantine: what was refused, where, why, and what to do; and how many rows are left out."""
    rows = sorted(night.rows["rejects"], key=lambda r: r["reason"] in INFORMATIONAL)
    columns = ("stage", "key", "reason", "detail", "place", "next_action")
    shown = [{c: visible(r[c] or "", 200) for c in columns} for r in rows[: limits.rejects]]
    return shown, len(rows) - len(shown)
