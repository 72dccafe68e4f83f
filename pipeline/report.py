"""The night as one self-contained HTML page, and as a few lines for the terminal.

Both are pure functions of the published tables: no clock, no network, no script. Everything that comes from
the news is data to the page: Jinja2 escapes it, characters that reorder text are made visible, and a content
security policy allows nothing but the page's own style sheet (named by its hash).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from pipeline import report_changes as changes
from pipeline import report_view as view
from pipeline.report_changes import Limits
from pipeline.report_data import READS, SUMMARY_READS, Night
from pipeline.report_text import visible
from pipeline.resources import read_bytes

__all__ = ["READS", "SUMMARY_READS", "Limits", "build", "provenance", "summary", "visible"]


def _csp_hash(css: object) -> str:
    """The CSP source expression for an inline style sheet (CSP level 2: base64 of its SHA-256)."""
    digest = hashlib.sha256(str(css).encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def provenance(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What the foot of the page says about the run: the ``meta`` of :func:`build`, from a snapshot's manifest."""
    seconds: dict[str, float] = {}
    for name, unit in manifest["units"].items():
        stage = name.partition("@")[0]
        seconds[stage] = seconds.get(stage, 0.0) + unit["seconds"]
    stale = sorted(name for name, unit in manifest["units"].items() if unit["stale"])
    return {
        "snapshot": manifest["id"],
        "created": manifest["created_at"],
        "isnad": manifest["version"],
        "work in seconds": ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items()),
        "older than their input": ", ".join(stale),
        "files": f"{len(manifest['files'])}, each with its SHA-256 in manifest.json",
    }


def _provenance(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(changes.title_of(str(k)), visible(v, 200)) for k, v in meta.items() if v is not None and v != ""]


def _dates(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, Any]) -> str:
    """The batch dates of the tables, ``first – last``; ``meta["date"]`` where no row has one."""
    days: set[str] = set()
    for name in ("documents", "rejects"):
        frame = tables.get(name)
        if frame is not None and "dt" in frame:
            days.update(str(day)[:10] for day in frame["dt"].dropna().unique())
    if not days:
        return visible(meta.get("date") or "no date")
    return min(days) if len(days) == 1 else f"{min(days)} – {max(days)}"


def build(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, Any], limits: Limits | None = None) -> str:
    """Return the report of a night as one HTML document.

    ``tables``: table name → frame with the columns of ``schemas`` (those of ``READS`` suffice; a missing table
    counts as empty; ``dt`` gives the dates in the heading). ``meta``: what is told at the foot of the page about
    the run, in its order (snapshot, configuration, versions …). ``limits`` caps the lists of a large night.
    """
    limits = limits or Limits()
    night = Night(tables)
    numbers = view.figures(night)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["csp_hash"] = _csp_hash
    environment.filters["words"] = changes.title_of
    template = environment.from_string(read_bytes("report.html.j2").decode("utf-8"))
    return template.render(
        dates=_dates(tables, meta),
        n=numbers,
        edit_bars=view.bars(numbers["edits"], changes.EDIT_ORDER),
        outlet_bars=view.bars(numbers["outlets"]),
        reason_bars=view.bars(numbers["reasons"]),
        role_bars=view.bars(numbers["roles"], ("origin", "copy", "rewrite", "single")),
        retold=changes.retold(night, limits),
        dropped=changes.silently_dropped(night, limits),
        stories=view.stories(night, limits),
        singles=view.singles(night, limits),
        rejects=view.rejects(night, limits),
        provenance=_provenance(meta),
    )


def _counted(counts: Mapping[str, int], limit: int = 4) -> str:
    items = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    shown = ", ".join(f"{changes.title_of(name)} {count:,}" for name, count in items[:limit] if count)
    return shown + (f" and {len(items) - limit} more" if len(items) > limit else "")


def _plural(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def _change_lines(night: Night, limit: int) -> list[str]:
    """One edit of each of the most telling kinds, one line each: outlet, kind, before → after.

    Of sources, the longest edit is shown, since a whole source that is gone says more than a word of it; of other
    kinds that of the most similar passages, since what differs there differs alone.
    """
    best: dict[str, tuple[tuple[float, str, int], str]] = {}
    for row in changes.closest(night):
        outlet = night.outlet(row["b_doc_id"])
        ends = row["a_doc_id"], row["b_doc_id"]
        for change in changes.changes_of(night, *ends, row["edits"] or (), changes.CHANGE_CHARS):
            before, after = (visible(t, 48) or "–" for t in (change.before, change.after))
            size = len(change.before) + len(change.after)
            weight = size if change.kind.startswith("attribution") else row["similarity"] or 0.0
            rank = (-weight, row["b_doc_id"], row["b_start"])
            if before != after and (change.kind not in best or rank < best[change.kind][0]):
                best[change.kind] = (rank, f"    {outlet}, {change.kind}: {before} → {after}")
    wanted = [changes.title_of(kind) for kind in changes.EDIT_ORDER if kind not in ("wording", "spelling")]
    return [best[kind][1] for kind in wanted if kind in best][:limit]


def summary(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, Any]) -> str:
    """Return the night in about fifteen plain lines for a terminal; arguments as for :func:`build`.

    The columns of ``SUMMARY_READS`` suffice.
    """
    night = Night(tables, SUMMARY_READS)
    n = view.figures(night)
    twins = f", {n['duplicates']:,} seen before" if n["duplicates"] else ""
    reasons = f" ({_counted(n['reasons'])})" if n["reasons"] else ""
    lines = [
        f"The night of {_dates(tables, meta)}",
        f"  {_plural(n['records'], 'record')} read: {n['accepted']:,} accepted{twins}, "
        f"{n['rejected']:,} rejected{reasons}",
    ]
    if n["failed_later"]:
        lines.append(f"  {_plural(n['failed_later'], 'accepted document')} failed in a later stage")
    if n["outlets"]:
        lines.append(f"  {_plural(len(n['outlets']), 'outlet')}: {_counted(n['outlets'], 6)}")
    lines += [
        f"  {_plural(n['stories'], 'story')}, {n['told_twice']:,} told more than once: "
        f"{_plural(n['copies'], 'reprint')}, {_plural(n['rewrites'], 'rewrite')}; "
        f"{_plural(n['origins'], 'independent origin')}",
        f"  {_plural(n['claims'], 'claim')}, {n['relayed']:,} passed on by another source, "
        f"{n['elided']:,} with the speaker left out",
        f"  {_plural(n['n_edits'], 'edit')} between outlets"
        + (f": {_counted(n['edits'], 5)}" if n["edits"] else ""),
    ]
    for story_id in view.story_order(night)[:3]:
        docs = [s["doc_id"] for s in night.stories[story_id]]
        told = _plural(len({night.outlet(d) for d in docs}), "outlet")
        origins = _plural(len({view.source_of(night, d) for d in docs}), "origin")
        lines.append(f"    {told}, {origins}: {visible(night.title(view.first_of(night, story_id)), 70)}")
    changed = _change_lines(night, 5)
    if changed:
        lines += ["  what was changed on the way, for example:", *changed]
    for reject in view.rejects(night, changes.Limits(rejects=2))[0]:
        lines.append(f"  rejected {visible(reject['key'], 60)}: {reject['reason']}; "
                     f"next: {visible(reject['next_action'], 90)}")  # fmt: skip
    return "\n".join(lines)
