"""The processed folder: immutable content-named files, snapshots of hard links, one pointer.

    objects/<table>/<sha256>.parquet     every file ever written, read-only, named by its content
    memo/<key>.json                      which objects a batch with this fingerprint gave (what a killed run had done)
    snapshots/<id>/<table>/dt=…/…        hard links to objects, manifest.json, units/<stage>@<date>.json
    current -> snapshots/<id>            the published night; replaced by one atomic rename

Nothing is ever changed in place. A file counts only if it is what its name says: readers in the pipeline
check the SHA-256, Parquet pages carry checksums for everybody else.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import CorruptError, LockedError, StoreError
from pipeline.schemas import TABLES

FORMAT = 1  # of manifest.json; a higher one is refused by older code


@dataclass(frozen=True)
class ObjectInfo:
    """One stored file. ``columns``: digest of each column's content, so that readers of some columns only
    are stale when those change."""

    table: str
    sha256: str
    rows: int
    size: int
    columns: Mapping[str, str]


def column_digest(column: pa.ChunkedArray) -> str:
    """Digest of a column's values, independent of how they are chunked or sliced."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    sink = hashlib.sha256()
    batch = pa.record_batch([array], names=["x"])
    with pa.ipc.new_stream(_HashSink(sink), batch.schema) as writer:
        writer.write_batch(batch)
    return sink.hexdigest()[:24]


class _HashSink:
    """A file-like object that only hashes what is written to it."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink
        self.closed = False

    def write(self, data: Any) -> int:
        self._sink.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        self.closed = True


def encode(table: pa.Table) -> bytes:
    """Parquet bytes of a table: the same table gives the same bytes, with page checksums."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        compression="zstd",
        write_page_checksum=True,
        write_statistics=True,
        version="2.6",
    )
    return bytes(sink.getvalue())


def _decode(data: bytes, columns: list[str] | None) -> pa.Table:
    """The table in Parquet ``data``, read without a thread of Arrow's.

    ``pq.read_table`` on bytes scans a dataset: one of its threads may let go of the bytes last, asks for the
    interpreter while it ends, and takes the whole process down with SIGABRT after all work was done.
    """
    return pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(columns=columns, use_threads=False)


