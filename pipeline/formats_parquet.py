"""Rows of a Parquet file as JSON records, a few at a time."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.formats_split import Piece
from pipeline.streams import Damage

_ROWS = 32


def _plain(value: Any) -> Any:
    """A value that JSON has no form for: times in ISO 8601, decimals as text, bytes in Base64."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | dt.timedelta):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"no JSON form for {type(value).__name__}")


def parquet_rows(file: BinaryIO, damage: list[Damage], limit: int, memory: int) -> Iterator[Piece]:
    """Rows in order, as UTF-8 JSON objects; numbers that are no numbers (NaN) become null.

    Damage: ``bad_archive`` where the file or a row group cannot be read, ``too_long`` for a row group above ``memory``.
    """
    try:
        table = pq.ParquetFile(file, memory_map=False, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        damage.append(Damage("bad_archive", f"no readable Parquet file: {_first(error)}"))
        return
    for group in range(table.metadata.num_row_groups):
        size = table.metadata.row_group(group).total_byte_size
        if size > memory:
            damage.append(Damage("too_long", f"row group {group} of {size} bytes, the limit is {memory}"))
            continue
        try:
            for batch in table.iter_batches(batch_size=_ROWS, row_groups=[group], use_threads=False):
                for row in batch.to_pylist():
                    yield _piece(row, limit)
        except (pa.ArrowException, OSError, ValueError) as error:
            damage.append(Damage("bad_archive", f"row group {group}: {_first(error)}"))


def _piece(row: dict[str, Any], limit: int) -> Piece:
    row = {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()
    }
    try:
        data = json.dumps(row, ensure_ascii=True, default=_plain).encode()
    except (TypeError, ValueError) as error:
        return Piece(b"", -1, 0, Damage("schema", str(error)))
    if len(data) > 6 * limit:  # escapes take up to six bytes a character
        return Piece(b"", -1, 0, Damage("too_long", f"{len(data)} bytes, the limit is {6 * limit}"))
    return Piece(data, -1, 0)


def _first(error: Exception) -> str:
    return (str(error).splitlines() or ["?"])[0][:100]
