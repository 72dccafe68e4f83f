"""The work inside a worker: read one batch, run the stage, check what it returned, store it.

A document that makes the stage raise costs only itself: the batch is then run document by document, the
culprits go to ``rejects``, the rest is run again without them.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import quality, rawread, sources
from pipeline.errors import IsnadError, StageError
from pipeline.executors import alarm, describe
from pipeline.fingerprint import digest
from pipeline.forks import resting, spread
from pipeline.schemas import TABLES, reject
from pipeline.stage import Params, Stage
from pipeline.stages import STAGES
from pipeline.stages.ingest import IngestParams
from pipeline.store import ObjectInfo, Store, object_from, object_json

BY_NAME: Mapping[str, Stage] = {stage.name: stage for stage in STAGES}


@dataclass(frozen=True)
class RawWork:
    """Raw files for ingest: the root, the planned batch, and about how many records make a part."""

    root: Path
    batch: sources.RawBatch
    target: int


@dataclass(frozen=True)
class Batch:
    """One task. ``inputs`` holds (date, object) pairs by table; ``only`` and ``exclude`` name documents."""

    stage: str
    date: str
    params: Params
    processed: Path
    key: str
    inputs: Mapping[str, tuple[tuple[str, ObjectInfo], ...]] = field(default_factory=dict)
    raw: RawWork | None = None
    only: str | None = None
    exclude: Mapping[str, str] = field(default_factory=dict)  # doc_id (raw: source_uri) → fault
    document_s: float = 0.0  # seconds that a raw record may take alone in a worker; 0: no limit
    workers: int = 1  # copies of the process that a stage may spread its work over
    careful: bool = False  # raw records one by one, noting each first, so that a killer is known by name

    @property
    def size(self) -> int:
        """Bytes of input, for running the largest batches first."""
        return sum(info.size for pairs in self.inputs.values() for _, info in pairs)


@dataclass(frozen=True)
class BatchResult:
    """What a batch gave: one mapping table → object for each part (ingest may cut a file into several)."""

    key: str
    parts: tuple[Mapping[str, ObjectInfo], ...]
    seconds: float
    peak_mb: int
    transient: bool = False  # a read failed in a way that may not last: not to be remembered


def execute(batch: Batch) -> BatchResult:
    """Run one batch in this process and store its tables. Raises IsnadError where no document is to blame."""
    started = time.perf_counter()
    stage, store = BY_NAME[batch.stage], Store(batch.processed)
    parts, transient = [], False
    for number, tables in enumerate(_load(stage, store, batch)):
        if batch.raw is not None:
            part, passing = _raw_part(stage, store, batch, number, tables["raw"])
            transient = transient or passing
            parts.append(part)
            continue
        out = run_isolated(stage, tables, batch.params, batch.date, batch.workers)
        out["rejects"] = pa.concat_tables([out["rejects"], _quarantined(batch, batch.exclude)])
        parts.append({name: store.write(name, table) for name, table in out.items()})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return BatchResult(batch.key, tuple(parts), time.perf_counter() - started, peak, transient)


def _raw_part(
    stage: Stage, store: Store, batch: Batch, number: int, raw: pa.Table
) -> tuple[Mapping[str, ObjectInfo], bool]:
    """Store what one raw table gives; also True where a read failed in a way that may not last.

    The worker has ``document_s`` seconds for the whole table, which is ample; where that runs out, or the worker dies,
    the batch comes again with ``careful`` set, and each record has that time for itself.
    """
    uris = raw["source_uri"].to_pylist()
    excluded = {uri: batch.exclude[uri] for uri in uris if uri in batch.exclude}
    passing = any(map(sources.transient, pc.unique(raw["problem"]).drop_null().to_pylist()))
    key = f"{batch.key}-{number}-{digest(raw['sha256'].to_pylist(), excluded)}"
    known = store.recall(key) if batch.careful else None
    if known is not None:
        part = {name: object_from(info) for name, info in known.items()}
        if all(store.intact(info) for info in part.values()):
            return part, passing
    sound = without({"raw": raw}, list(excluded))["raw"]
    if batch.careful:
        for at, uri in enumerate(sound["source_uri"].to_pylist()):
            store.remember(marker(batch), {"uri": uri})
            alarm(batch.document_s)
            run_isolated(stage, {"raw": sound.slice(at, 1)}, batch.params, batch.date)
        store.remember(marker(batch), {"uri": None})
    alarm(batch.document_s * (10 if batch.careful else 1))
    out = run_isolated(stage, {"raw": sound}, batch.params, batch.date)
    alarm(0)
    out["rejects"] = pa.concat_tables([out["rejects"], _quarantined(batch, excluded)])
    part = {name: store.write(name, table) for name, table in out.items()}
    if batch.careful:
        store.remember(key, {name: object_json(info) for name, info in part.items()})
    return part, passing


def marker(batch: Batch) -> str:
    """Key of the note that names the record which a careful batch is at (null: none)."""
    return f"{batch.key}-at"


def _load(stage: Stage, store: Store, batch: Batch) -> Iterator[dict[str, pa.Table]]:
    if batch.raw is not None:
        for raw in _read_raw(batch, batch.raw):
            yield {"raw": raw}
        return
    tables = {}
    for name, columns in stage.reads.items():
        pieces = []
        for date, info in batch.inputs[name]:
            piece = store.read(info, columns)
            if stage.scope == "window":
                piece = piece.append_column("dt", pa.array([date] * piece.num_rows, pa.string()))
            pieces.append(piece)
        if pieces:
            tables[name] = pa.concat_tables(pieces)
        else:
            tables[name] = _no_rows(name, columns, window=stage.scope == "window")
    if batch.only is not None:
        tables = {n: t.filter(pc.equal(t["doc_id"], batch.only)) for n, t in tables.items()}
    if batch.exclude:
        tables = without(tables, list(batch.exclude))
    yield tables


def _read_raw(batch: Batch, work: RawWork) -> Iterator[pa.Table]:
    assert isinstance(batch.params, IngestParams)
    keys = (*batch.params.fields.text, *batch.params.fields.title)
    return rawread.read(work.root, work.batch, target=work.target, limits=batch.params.limits, keys=keys)


def _no_rows(name: str, columns: tuple[str, ...], *, window: bool) -> pa.Table:
    table = TABLES[name].empty().select(list(columns))
    return table.append_column("dt", pa.array([], pa.string())) if window else table


def without(tables: Mapping[str, pa.Table], doc_ids: list[str]) -> dict[str, pa.Table]:
    """The tables without the rows of some documents (or raw records)."""
    gone = pa.array(doc_ids, pa.string())
    return {n: t.filter(pc.invert(pc.is_in(t[_id_column(t)], gone))) for n, t in tables.items()}


def _id_column(table: pa.Table) -> str:
    return "doc_id" if "doc_id" in table.column_names else "source_uri"


def _run(
    stage: Stage, tables: Mapping[str, pa.Table], params: Params, date: str, workers: int = 1
) -> dict[str, pa.Table]:
    if stage.spreads:
        with resting():
            out = stage.run(tables, params, date, spread(workers))
    else:
        out = stage.run(tables, params, date)
    if set(out) != set(stage.writes):
        raise StageError(f"stage {stage.name} must return {sorted(stage.writes)}, it returned {sorted(out)}")
    for name, table in out.items():
        quality.check(TABLES[name], table, tables.get("documents") or out.get("documents"))
    if "rejects" not in out:
        out["rejects"] = TABLES["rejects"].empty()
    return out


def run_isolated(
    stage: Stage, tables: Mapping[str, pa.Table], params: Params, date: str, workers: int = 1
) -> dict[str, pa.Table]:
    """Run a stage; where it raises, find the documents that make it raise and reject them.

    Raises the first error again where every document fails (then the stage is to blame) and for a stage that
    sees the whole window.
    """
    try:
        return _run(stage, tables, params, date, workers)
    except (IsnadError, MemoryError):
        raise
    except Exception as error:
        if stage.scope == "window":
            raise
        main = next(iter(stage.reads))
        id_column = _id_column(tables[main])
        ids = tables[main][id_column].unique().to_pylist()
        bad = dict(_culprits(stage, tables, params, date, ids))
        if not bad or len(bad) == len(ids) > 2:
            raise StageError(
                f"stage {stage.name} fails on every document of a batch: {describe(error)}",
                next_action="this is a fault of the program or its models; report it with this message",
            ) from error
        out = _run(stage, without(tables, list(bad)), params, date)
        rows = [
            reject(stage.name, key, "error", detail, "look at the document; report the error if it is sound")
            for key, detail in bad.items()
        ]
        out["rejects"] = pa.concat_tables([out["rejects"], TABLES["rejects"].table(rows)])
        return out


def _culprits(
    stage: Stage, tables: Mapping[str, pa.Table], params: Params, date: str, ids: list[str]
) -> Iterator[tuple[str, str]]:
    for key in ids:
        alone = {n: t.filter(pc.equal(t[_id_column(t)], key)) for n, t in tables.items()}
        try:
            _run(stage, alone, params, date)
        except (IsnadError, MemoryError):
            raise
        except Exception as error:
            yield key, describe(error)


def _quarantined(batch: Batch, faults: Mapping[str, str]) -> pa.Table:
    """Reject rows for documents that took a worker down or outran their time."""
    rows = [
        reject(
            batch.stage,
            key,
            fault,
            f"alone in a fresh worker: {fault}",
            "look at the document; it is skipped until it, the code or the model changes",
        )
        for key, fault in sorted(faults.items())
    ]
    return TABLES["rejects"].table(rows)
