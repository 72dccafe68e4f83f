"""FAULTS B: files and folders of plain text and JSON Lines (archives: see the tests of formats)."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import rawfiles
from pipeline.errors import GateError, InputError
from pipeline.limits import Limits
from pipeline.sources import UnreadableError, digest, plan, scan
from tests.conftest import Reads
from tests.faults.invariants import NEIGHBOURS, PAGE, TEXT, Outcome, faulty, record
from tests.nights import Night, make_raw


def test_fault_31_one_long_line(tmp_path: Path) -> None:
    line = ("ن" * 99 + " ") * 3000
    found = faulty(
        tmp_path,
        {"x.txt": line.encode(), "y.txt": (line + "😀").encode() * 9, "y.jsonl": record(text=line * 9)},
        limits=Limits(file_bytes=1 << 20, record_bytes=1 << 20),
    )
    assert [doc["source_uri"] for doc in found.documents] == ["x.txt"]
    assert found.reasons == ["too_long", "too_long"]


def test_fault_32_larger_than_the_limit(tmp_path: Path) -> None:
    def sparse(raw: Path) -> Callable[[], None]:
        with (raw / "huge.txt").open("wb") as file:
            file.truncate(300 << 20)
        return (raw / "huge.txt").unlink

    assert faulty(tmp_path, prepare=sparse, limits=Limits(file_bytes=1 << 20)).reasons == ["too_long"]


@pytest.mark.slow
def test_fault_33_34_many_tiny_files_in_one_folder(tmp_path: Path) -> None:
    for n in range(10_000):
        (tmp_path / f"{n * 7919 % 10_000:05}.txt").write_bytes(b"x")
    started = time.process_time()
    first = scan(tmp_path)
    assert time.process_time() - started < 3
    assert [file.uri for file in first.files] == sorted(f"{n:05}.txt" for n in range(10_000))
    assert scan(tmp_path) == first  # the stamps say that nothing has to be read again


def test_fault_42_links(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text(PAGE)

    def links(raw: Path) -> Callable[[], None]:
        (raw / "loop").symlink_to(raw)
        (raw / "gone.txt").symlink_to(raw / "nothing.txt")
        (raw / "out.txt").symlink_to(outside)
        os.link(raw / "a-neighbour.txt", raw / "twin.txt")

        def undo() -> None:
            for name in ("loop", "gone.txt", "out.txt", "twin.txt"):
                (raw / name).unlink()

        return undo

    found = faulty(tmp_path, prepare=_alone(links))
    assert sorted(zip([r["key"] for r in found.rejects], found.reasons, strict=True)) == [
        ("gone.txt", "link_dangling"), ("loop", "link_loop"), ("out.txt", "link_outside"),
    ]  # fmt: skip


def _alone(prepare: Callable[[Path], Callable[[], None]]) -> Callable[[Path], Callable[[], None]]:
    """The twin is an article of its own here: it would be listed as another source of the neighbour."""

    def without_twin(raw: Path) -> Callable[[], None]:
        undo = prepare(raw)
        (raw / "twin.txt").unlink()
        (raw / "twin.txt").write_text(PAGE + "وختم.\n", "utf-8")
        return undo

    return without_twin


def test_fault_42_hard_link_twins_are_one_article(tmp_path: Path) -> None:
    from tests.faults.invariants import DATE, ingest, read_folder

    (tmp_path / "a.txt").write_text(PAGE, "utf-8")
    os.link(tmp_path / "a.txt", tmp_path / "b.txt")
    found, _ = read_folder(tmp_path, ingest.IngestParams(), Limits())
    assert (found.document["other_sources"], found.reasons, DATE) == (["b.txt"], ["duplicate"], DATE)


def test_fault_43_no_regular_file(tmp_path: Path) -> None:
    def special(raw: Path) -> Callable[[], None]:
        os.mkfifo(raw / "pipe.txt")
        bound = socket.socket(socket.AF_UNIX)
        here = os.open(raw, os.O_RDONLY)
        bound.bind(f"/proc/self/fd/{here}/socket.txt")
        bound.close()
        os.close(here)

        def undo() -> None:
            (raw / "pipe.txt").unlink()
            (raw / "socket.txt").unlink()

        return undo

    assert faulty(tmp_path, prepare=special).reasons == ["not_a_regular_file"] * 2


def test_fault_44_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: str, *args: int, **more: int) -> int:
        if str(path).endswith("locked.txt"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *args, **more)

    monkeypatch.setattr(rawfiles.os, "open", refuse)
    assert faulty(tmp_path, {"locked.txt": PAGE.encode()}).reasons == ["permission"]


def _between(root: Path, change: Callable[[Path], None]) -> Outcome:
    """A file that changes after its listing and digest, and before it is read."""
    from tests.faults import invariants

    real = invariants.plan

    def changing(files: list[object], target: int) -> object:
        (root / "raw" / "x.txt").exists() and change(root / "raw" / "x.txt")
        return real(files, target)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invariants, "plan", changing)
        found, seen = _night_with(root)
    assert "x.txt" in seen
    own = [row for row in found.rejects if row["key"] == "x.txt"]
    assert len(found.documents) == 5  # the neighbours
    return Outcome([], own)


def _night_with(root: Path) -> tuple[Outcome, set[str]]:
    from tests.faults.invariants import ingest, read_folder

    (root / "raw").mkdir()
    for name, data in {**NEIGHBOURS, "x.txt": PAGE.encode()}.items():
        (root / "raw" / name).write_bytes(data)
    return read_folder(root / "raw", ingest.IngestParams(), Limits())


def test_fault_45_deleted_before_it_is_read(tmp_path: Path) -> None:
    assert _between(tmp_path, lambda path: path.unlink()).reasons == ["vanished"]


def test_fault_46_rewritten_before_it_is_read(tmp_path: Path) -> None:
    assert _between(tmp_path, lambda path: path.write_bytes(PAGE.encode() + TEXT.encode())).reasons == [
        "unstable"
    ]


def test_fault_46_growing_while_it_is_read(tmp_path: Path, reads: Reads) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"x" * 10)
    file = scan(tmp_path).files[0]
    # at 0: once for each time that it is read
    reads.then(lambda at: path.write_bytes(path.read_bytes() + b"y") if at == 0 else None)
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "unstable"


def test_fault_47_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    def swap(path: Path) -> None:
        path.unlink()
        path.mkdir()

    assert _between(tmp_path, swap).reasons == ["not_a_regular_file"]


@pytest.mark.slow
def test_fault_48_49_changed_content_and_moved_file(tmp_path: Path) -> None:
    night = Night(make_raw(tmp_path / "raw"), tmp_path / "out")
    night.run()
    first = night.table("documents").set_index("source_uri")
    path = night.raw / "2026-11-02/sahil/rain.txt"
    path.write_text(path.read_text("utf-8") + "وختمت الهيئة بيانها بالدعاء.\n", "utf-8")
    (night.raw / "2026-11-01/sahil/port.txt").rename(night.raw / "2026-11-01/sahil/harbour.txt")
    night.run()
    second = night.table("documents").set_index("source_uri")
    changed = second.loc["2026-11-02/sahil/rain.txt"]
    assert changed["doc_id"] != first.loc["2026-11-02/sahil/rain.txt", "doc_id"]
    moved = second.loc["2026-11-01/sahil/harbour.txt"]
    assert moved["doc_id"] == first.loc["2026-11-01/sahil/port.txt", "doc_id"]
    assert len(second) == len(first)  # one current row each


@pytest.mark.parametrize("when", [0, 2**33, 4_000_000_000])
def test_fault_50_modification_times_do_not_matter(tmp_path: Path, when: int) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(PAGE.encode())
    os.utime(path, (when, when))
    assert digest(tmp_path, scan(tmp_path).files[0]) == hashlib.sha256(PAGE.encode()).hexdigest()
    before = scan(tmp_path).files[0].stamp
    path.write_bytes(PAGE.replace("الوزير", "السفير").encode()[: len(PAGE.encode())])
    os.utime(path, (when, when))
    assert scan(tmp_path).files[0].stamp != before


NAMES = {
    51: [b"\xff\xfe\xc7.txt", b"\xc7\xe1.txt"],
    52: [
        b"a\nb.txt", b'"quoted".txt', b"x..txt", b"x" * 251 + b".txt", "\u202etxt.exe.txt".encode(), b"-rf.txt",
        "é.txt".encode(), "e\u0301.txt".encode(), b"Case.txt", b"case.txt", b"a.jsonl#3.txt",
    ],
}  # fmt: skip


@pytest.mark.parametrize("number", NAMES)
def test_fault_51_52_strange_names(tmp_path: Path, number: int) -> None:
    def write(raw: Path) -> Callable[[], None]:
        paths = [os.fsencode(raw) + b"/" + name for name in NAMES[number]]
        for n, path in enumerate(paths):
            with open(path, "wb") as file:
                file.write(f"{PAGE}{n} من الملفات\n".encode())
        return lambda: [os.unlink(path) for path in paths] and None

    found = faulty(tmp_path, prepare=write)
    uris = [doc["source_uri"] for doc in found.documents]
    assert len(set(uris)) == len(NAMES[number])
    assert all(uri.isprintable() for uri in uris)
    assert {os.fsencode(rawfiles.from_uri(uri)) for uri in uris} == set(NAMES[number])


@pytest.mark.parametrize("state", ["missing", "empty", "a file"])
def test_fault_53_no_root(tmp_path: Path, state: str) -> None:
    root = tmp_path / "raw"
    if state == "empty":
        root.mkdir()
    elif state == "a file":
        root.write_bytes(b"x")
    with pytest.raises(InputError):
        scan(root)


@pytest.mark.slow
def test_fault_53_54_an_empty_or_collapsed_night_replaces_nothing(tmp_path: Path) -> None:
    night = Night(make_raw(tmp_path / "raw"), tmp_path / "out")
    night.run()
    before = night.files()
    aside = tmp_path / "aside"
    night.raw.rename(aside)
    with pytest.raises(InputError):
        night.run()
    assert night.files() == before  # I2
    aside.rename(night.raw)
    path = night.raw / "2026-11-03" / "sahil" / "x.txt"
    path.parent.mkdir(parents=True)
    path.write_text(PAGE, "utf-8")
    with pytest.raises(GateError, match="2026-11-03"):
        night.run("gates.min_document_share=0.9")
    assert night.files() == before


@pytest.mark.parametrize(
    ("number", "times", "fine"), [(errno.EIO, 2, True), (errno.ESTALE, 2, True), (errno.EIO, 99, False)]
)
def test_fault_55_hiccups_of_a_share(
    tmp_path: Path, reads: Reads, number: int, times: int, fine: bool
) -> None:
    (tmp_path / "x.txt").write_bytes(PAGE.encode())
    file = scan(tmp_path).files[0]
    reads.fail(number, times)
    if fine:
        assert digest(tmp_path, file) == hashlib.sha256(PAGE.encode()).hexdigest()
        assert len(plan([(file, "0")], 4)) == 1
        return
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "io_error"
