"""The processed folder: nothing counts that is not what its name says, and a publication is one step."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline import housekeeping
from pipeline.errors import CorruptError, LockedError, StoreError
from pipeline.schemas import TABLES
from pipeline.store import ObjectInfo, Store, column_digest, encode

ROW = {
    "doc_id": "d1",
    "credit_no": 0,
    "kind": "agency",
    "name": "وكالة الساحل",
    "canonical": "وكالة الساحل",
    "start": 0,
    "end": 12,
}
CREDITS = TABLES["credits"]


def manifest(snapshot: str, *infos: object) -> dict[str, object]:
    files = [
        {
            "path": f"credits/dt=2026-11-01/{i}.parquet",
            "table": "credits",
            "sha256": x.sha256,
            "rows": x.rows,
            "size": x.size,
        }  # type: ignore[attr-defined]
        for i, x in enumerate(infos)
    ]
    return {"format": 1, "id": snapshot, "files": files, "units": {}}


def test_round_trip_and_same_content_same_name(tmp_path: Path) -> None:
    store = Store(tmp_path)
    info = store.write("credits", CREDITS.table([ROW]))
    assert store.read(info).to_pylist() == [ROW]
    assert store.read(info, ["name", "doc_id"]).column_names == ["name", "doc_id"]
    assert store.write("credits", CREDITS.table([ROW])) == info
    assert len(list((tmp_path / "objects" / "credits").iterdir())) == 1


def _threads_before_and_after(root: Path, info: ObjectInfo, answer: Any) -> None:
    before = len(os.listdir("/proc/self/task"))
    Store(root).read(info, ["doc_id", "name"])
    answer.put((before, len(os.listdir("/proc/self/task"))))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads in /proc")
def test_a_read_leaves_no_thread_behind(tmp_path: Path) -> None:
    """A thread of Arrow's that lets go of the bytes while the interpreter ends aborts a finished command."""
    info = Store(tmp_path).write("credits", CREDITS.table([ROW] * 2000))
    fresh = multiprocessing.get_context("spawn")
    answer = fresh.Queue()
    child = fresh.Process(target=_threads_before_and_after, args=(tmp_path, info, answer))
    child.start()
    before, after = answer.get(timeout=60)
    child.join()
    assert after == before


def test_column_digest_ignores_chunks_and_slices() -> None:
    whole = pa.chunked_array([["ا", "ب", None, "ج"]])
    pieces = pa.chunked_array([["ا"], ["ب", None], ["ج"]])
    sliced = pa.chunked_array([["x", "ا", "ب", None, "ج"]]).slice(1)
    assert column_digest(whole) == column_digest(pieces) == column_digest(sliced)
    assert column_digest(whole) != column_digest(pa.chunked_array([["ا", "ب", "", "ج"]]))


@pytest.mark.parametrize("position", [10, -10, -200])
def test_a_flipped_bit_is_found_before_use_and_set_aside(tmp_path: Path, position: int) -> None:
    store = Store(tmp_path)
    info = store.write("credits", CREDITS.table([ROW]))
    path = store.object_path("credits", info.sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)
    with pytest.raises(CorruptError, match="damaged"):
        store.read(info)
    assert not store.has(info)
    assert store.write("credits", CREDITS.table([ROW])) == info
    assert store.read(info).num_rows == 1


def test_parquet_pages_carry_checksums(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = [{**ROW, "credit_no": i} for i in range(500)]
    data = bytearray(encode(CREDITS.table(rows)))
    data[200] ^= 1
    with pytest.raises(OSError, match=r"(?i)crc|corrupt|checksum|decompress"):
        pq.read_table(pa.BufferReader(bytes(data)), page_checksum_verification=True)


def test_publish_swaps_and_keeps_the_old(tmp_path: Path) -> None:
    store = Store(tmp_path)
    info = store.write("credits", CREDITS.table([ROW]))
    store.publish("20261101T000000Z-a", manifest("20261101T000000Z-a", info), {})
    store.publish("20261102T000000Z-b", manifest("20261102T000000Z-b", info), {})
    assert store.current_id() == "20261102T000000Z-b"
    assert store.snapshots() == ["20261101T000000Z-a", "20261102T000000Z-b"]
    assert housekeeping.verify(store, "20261101T000000Z-a", deep=True) == []


def test_a_publication_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    info = store.write("credits", CREDITS.table([ROW]))
    store.publish("20261101T000000Z-a", manifest("20261101T000000Z-a", info), {})
    store.object_path("credits", info.sha256).unlink()
    with pytest.raises(StoreError):
        store.publish("20261102T000000Z-b", manifest("20261102T000000Z-b", info), {})
    assert store.current_id() == "20261101T000000Z-a"
    assert store.snapshots() == ["20261101T000000Z-a"]


def test_collect_keeps_what_kept_snapshots_need(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = store.write("credits", CREDITS.table([ROW]))
    new = store.write("credits", CREDITS.table([{**ROW, "doc_id": "d2"}]))
    store.remember("k-old", {"parts": [{"credits": {"sha256": old.sha256}}]})
    store.publish("20261101T000000Z-a", manifest("20261101T000000Z-a", old), {})
    store.publish("20261102T000000Z-b", manifest("20261102T000000Z-b", new), {})
    counts = housekeeping.collect(store, 1)
    assert (counts["snapshots"], counts["objects"], counts["memos"]) == (1, 1, 1)
    assert store.has(new)
    assert housekeeping.verify(store, "20261102T000000Z-b", deep=True) == []
    assert housekeeping.collect(store, 1) == {"snapshots": 0, "objects": 0, "memos": 0, "bytes": 0}


def test_collect_spares_young_work_of_a_killed_run(tmp_path: Path) -> None:
    store = Store(tmp_path)
    info = store.write("credits", CREDITS.table([ROW]))
    housekeeping.collect(store, 1, min_age_days=1)
    assert store.has(info)


def test_newer_format_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.publish("20261101T000000Z-a", {**manifest("20261101T000000Z-a"), "format": 99}, {})
    with pytest.raises(StoreError, match="newer version"):
        store.manifest()


def hold(root: Path, ready: object, release: object) -> None:
    with Store(root).lock("2026-11-01T00:00:00Z"):
        ready.set()  # type: ignore[attr-defined]
        release.wait(20)  # type: ignore[attr-defined]


def test_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path, ready, release))
    holder.start()
    assert ready.wait(20)
    with (
        pytest.raises(LockedError, match=f"pid {holder.pid} on .* since 2026-11-01T00:00:00Z"),
        Store(tmp_path).lock("x"),
    ):
        pass
    holder.kill()
    holder.join()
    with Store(tmp_path).lock("x"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_names_the_way_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="choose a writable folder"), Store(tmp_path / "x").lock("x"):
        pass


def test_a_full_disk_is_named_with_the_bytes_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match=r"(?s)No space left.*free at least 4 bytes"):
        Store(tmp_path).write_bytes(tmp_path / "x", b"data")
    assert list(tmp_path.iterdir()) == []
