"""The door for notebooks and queries: published tables as pandas frames, or through SQL.

>>> from pipeline import load
>>> claims = load("claims", since="2026-11-01")  # doctest: +SKIP
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.errors import StoreError
from pipeline.schemas import PUBLISHED, TABLES, TableSpec
from pipeline.store import Store

DEFAULT_PROCESSED = "data/processed"


def load(
    name: str,
    *,
    since: str | None = None,
    until: str | None = None,
    columns: Sequence[str] | None = None,
    processed: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Return a published table as a pandas frame with the declared types (strings as ``string``, nullable
    integers as ``Int32``, times in UTC) and its batch date ``dt``.

    since, until: batch dates ("2026-11-01"), both included. columns: only these (and ``dt``). processed: the processed folder
    (default: the environment variable ISNAD_PROCESSED, else ``data/processed``).

    Raises KeyError for an unknown table, StoreError where nothing is published. Warns where a partial run left
    the table behind its input.
    """
    spec = published_spec(name)
    store = Store(Path(processed or os.environ.get("ISNAD_PROCESSED", DEFAULT_PROCESSED)))
    wanted = [*(columns or spec.names), "dt"] if columns is None or "dt" not in columns else list(columns)
    _warn_stale(store, spec)
    return (
        read_table(snapshot_folder(store), spec, since, until)
        .select(wanted)
        .to_pandas(types_mapper=_pandas_type)
    )


def published_spec(name: str) -> TableSpec:
    """The declaration of a published table. Raises KeyError naming the known ones."""
    spec = TABLES.get(name)
    if spec is None or not spec.published:
        raise KeyError(f"no table '{name}'; tables: {', '.join(s.name for s in PUBLISHED)}")
    return spec


def snapshot_folder(store: Store) -> Path:
    """Folder of the published snapshot: resolved once, so that one reader sees one night throughout.

    Raises StoreError where nothing is published.
    """
    snapshot_id = store.current_id()
    if snapshot_id is None or not store.snapshot_path(snapshot_id).is_dir():
        raise StoreError("nothing is published here yet", place=str(store.root), next_action="isnad run")
    return store.snapshot_path(snapshot_id)


def read_table(
    folder: Path,
    spec: TableSpec,
    since: str | None = None,
    until: str | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """A table of one snapshot as Arrow (some ``columns`` or all, ``dt`` last), page checksums verified."""
    schema = spec.schema.append(pa.field("dt", pa.string()))
    options = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    partitioning = ds.partitioning(pa.schema([("dt", pa.string())]), flavor="hive")
    dataset = ds.dataset(
        folder / spec.name,
        format=ds.ParquetFileFormat(default_fragment_scan_options=options),
        partitioning=partitioning,
        schema=schema,
    )
    condition: Any = None
    if since is not None:
        condition = ds.field("dt") >= since
    if until is not None:
        upper = ds.field("dt") <= until
        condition = upper if condition is None else condition & upper
    wanted = [c for c in (columns if columns is not None else spec.names) if c != "dt"]
    return dataset.to_table(columns=[*wanted, "dt"], filter=condition)


def read_columns(folder: Path, wanted: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """Some columns (and ``dt``) of some tables of one snapshot as pandas frames."""
    return {
        name: read_table(folder, published_spec(name), columns=columns).to_pandas(types_mapper=_pandas_type)
        for name, columns in wanted.items()
    }


def sql(query: str, store: Store) -> pd.DataFrame:
    """Run a DuckDB query over the published tables (one view each, with ``dt``).

    The connection can read nothing but the snapshot. Raises StoreError with DuckDB's message.
    """
    import duckdb

    folder = snapshot_folder(store)
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for spec in PUBLISHED:
            pattern = str(folder / spec.name / "*" / "*.parquet").replace("'", "''")
            connection.execute(
                f"CREATE VIEW {spec.name} AS SELECT * FROM read_parquet('{pattern}', hive_partitioning = true, "
                "hive_types = {'dt': VARCHAR})"
            )
        connection.execute(f"SET allowed_directories = ['{str(folder).replace(chr(39), chr(39) * 2)}/']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            return connection.sql(query).df()
        except (duckdb.Error, AttributeError) as error:
            message = str(error) if isinstance(error, duckdb.Error) else "the query returns no rows"
            raise StoreError(
                message, place="sql", next_action="tables: " + ", ".join(s.name for s in PUBLISHED)
            ) from None


def _pandas_type(arrow: pa.DataType) -> Any:
    mapping: Mapping[pa.DataType, Any] = {
        pa.string(): pd.StringDtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    return mapping.get(arrow)


def _warn_stale(store: Store, spec: TableSpec) -> None:
    manifest = store.manifest()
    from pipeline.units import PRODUCER

    left = [
        name
        for name, unit in (manifest or {"units": {}})["units"].items()
        if unit["stale"] and name.partition("@")[0] == PRODUCER.get(spec.name)
    ]
    if left:
        warnings.warn(
            f"{spec.name}: {', '.join(left)} is older than its input; run: isnad run",
            UserWarning,
            stacklevel=3,
        )