class Store:
    """Access to one processed folder. ``root`` need not exist before the first write."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # -- objects -----------------------------------------------------------------------------------------

    def object_path(self, table: str, sha256: str) -> Path:
        return self.root / "objects" / table / f"{sha256}.parquet"

    def write(self, name: str, table: pa.Table) -> ObjectInfo:
        """Store a table; raises StoreError naming path and size when the disk refuses."""
        spec = TABLES[name]
        table = table.select(list(spec.names)).cast(spec.schema)
        data = encode(table)
        sha = hashlib.sha256(data).hexdigest()
        path = self.object_path(name, sha)
        if not (path.exists() and path.stat().st_size == len(data)):
            self.write_bytes(path, data, mode=0o444)
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha:
                path.unlink()
                raise StoreError("the disk did not keep what was written", place=str(path))
        columns = {column: column_digest(table[column]) for column in spec.names}
        return ObjectInfo(name, sha, table.num_rows, len(data), columns)

    def read(self, info: ObjectInfo, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a stored table after checking that the file is what its name says.

        Raises CorruptError; the damaged file is set aside, so that the next run writes it anew.
        """
        path = self.object_path(info.table, info.sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise CorruptError("a stored file is missing", place=str(path), next_action="isnad run") from None
        if hashlib.sha256(data).hexdigest() != info.sha256:
            with contextlib.suppress(OSError):
                path.rename(path.with_suffix(".damaged"))
            raise CorruptError("a stored file is damaged", place=str(path), next_action="isnad run")
        table = _decode(data, list(columns) if columns is not None else None)
        return table.select(list(columns)) if columns is not None else table

    def has(self, info: ObjectInfo) -> bool:
        """Whether the file is there with the right size (its content is checked when it is read)."""
        try:
            return self.object_path(info.table, info.sha256).stat().st_size == info.size
        except OSError:
            return False

    def intact(self, info: ObjectInfo) -> bool:
        """Whether the file is there and its bytes are what its name says."""
        return is_named(self.object_path(info.table, info.sha256), info.sha256)

    # -- memo --------------------------------------------------------------------------------------------

    def remember(self, key: str, value: Mapping[str, Any]) -> None:
        """Note what the batch with fingerprint ``key`` gave."""
        self.write_bytes(self.root / "memo" / f"{key}.json", json_bytes(value))

    def recall(self, key: str) -> dict[str, Any] | None:
        """What is noted for ``key``; None where nothing is, or nothing readable."""
        try:
            value = json.loads((self.root / "memo" / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    # -- plain files -------------------------------------------------------------------------------------

    def write_bytes(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        """Write a file under its final name in one step; a reader sees all of it or nothing."""
        temporary = path.parent / f".tmp-{os.getpid()}-{path.name}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
            temporary.chmod(mode)
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise store_error(error, path, len(data)) from None

    # -- snapshots ---------------------------------------------------------------------------------------

    @property
    def current_link(self) -> Path:
        return self.root / "current"

    def current_id(self) -> str | None:
        """Name of the published snapshot, None before the first."""
        try:
            return Path(os.readlink(self.current_link)).name
        except OSError:
            return None

    def snapshot_path(self, snapshot_id: str) -> Path:
        return self.root / "snapshots" / snapshot_id

    def snapshots(self) -> list[str]:
        """Names of the complete snapshots, oldest first."""
        folder = self.root / "snapshots"
        if not folder.is_dir():
            return []
        return sorted(
            p.name for p in folder.iterdir() if (p / "manifest.json").is_file() and p.name[0] != "."
        )

    def manifest(self, snapshot_id: str | None = None) -> dict[str, Any] | None:
        """The manifest of a snapshot (default: the published one). Raises CorruptError, StoreError."""
        snapshot_id = snapshot_id or self.current_id()
        if snapshot_id is None:
            return None
        path = self.snapshot_path(snapshot_id) / "manifest.json"
        try:
            value = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise CorruptError(
                f"the manifest is not readable ({error})", place=str(path), next_action="isnad rollback"
            ) from None
        if value["format"] > FORMAT:
            raise StoreError(
                f"written by a newer version (format {value['format']}, this one reads {FORMAT})",
                place=str(path),
                next_action="upgrade isnad",
            )
        return dict(value)

    def unit_record(self, snapshot_id: str, unit: str) -> dict[str, Any]:
        """The parts of a unit in a snapshot. Raises CorruptError."""
        path = self.snapshot_path(snapshot_id) / "units" / f"{unit}.json"
        try:
            return dict(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise CorruptError(
                f"the unit record is not readable ({error})", place=str(path), next_action="isnad run --force"
            ) from None

    def publish(self, snapshot_id: str, manifest: Mapping[str, Any], records: Mapping[str, Any]) -> None:
        """Build the snapshot folder beside the others, make it durable, then swap the pointer to it."""
        final = self.snapshot_path(snapshot_id)
        building = final.with_name(f".building-{snapshot_id}")
        try:
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            for entry in manifest["files"]:
                target = building / entry["path"]
                target.parent.mkdir(parents=True, exist_ok=True)
                link(self.object_path(entry["table"], entry["sha256"]), target)
            (building / "units").mkdir()
            for unit, record in records.items():
                (building / "units" / f"{unit}.json").write_bytes(json_bytes(record))
            (building / "manifest.json").write_bytes(json_bytes(manifest))
            _sync_tree(building)
            building.rename(final)
            _sync(final.parent)
        except OSError as error:
            shutil.rmtree(building, ignore_errors=True)
            raise store_error(error, final, sum(e["size"] for e in manifest["files"])) from None
        self.point_to(snapshot_id)

    def point_to(self, snapshot_id: str) -> None:
        """Swap the pointer ``current`` in one atomic step."""
        temporary = self.root / f".current-{os.getpid()}"
        try:
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(Path("snapshots") / snapshot_id)
            temporary.replace(self.current_link)
            _sync(self.root)
        except OSError as error:
            raise store_error(error, self.current_link, 0) from None

    # -- lock --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self, started: str) -> Iterator[None]:
        """Hold the folder for one run. The kernel frees it when the process ends, however it ends.

        Raises LockedError naming the holder, StoreError where the folder cannot be written.
        """
        path = self.root / ".lock"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise store_error(error, path, 0) from None
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(handle, 1000, 0).decode("utf-8", "replace").strip() or "unknown"
                raise LockedError(
                    f"another run holds the lock: {holder}",
                    place=str(path),
                    next_action="wait until it has ended",
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"pid {os.getpid()} on {socket.gethostname()} since {started}\n".encode(), 0)
            yield
        finally:
            os.close(handle)


def object_from(value: Mapping[str, Any]) -> ObjectInfo:
    """Rebuild an ObjectInfo from its JSON form."""
    return ObjectInfo(value["table"], value["sha256"], value["rows"], value["size"], value["columns"])


def object_json(info: ObjectInfo) -> dict[str, Any]:
    """The JSON form of an ObjectInfo."""
    return asdict(info)


def json_bytes(value: Any) -> bytes:
    """Compact JSON with sorted keys: the same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def is_named(path: Path, sha256: str) -> bool:
    """Whether a file is there and its bytes have that SHA-256."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_tree(root: Path) -> None:
    """Make every file and folder below ``root`` durable; hard links share the object's data."""
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:
            _sync(Path(folder) / name)
        _sync(Path(folder))


def store_error(error: OSError, path: Path, size: int) -> StoreError:
    actions = {
        errno.ENOSPC: f"free at least {size:,} bytes on that disk, then run again",
        errno.EDQUOT: f"free at least {size:,} bytes of the quota, then run again",
        errno.EROFS: "choose a writable folder with --set paths.processed=…",
        errno.EACCES: "choose a writable folder with --set paths.processed=…",
        errno.EMFILE: "raise the limit of open files (ulimit -n), then run again",
    }
    return StoreError(
        error.strerror or str(error),
        place=str(path),
        next_action=actions.get(error.errno or 0, "repair the folder, then run again"),
    )
