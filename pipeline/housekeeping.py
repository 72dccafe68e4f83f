"""Look after the processed folder: is it whole, what can be mended, what may go."""

from __future__ import annotations

import hashlib
import shutil
import time
from typing import Any

from pipeline.store import Store, is_named, link


def verify(store: Store, snapshot_id: str, *, deep: bool) -> list[str]:
    """Files of a snapshot that do not match its manifest: missing, of another size, or (deep) other bytes."""
    manifest = store.manifest(snapshot_id) or {"files": []}
    base, faults = store.snapshot_path(snapshot_id), []
    for entry in manifest["files"]:
        path = base / entry["path"]
        try:
            if path.stat().st_size != entry["size"]:
                faults.append(f"{entry['path']}: wrong size")
            elif deep and hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
                faults.append(f"{entry['path']}: damaged")
        except OSError as error:
            faults.append(f"{entry['path']}: {error.strerror}")
    return faults


def repair(store: Store, snapshot_id: str) -> None:
    """Put right what ``verify`` finds in a snapshot: link a whole object in place of a damaged file, set a
    damaged object aside so that the next run makes it again."""
    for entry in (store.manifest(snapshot_id) or {"files": []})["files"]:
        stored = store.object_path(entry["table"], entry["sha256"])
        if not is_named(stored, entry["sha256"]):
            if stored.exists():
                stored.rename(stored.with_suffix(".damaged"))
            continue
        published = store.snapshot_path(snapshot_id) / entry["path"]
        if not is_named(published, entry["sha256"]):
            temporary = published.with_name(f".repair-{published.name}")
            temporary.unlink(missing_ok=True)
            link(stored, temporary)
            temporary.replace(published)


def collect(store: Store, keep_nights: int, min_age_days: float = 0) -> dict[str, int]:
    """Delete snapshots beyond the newest ``keep_nights`` nights, then files older than ``min_age_days`` that
    none of the rest refers to. Returns how many of each kind went.

    Safe to kill and repeat: a snapshot is renamed out of sight before it is emptied.
    """
    current, counts = store.current_id(), {"snapshots": 0, "objects": 0, "memos": 0, "bytes": 0}
    nights = sorted({name[:8] for name in store.snapshots()}, reverse=True)[:keep_nights]
    for name in store.snapshots():
        if name[:8] not in nights and name != current:
            doomed = store.snapshot_path(name).with_name(f".doomed-{name}")
            store.snapshot_path(name).rename(doomed)
            counts["snapshots"] += 1
    folder = store.root / "snapshots"
    for leftover in [*folder.glob(".doomed-*"), *folder.glob(".building-*")] if folder.is_dir() else []:
        shutil.rmtree(leftover, ignore_errors=True)
    referenced = set[str]()
    for name in store.snapshots():
        manifest = store.manifest(name) or {"files": [], "units": {}}
        referenced |= {entry["sha256"] for entry in manifest["files"]}
        for unit in manifest["units"]:
            referenced |= _shas(store.unit_record(name, unit))
    newest = time.time() - min_age_days * 86_400
    for path in sorted((store.root / "objects").glob("*/*")):
        unused = path.stem not in referenced or path.suffix != ".parquet"
        if unused and path.stat().st_mtime <= newest:
            counts["objects"] += 1
            counts["bytes"] += path.stat().st_size
            path.unlink()
    for path in sorted((store.root / "memo").glob("*")):
        memo = store.recall(path.stem)
        unused = memo is None or not _shas(memo) <= referenced
        if unused and path.stat().st_mtime <= newest:
            counts["memos"] += 1
            path.unlink()
    for path in store.root.glob(".current-*"):
        path.unlink()
    return counts


def _shas(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["sha256"]} if isinstance(value.get("sha256"), str) else set()
        return own.union(*(_shas(v) for v in value.values()))
    if isinstance(value, list):
        return set().union(*(_shas(v) for v in value))
    return set()
