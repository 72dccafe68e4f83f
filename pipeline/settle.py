"""Apply what a stage decides once a whole unit is known: duplicates go, revisions are numbered, repeated lines are marked."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipeline.fingerprint import digest
from pipeline.schemas import TABLES
from pipeline.stage import Params, Settlement, Stage
from pipeline.store import ObjectInfo, Store
from pipeline.units import Part, Unit

Key = tuple[object, ...]


def settle(stage: Stage, params: Params, unit: Unit, published: Mapping[str, Unit], store: Store) -> Unit:
    """Return the unit with the amendments of ``stage.settle`` applied to the batches that they concern."""
    assert stage.settle is not None
    table, columns = stage.writes[0], list(stage.settle_reads)
    current = _concat(store, [(unit.date, i) for i in unit.objects(table)], table, columns)
    units = published.values() if stage.settle_former else ()
    former = [(u.date, i) for u in units if u.stage == stage.name for i in u.objects(table)]
    previous = _concat(store, sorted(former, key=lambda p: (p[0], p[1].sha256)), table, columns)
    decided = stage.settle(current.drop_columns("dt"), previous, params, unit.date)
    if decided.amendments.num_rows == 0 and decided.rejects.num_rows == 0:
        return unit
    changes = _by_key(decided)
    parts = tuple(_amended(part, table, decided.key, changes, store) for part in unit.parts)
    extra = (*unit.extra, store.write("rejects", decided.rejects)) if decided.rejects.num_rows else unit.extra
    return Unit(unit.stage, unit.date, unit.components, parts, extra, unit.files, unit.seconds)


def _concat(store: Store, infos: list[tuple[str, ObjectInfo]], table: str, columns: list[str]) -> pa.Table:
    pieces = []
    for date, info in infos:
        if info.rows:
            piece = store.read(info, columns)
            pieces.append(piece.append_column("dt", pa.array([date] * info.rows, pa.string())))
    if pieces:
        return pa.concat_tables(pieces)
    return TABLES[table].empty().select(columns).append_column("dt", pa.array([], pa.string()))


def _by_key(decided: Settlement) -> dict[Key, dict[str, object]]:
    return {tuple(row[name] for name in decided.key): row for row in decided.amendments.to_pylist()}


def _amended(
    part: Part, name: str, key: tuple[str, ...], changes: Mapping[Key, dict[str, object]], store: Store
) -> Part:
    """The part with its rows dropped or overwritten; the very same part where no row is concerned."""
    keys = store.read(part.outputs[name], list(key)).to_pylist()
    hits = [changes.get(tuple(k[c] for c in key)) for k in keys]
    if not any(hits):
        return part
    table = store.read(part.outputs[name])
    rows = []
    for row, hit in zip(table.to_pylist(), hits, strict=True):
        if hit is None:
            rows.append(row)
        elif hit["keep"]:
            rows.append({**row, **{k: v for k, v in hit.items() if k != "keep"}})
    info = store.write(name, TABLES[name].table(rows))
    # A part is named by the documents that it holds, which only the table of documents can change.
    origin = digest(info.columns["doc_id"]) if name == "documents" else part.origin
    return Part(origin, {**part.outputs, name: info})
