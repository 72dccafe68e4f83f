"""The tables of a night as plain rows and indexes, which the views of the report read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

import pandas as pd

from pipeline.report_text import visible
from pipeline.schemas import TABLES

Row = Mapping[str, Any]

# table → the columns that the report reads: the caller need load no others.
READS: Mapping[str, tuple[str, ...]] = {
    "documents": ("doc_id", "source_uri", "outlet", "title", "published_at", "text"),
    "blocks": ("doc_id", "block_no", "kind", "start", "end"),
    "sentences": ("doc_id", "sent_no", "start", "end"),
    "claims": (
        "claim_id", "doc_id", "sent_no", "speaker_start", "speaker_end", "speaker_text", "speaker_name",
        "speaker_mention", "cue_start", "cue_end", "cue_text", "content", "content_text", "quoted", "kind",
        "stance",
    ),
    "attributions": ("claim_id", "layer", "relation", "name", "text", "carried"),
    "stories": ("doc_id", "story_id", "role", "score"),
    "reuse": (
        "a_doc_id", "b_doc_id", "link_no", "a_start", "a_end", "b_start", "b_end", "relation", "scope",
        "similarity", "edits",
    ),
    "claim_links": ("a_claim_id", "b_claim_id", "relation", "similarity"),
    "claim_groups": ("claim_id", "group_id", "n_docs", "n_outlets", "n_origins"),
    "origins": ("doc_id", "origin", "kind", "evidence", "score"),
    "rejects": ("stage", "key", "reason", "detail", "place", "next_action"),
}  # fmt: skip

# The same for the summary on the terminal, which shows no claims one by one.
SUMMARY_READS: Mapping[str, tuple[str, ...]] = {
    "documents": READS["documents"],
    "blocks": READS["blocks"],
    "claims": ("claim_id", "doc_id", "speaker_mention", "cue_start"),
    "attributions": ("claim_id", "layer", "relation"),
    "stories": READS["stories"],
    "reuse": READS["reuse"],
    "claim_links": ("a_claim_id", "b_claim_id", "relation"),
    "origins": READS["origins"],
    "rejects": READS["rejects"],
}


def _values(column: pd.Series, is_list: bool) -> list[Any]:
    """A column as plain Python values: missing is None, a list of structs is a list of dicts."""
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return [None if v is None else list(v) for v in values] if is_list else values


def _rows(tables: Mapping[str, pd.DataFrame], name: str, columns: tuple[str, ...]) -> list[Row]:
    frame = tables.get(name)
    if name == "blocks" and frame is not None:  # far the longest table here, and only its headlines are shown
        frame = frame[frame["kind"] == "title"]
    if frame is None or not len(frame) or not columns:
        return []
    lists = {c.name for c in TABLES[name].columns if c.name in columns and str(c.type).startswith("list")}
    empty = [None] * len(frame)
    data = [_values(frame[c], c in lists) if c in frame else empty for c in columns]
    rows: list[Row] = [dict(zip(columns, values, strict=True)) for values in zip(*data, strict=True)]
    return sorted(rows, key=itemgetter(*(key for key in TABLES[name].key if key in columns)))


def _group(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    out: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        out[row[key]].append(row)
    return dict(out)


class Night:
    """All rows of a night, sorted by key, with the indexes that the views need.

    A table that is missing counts as empty, so a night of no documents is a night too. ``reads``: the columns
    to take, READS or a part of it.
    """

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], reads: Mapping[str, tuple[str, ...]] = READS
    ) -> None:
        rows = {name: _rows(tables, name, reads.get(name, ())) for name in READS}
        self.rows = rows
        self.documents: dict[str, Row] = {d["doc_id"]: d for d in rows["documents"]}
        self.title_blocks = {b["doc_id"]: b for b in reversed(rows["blocks"])}
        self.sentences = {(s["doc_id"], s["sent_no"]): s for s in rows["sentences"]}
        self.claims: dict[str, Row] = {c["claim_id"]: c for c in rows["claims"]}
        self.claims_of = _group(rows["claims"], "doc_id")
        self.layers = _group(rows["attributions"], "claim_id")
        self.origins = {o["doc_id"]: o for o in rows["origins"]}
        self.story_of = {s["doc_id"]: s for s in rows["stories"]}
        self.stories = _group(rows["stories"], "story_id")
        self.reuse_to = _group(rows["reuse"], "b_doc_id")
        self.groups = {g["claim_id"]: g for g in rows["claim_groups"]}
        # later document → places in it whose attribution a claim link speaks about
        self.attribution_cues: dict[str, list[int]] = defaultdict(list)
        for link in rows["claim_links"]:
            a, b = self.claims.get(link["a_claim_id"]), self.claims.get(link["b_claim_id"])
            if a and b and link["relation"] in ("attribution_dropped", "attribution_changed"):
                self.attribution_cues[b["doc_id"]].append(b["cue_start"])

    def outlet(self, doc_id: str) -> str:
        """The outlet's name, or a dash where the input gave none."""
        return visible(self.documents.get(doc_id, {}).get("outlet") or "–")

    def title(self, doc_id: str) -> str:
        """The headline: of the record, else the title block of the page, else its first line."""
        document = self.documents.get(doc_id)
        if document is None:
            return visible(doc_id)
        text = document["text"] or ""
        block = self.title_blocks.get(doc_id)
        title = document["title"] or (text[block["start"] : block["end"]] if block else "")
        return visible((title or text[:200].lstrip().split("\n", 1)[0]).strip(), 160)

    def when(self, doc_id: str) -> str:
        """Publication time to the minute in UTC (midnight is shown as a bare date), or an empty string."""
        value = self.documents.get(doc_id, {}).get("published_at")
        return "" if value is None else f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")

    def early(self, doc_id: str) -> tuple[bool, str, str]:
        """Sort key: published earlier first, undated last."""
        when = self.when(doc_id)
        return (not when, when, doc_id)

    def chain(self, claim_id: str) -> list[dict[str, Any]]:
        """The sources of a claim, outermost first: name, whether it only relays, whether it was carried over."""
        return [
            {
                "name": visible(layer["name"] or layer["text"] or "source not named", 80),
                "relay": layer["relation"] == "relay",
                "carried": bool(layer["carried"]),
            }
            for layer in self.layers.get(claim_id, [])
        ]
