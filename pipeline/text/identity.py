"""Identity of documents across a unit and the nights before it: duplicates and revisions, over plain rows."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

Row = dict[str, Any]
_RECORD = re.compile(r"#([0-9]+)$")
_NEVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


class Dropped(NamedTuple):
    """A row that is not kept, and why."""

    row: Row
    detail: str


def source_order(uri: str) -> tuple[str, int]:
    """Sort key of a source: path, then record number as a number.

    >>> sorted(["a.jsonl#10", "a.jsonl#9"], key=source_order)
    ['a.jsonl#9', 'a.jsonl#10']
    """
    match = _RECORD.search(uri)
    return (uri[: match.start()], int(match[1])) if match else (uri, 0)


def identity(row: Row) -> tuple[str, str, str] | None:
    """What makes two rows versions of one article: outlet and record_id, else outlet and url, else the path of a
    single-article file. A record without id and url in a container has none (its number may shift).

    >>> identity({"outlet": "alpha", "record_id": "7", "url": None, "source_uri": "a.jsonl#1"})
    ('id', 'alpha', '7')
    >>> identity({"outlet": "alpha", "record_id": None, "url": None, "source_uri": "x/a.txt"})
    ('path', '', 'x/a.txt')
    """
    for kind, column in (("id", "record_id"), ("url", "url")):
        if row[column]:
            return kind, row["outlet"] or "", row[column]
    return None if _RECORD.search(row["source_uri"]) else ("path", "", row["source_uri"])


def _fold_twins(rows: Iterable[Row]) -> tuple[list[Row], list[Dropped]]:
    """Keep the first row of every doc_id, with the places of the others."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: source_order(row["source_uri"])):
        groups[row["doc_id"]].append(row)
    kept: list[Row] = []
    dropped: list[Dropped] = []
    for first, *others in groups.values():
        first["other_sources"] = [row["source_uri"] for row in others]
        kept.append(first)
        dropped += [Dropped(row, f"same article as {first['source_uri']}") for row in others]
    return kept, dropped


def _chain(versions: list[Row], former: Iterable[Row], date: str) -> None:
    """Number the versions of one article, after those that were published before; changes the rows."""
    ids = {row["doc_id"] for row in versions}
    same_night = {row["doc_id"]: row for row in former if row["dt"] == date}
    older = [row for row in former if row["doc_id"] not in ids]
    last = max(older, key=lambda row: (row["dt"], row["revision"], row["doc_id"]), default=None)
    versions.sort(key=lambda row: (row["published_at"] or _NEVER, source_order(row["source_uri"])))
    for place, row in enumerate(versions):
        settled = same_night.get(row["doc_id"])
        if settled is not None:
            row["revision"], row["previous_doc_id"] = settled["revision"], settled["previous_doc_id"]
        elif last is not None:
            row["revision"], row["previous_doc_id"] = last["revision"] + 1, last["doc_id"]
        if place:
            row["repairs"] = [*row["repairs"], f"id_conflict@{versions[place - 1]['source_uri']}"]
        last = row


def resolve(rows: list[Row], former: Iterable[Row], date: str) -> tuple[list[Row], list[Dropped]]:
    """Resolve the identities of one unit; ``former`` are published rows with ``dt``, up to ``date``.

    Changes ``revision``, ``previous_doc_id``, ``other_sources`` and ``repairs`` of the rows; returns those that
    are kept and those that are dropped. See ``pipeline.stages.ingest.settle`` for the rules.
    """
    former = sorted(former, key=lambda row: (row["dt"], row["revision"], row["doc_id"]))
    kept, dropped = _fold_twins(rows)
    earliest: dict[str, Row] = {}
    for row in former:
        earliest.setdefault(row["doc_id"], row)
    fresh: list[Row] = []
    for row in kept:
        seen = earliest.get(row["doc_id"])
        if seen is not None and seen["dt"] < date:
            dropped.append(Dropped(row, f"published on {seen['dt']} from {seen['source_uri']}"))
        else:
            fresh.append(row)
    articles: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in fresh:
        key = identity(row)
        if key is not None:
            articles[key].append(row)
    older: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in former:
        key = identity(row)
        if key is not None and key in articles:
            older[key].append(row)
    for key, versions in articles.items():
        _chain(versions, older[key], date)
    return fresh, sorted(dropped, key=lambda item: source_order(item.row["source_uri"]))
