"""Which raw files there are, what they hold, and to which night each belongs.

A file is hashed once: its stamp (size, times, inode) tells later runs that it is unchanged. Its batch date is
that of a date folder in its path, else the date of the run that first saw it, which is then remembered.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline import sources
from pipeline.store import Store
from pipeline.units import Unit

CACHE = "cache/raw_stamps.arrow"


@dataclass(frozen=True)
class RawState:
    """Readable files by batch date, each with its SHA-256, and the problems by date."""

    files: Mapping[str, list[tuple[sources.RawFile, str]]]
    problems: Mapping[str, list[sources.RawProblem]]
    hashed: int
    seen: int

    def listing(self, date: str) -> tuple[tuple[str, str], ...]:
        """(uri, SHA-256 or reason) of everything that lies there for a date."""
        found = [(f.uri, sha) for f, sha in self.files.get(date, [])]
        found += [(p.uri, f"problem:{p.reason}") for p in self.problems.get(date, [])]
        return tuple(sorted(found))

    @property
    def dates(self) -> set[str]:
        return set(self.files) | set(self.problems)


def survey(root: Path, store: Store, units: Mapping[str, Unit], today: str) -> RawState:
    """List the raw folder and hash what is new or changed.

    Raises InputError where the folder is missing or empty.
    """
    listing = sources.scan(root)
    known = _read_cache(store)
    by_uri, by_sha = _remembered(units)
    files: dict[str, list[tuple[sources.RawFile, str]]] = defaultdict(list)
    problems: dict[str, list[sources.RawProblem]] = defaultdict(list)
    fresh: dict[str, tuple[str, str]] = {}
    hashed = 0

    def date_for(uri: str, sha: str | None) -> str:
        return sources.date_of(uri) or by_uri.get(uri) or (by_sha.get(sha) if sha else None) or today

    for file in listing.files:
        stamp, sha = known.get(file.uri, ("", ""))
        if stamp != file.stamp:
            try:
                sha = sources.digest(root, file)
            except sources.UnreadableError as fault:
                action = fault.next_action or "look at the file"
                problem = sources.RawProblem(file.uri, fault.reason, fault.message, action)
                problems[date_for(file.uri, None)].append(problem)
                continue
            hashed += 1
        fresh[file.uri] = (file.stamp, sha)
        files[date_for(file.uri, sha)].append((file, sha))
    for problem in listing.problems:
        problems[date_for(problem.uri, None)].append(problem)
    if fresh != known:
        _write_cache(store, fresh)
    return RawState(files, problems, hashed, len(listing.files) + len(listing.problems))


def _remembered(units: Mapping[str, Unit]) -> tuple[dict[str, str], dict[str, str]]:
    """Batch date by uri and by content, from the ingest units of the published snapshot."""
    by_uri, by_sha = {}, {}
    for unit in sorted(units.values(), key=lambda u: u.date, reverse=True):
        for uri, sha in unit.files:
            by_uri[uri] = unit.date
            by_sha[sha] = unit.date
    return by_uri, by_sha


def _read_cache(store: Store) -> dict[str, tuple[str, str]]:
    """Stamps of the last run; an unreadable cache only costs the hashing."""
    with contextlib.suppress(OSError, pa.ArrowException, KeyError):
        with pa.OSFile(str(store.root / CACHE)) as file:
            table = pa.ipc.open_file(file).read_all()
        columns = [table[c].to_pylist() for c in ("uri", "stamp", "sha256")]
        return {uri: (stamp, sha) for uri, stamp, sha in zip(*columns, strict=True)}
    return {}


def _write_cache(store: Store, stamps: Mapping[str, tuple[str, str]]) -> None:
    uris = sorted(stamps)
    table = pa.table(
        {"uri": uris, "stamp": [stamps[u][0] for u in uris], "sha256": [stamps[u][1] for u in uris]},
        schema=pa.schema([(c, pa.string()) for c in ("uri", "stamp", "sha256")]),
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    store.write_bytes(store.root / CACHE, bytes(sink.getvalue()))
