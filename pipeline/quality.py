"""Checks before anything is stored or published: what fails here never reaches a reader.

``check`` looks at one table of one batch; the gates look at the whole night.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import GateError
from pipeline.schemas import TableSpec

# Rejects that say where an article already is, or that something never was one; they are no loss and do not count against the night.
INFORMATIONAL = frozenset({"duplicate", "not_an_article"})


class CheckFailed(ValueError):
    """A stage returned rows that break the contract of a table."""


def check(spec: TableSpec, table: pa.Table, documents: pa.Table | None) -> None:
    """Check schema, nulls, keys, code columns and spans of a table against its declaration.

    ``documents`` (doc_id, text) resolves spans; spans are not checked where it is None or has no text.
    Raises CheckFailed naming table, column and first offending row.
    """
    if table.schema.names != list(spec.names) or not table.schema.equals(spec.schema, check_metadata=False):
        raise CheckFailed(f"{spec.name}: schema differs: {table.schema.names} is not {list(spec.names)}")
    for column in spec.columns:
        if not column.nullable and table[column.name].null_count:
            raise CheckFailed(f"{spec.name}.{column.name}: null in a required column")
        if column.values:
            strange = set(pc.unique(table[column.name]).to_pylist()) - {*column.values, None}
            if strange:
                raise CheckFailed(f"{spec.name}.{column.name}: {sorted(strange)} not among {column.values}")
    if table.num_rows and spec.name != "rejects":
        keys = table.group_by(list(spec.key)).aggregate([]).num_rows
        if keys != table.num_rows:
            raise CheckFailed(f"{spec.name}: {table.num_rows - keys} rows repeat a key {spec.key}")
    if documents is not None and "text" in documents.column_names and "doc_id" in spec.names:
        texts = dict(zip(documents["doc_id"].to_pylist(), documents["text"].to_pylist(), strict=True))
        _check_spans(spec, table, texts)


def _check_spans(spec: TableSpec, table: pa.Table, texts: Mapping[str, str]) -> None:
    if not spec.spans or not table.num_rows:
        return
    doc_ids = table["doc_id"].to_pylist()
    unknown = set(doc_ids) - texts.keys()
    if unknown:
        raise CheckFailed(f"{spec.name}: rows of unknown documents {sorted(unknown)[:3]}")
    lengths = pa.array([len(texts[d]) for d in doc_ids], pa.int32())
    for start, end, text in spec.spans:
        good = pc.and_(
            pc.and_(pc.greater_equal(table[start], 0), pc.less_equal(table[start], table[end])),
            pc.less_equal(table[end], lengths),
        )
        if pc.all(good).as_py() not in (True, None):
            raise CheckFailed(f"{spec.name}: a span {start}..{end} lies outside its document")
        if text is not None:
            rows = zip(doc_ids, *(table[c].to_pylist() for c in (start, end, text)), strict=True)
            for doc_id, a, b, slice_ in rows:
                if a is not None and texts[doc_id][a:b] != slice_:
                    raise CheckFailed(f"{spec.name}: {start}..{end} of {doc_id} does not reproduce {text}")


def gate_documents(counts: Mapping[str, int], changed: set[str], min_share: float) -> None:
    """Hold the publication when a changed date has fewer documents than ``min_share`` of the others' median.

    counts: documents by date. Raises GateError naming the date and both figures.

    >>> gate_documents({"2026-11-01": 100, "2026-11-02": 96}, {"2026-11-02"}, 0.5)
    """
    for date in sorted(changed):
        others = [n for d, n in counts.items() if d < date]
        if min_share and others and counts[date] < min_share * median(others):
            raise GateError(
                f"{counts[date]} documents on {date}, the days before have {median(others):g} in the median",
                place="gates.min_document_share",
                next_action="look whether an outlet is missing; to publish all the same: "
                "--set gates.min_document_share=0",
            )


def reject_share(documents: int, at_the_door: Mapping[str, int], later: Mapping[str, int]) -> float:
    """Share of inputs that were lost; duplicates of accepted articles are no loss.

    documents: accepted by ingest. at_the_door: rejects of ingest by reason. later: rejects of the other stages,
    whose documents are among the accepted.

    >>> reject_share(9, {"binary": 1, "duplicate": 5}, {"crash": 1})
    0.2
    """
    refused, failed = (
        sum(n for r, n in codes.items() if r not in INFORMATIONAL) for codes in (at_the_door, later)
    )
    return (refused + failed) / (documents + refused) if documents + refused else 0.0
