"""Publication: one manifest over all units, one snapshot of all tables, one swap of the pointer."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from pipeline import housekeeping
from pipeline.config import Settings
from pipeline.fingerprint import digest
from pipeline.schemas import PUBLISHED, TABLES
from pipeline.store import FORMAT, ObjectInfo, Store, json_bytes
from pipeline.units import Planned, Unit

# Files that no snapshot refers to may be the work of a killed run that has not been taken up yet.
UNREFERENCED_DAYS = 2


def publish(
    store: Store,
    units: Mapping[str, Unit],
    previous: Mapping[str, Any] | None,
    config: Settings,
    stale: Sequence[Planned],
) -> str:
    """Publish the units as one snapshot and return its name. Raises StoreError; then the old one stands."""
    files = _files(store, units)
    records = {name: unit.record() for name, unit in sorted(units.items())}
    left = {p.name for p in stale}
    now = datetime.now(UTC)
    content = hashlib.sha256(json_bytes([files, records])).hexdigest()[:8]
    snapshot_id = f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{content}"
    manifest = {
        "format": FORMAT,
        "id": snapshot_id,
        "created_at": now.isoformat(timespec="seconds"),
        "previous": previous["id"] if previous else None,
        "version": metadata.version("isnad"),
        "config": config.model_dump(mode="json"),
        "tables": {spec.name: spec.version for spec in PUBLISHED},
        "units": {
            name: {
                "fingerprint": digest(unit.components),
                "rows": _rows(unit),
                "seconds": round(unit.seconds, 2),
                "stale": name in left,
            }
            for name, unit in sorted(units.items())
        },
        "files": files,
    }
    store.publish(snapshot_id, manifest, records)
    housekeeping.collect(store, config.retention, min_age_days=UNREFERENCED_DAYS)
    return snapshot_id


def _rows(unit: Unit) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for info in unit.objects():
        counts[info.table] += info.rows
    return dict(counts)


def _files(store: Store, units: Mapping[str, Unit]) -> list[dict[str, Any]]:
    """Manifest entries of all files; every table has at least one file for every date, if only an empty one."""
    entries: list[dict[str, Any]] = []
    dates = sorted({unit.date for unit in units.values()})
    filled: set[tuple[str, str]] = set()
    for unit in sorted(units.values(), key=lambda u: u.name):
        numbers: Counter[str] = Counter()
        for info in unit.objects():
            if info.rows:
                name = f"{unit.stage}-{numbers[info.table]:05d}-{info.sha256[:12]}.parquet"
                entries.append(_entry(info, unit.date, name))
                filled.add((info.table, unit.date))
            numbers[info.table] += 1
    for spec in PUBLISHED:
        missing = [date for date in dates if (spec.name, date) not in filled]
        if missing:
            info = store.write(spec.name, TABLES[spec.name].empty())
            entries += [_entry(info, date, f"empty-{info.sha256[:12]}.parquet") for date in missing]
    return sorted(entries, key=lambda e: str(e["path"]))


def _entry(info: ObjectInfo, date: str, name: str) -> dict[str, Any]:
    return {
        "path": f"{info.table}/dt={date}/{name}",
        "table": info.table,
        "sha256": info.sha256,
        "rows": info.rows,
        "size": info.size,
    }
