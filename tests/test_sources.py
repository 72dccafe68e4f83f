"""The raw folder: listing, stamps, digests, batches, and streamed containers."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import socket
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import rawfiles, sources
from pipeline.errors import InputError
from pipeline.limits import Limits
from pipeline.rawfiles import UnreadableError
from pipeline.rawnames import from_uri, to_uri
from pipeline.rawread import problem_table, read
from pipeline.schemas import RAW
from pipeline.sources import RawBatch, RawFile, date_of, digest, plan, scan, to_path
from tests.conftest import Reads


def put(root: Path, name: str, data: bytes = "نص".encode()) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def container(root: Path, name: str, data: bytes) -> RawBatch:
    put(root, name, data)
    form = "jsonl.gz" if name.endswith(".gz") else "jsonl"
    return RawBatch(form, ((name, hashlib.sha256(data).hexdigest()),))


def rows(
    root: Path, batch: RawBatch, *, target: int = 100, limits: Limits | None = None
) -> list[dict[str, object]]:
    tables = list(read(root, batch, target=target, limits=limits))
    assert tables
    for table in tables:
        assert table.schema.equals(RAW.schema)
    found: list[dict[str, object]] = pa.concat_tables(tables).to_pylist()
    assert len({row["source_uri"] for row in found}) == len(found)
    return found


def reasons(root: Path) -> dict[str, str]:
    return {problem.uri: problem.reason for problem in scan(root).problems}


# Listing


def test_listing_is_sorted_and_typed(tmp_path: Path) -> None:
    for name in ("b/2.TXT", "a.jsonl", "c.ndjson.gz", "b/1.txt", "b/1.jsonl.gz"):
        put(tmp_path, name)
    listing = scan(tmp_path)
    assert [(f.uri, f.form) for f in listing.files] == [
        ("a.jsonl", "jsonl"), ("b/1.jsonl.gz", "jsonl.gz"), ("b/1.txt", "text"), ("b/2.TXT", "text"),
        ("c.ndjson.gz", "jsonl.gz"),
    ]  # fmt: skip
    assert listing.problems == ()


def test_leftovers_are_ignored_and_strangers_reported(tmp_path: Path) -> None:
    for name in (
        ".hidden.txt",
        "_SUCCESS",
        "a.txt~",
        "a.txt.tmp",
        "b.jsonl.part",
        ".git/x.txt",
        "README.md",
        "readme.txt",
    ):
        put(tmp_path, name)
    for name in ("page.php", "deck.pdf", "none", "x.7z", "a.xlsx", "b.jsonl.xz"):
        put(tmp_path, name)
    listing = scan(tmp_path)
    assert (listing.files, listing.ignored) == ((), 8)
    assert set(reasons(tmp_path).values()) == {"unsupported_format"}
    assert len(listing.problems) == 6
    assert all(p.next_action and ".jsonl" in p.detail for p in listing.problems)


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_a_root_that_is_missing_empty_or_a_file_is_fatal(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    root = tmp_path / "raw"
    make(root)
    with pytest.raises(InputError) as caught:
        scan(root)
    assert caught.value.exit_code == 2
    assert str(root) in str(caught.value)


def test_links(tmp_path: Path) -> None:
    root = tmp_path / "raw"
    put(root, "in/a.txt")
    put(root, ".store/b.txt")
    put(tmp_path, "outside/secret.txt")
    (root / "twin.txt").symlink_to(root / "in/a.txt")
    (root / "kept.txt").symlink_to(".store/b.txt")
    (root / "dangling.txt").symlink_to(root / "gone.txt")
    (root / "out.txt").symlink_to(tmp_path / "outside/secret.txt")
    (root / "outdir").symlink_to(tmp_path / "outside")
    (root / "in/up").symlink_to(root)
    (root / "self.txt").symlink_to("self.txt")
    (root / "latest").symlink_to("in")
    os.link(root / "in/a.txt", root / "hard.txt")
    listing = scan(root)
    assert [f.uri for f in listing.files] == ["hard.txt", "in/a.txt", "kept.txt", "twin.txt"]
    assert reasons(root) == {
        "dangling.txt": "link_dangling", "out.txt": "link_outside", "outdir": "link_outside", "in/up": "link_loop",
        "self.txt": "link_loop", "latest": "link_folder",
    }  # fmt: skip
    assert digest(root, listing.files[0]) == digest(root, listing.files[3])


def test_a_link_bent_outside_after_the_listing_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "raw"
    put(root, "a.txt")
    file = scan(root).files[0]
    secret = put(tmp_path, "secret.txt", b"secret")
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(secret)
    with pytest.raises(UnreadableError) as caught:
        digest(root, file)
    assert caught.value.reason == "link_outside"


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        assert reasons(tmp_path) == {"pipe.txt": "not_a_regular_file", "s.txt": "not_a_regular_file"}


def test_a_pipe_put_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    file = scan(tmp_path).files[0]
    sha = digest(tmp_path, file)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "not_a_regular_file"
    assert rows(tmp_path, RawBatch("text", (("a.txt", sha),)))[0]["problem"] == "not_a_regular_file"


def test_an_unreadable_folder_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.txt")
    put(tmp_path, "locked/b.txt")
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(rawfiles.os, "scandir", refuse)
    listing = scan(tmp_path)
    assert [f.uri for f in listing.files] == ["a.txt"]
    assert reasons(tmp_path) == {"locked": "permission"}


NAMES = st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.binary(min_size=1, max_size=30).filter(lambda b: b"\x00" not in b))
def test_any_name_is_reversible_and_fit_for_arrow(name: bytes) -> None:
    raw = os.fsdecode(name)
    uri = to_uri(raw)
    assert from_uri(uri) == raw
    assert uri.isprintable()
    pa.array([uri])


@given(NAMES, NAMES)
def test_two_names_never_collide(a: str, b: str) -> None:
    assert (to_uri(a) == to_uri(b)) == (a == b)
    assert to_uri(a) != f"{to_uri(b)}#1"


@pytest.mark.parametrize(
    "name",
    [b"\xff\xfe.txt", "سطر\nثان.txt".encode(), b"back\\slash.txt", b"-rf.txt", "\u202egpj.txt".encode(), b"'quote\".txt",
     "é.txt".encode(), "e\u0301.txt".encode(), b"a b.txt", ("ط" * 125 + ".txt").encode()],
)  # fmt: skip
def test_strange_names_are_listed_and_read(tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(b"x")
    (found,) = scan(tmp_path).files
    assert os.fsencode(to_path(tmp_path, found.uri)) == path
    batch = RawBatch("text", ((found.uri, digest(tmp_path, found)),))
    assert rows(tmp_path, batch)[0]["payload"] == b"x"


def test_the_stamp_follows_every_change(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", b"1234")
    first = scan(tmp_path).files[0].stamp
    assert scan(tmp_path).files[0].stamp == first
    before = os.stat(path)
    path.write_bytes(b"4321")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size, same time: the change time tells
    assert scan(tmp_path).files[0].stamp != first


@pytest.mark.parametrize("when", [0, 4_102_444_800])
def test_times_far_off_do_not_matter(tmp_path: Path, when: int) -> None:
    path = put(tmp_path, "a.txt")
    os.utime(path, (when, when))
    file = scan(tmp_path).files[0]
    assert digest(tmp_path, file) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("uri", "date"),
    [
        ("2026-11-01/x.txt", "2026-11-01"),
        ("x/2026-11-01/y/z.jsonl#4", "2026-11-01"),
        ("dt=2026-11-01/x.txt", "2026-11-01"),
        ("2026/11/01/x.txt", "2026-11-01"),
        ("2026-10-01/2026-11-01/x.txt", "2026-11-01"),
        ("2026-02-29/x.txt", None),
        ("2024-02-29/x.txt", "2024-02-29"),
        ("2026-11-01.txt", None),
        ("2026-11-01-late/x.txt", None),
        ("2026/13/01/x.txt", None),
        ("x.txt", None),
    ],
)
def test_date_of(uri: str, date: str | None) -> None:
    assert date_of(uri) == date


# Digests


def test_a_file_that_never_rests_is_unstable(tmp_path: Path, reads: Reads) -> None:
    path = put(tmp_path, "a.txt", b"x" * 10)
    file = scan(tmp_path).files[0]
    times = []

    def grow(at: int) -> None:
        if at == 0:
            times.append(1)
            path.write_bytes(path.read_bytes() + b"y")

    reads.then(grow)
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert (caught.value.reason, len(times)) == ("unstable", 2)


def test_a_file_that_grows_as_fast_as_it_is_read_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: Reads
) -> None:
    path = put(tmp_path, "a.txt", b"x" * 10)
    file = scan(tmp_path).files[0]
    places = []

    def grow(at: int) -> None:
        assert len(places) < 50
        places.append(at)
        with path.open("ab") as out:
            out.write(b"y" * 10)

    reads.then(grow)
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "unstable"
    monkeypatch.undo()
    with rawfiles.RawReader(str(tmp_path), "a.txt") as reader:
        size = reader.size
        with path.open("ab") as out:
            out.write(b"z" * 10)
        assert len(reader.file().read()) == len(reader.read()) == size
        assert not reader.unchanged()


def test_a_file_that_changed_once_is_read_again(tmp_path: Path, reads: Reads) -> None:
    path = put(tmp_path, "a.txt", b"old")
    file = scan(tmp_path).files[0]
    reads.then(lambda at: path.write_bytes(b"newer") if path.read_bytes() == b"old" else None)
    assert digest(tmp_path, file) == hashlib.sha256(b"newer").hexdigest()


@pytest.mark.parametrize(("times", "fine"), [(2, True), (99, False)])
@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE])
def test_hiccups_of_a_share_are_retried(
    tmp_path: Path, reads: Reads, number: int, times: int, fine: bool
) -> None:
    put(tmp_path, "a.txt", b"abc")
    file = scan(tmp_path).files[0]
    reads.fail(number, times)
    if fine:
        assert digest(tmp_path, file) == hashlib.sha256(b"abc").hexdigest()
        return
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "io_error"


def test_a_deleted_file_has_vanished(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    file = scan(tmp_path).files[0]
    path.unlink()
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "vanished"
    path.mkdir()
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "not_a_regular_file"


def test_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.txt")
    file = scan(tmp_path).files[0]

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(rawfiles.os, "open", refuse)
    with pytest.raises(UnreadableError) as caught:
        digest(tmp_path, file)
    assert caught.value.reason == "permission"
    assert "right to read" in str(caught.value)


# Batches


def _files(count: int) -> list[tuple[RawFile, str]]:
    return [
        (RawFile(f"n/{i:05}.txt", 100, "", "text"), hashlib.sha256(b"%d" % i).hexdigest())
        for i in range(count)
    ]


def test_plan_covers_every_file_once_and_respects_sizes() -> None:
    files = [
        *_files(5000),
        (RawFile("z.jsonl", 99_999, "", "jsonl"), "0"),
        (RawFile("a.zip", 9, "", "zip"), "1"),
        (RawFile("small.jsonl", 9, "", "jsonl"), "2"),
        (RawFile("page.html.gz", 9, "", "html.gz"), "3"),
    ]
    batches = plan(list(reversed(files)), 64)
    assert batches == plan(files, 64)
    flat = [file for batch in batches for file in batch.files]
    assert sorted(flat) == sorted((f.uri, sha) for f, sha in files)
    sizes = [len(b.files) for b in batches if b.form == "text"]
    assert max(sizes) <= 128
    assert min(sizes[:-1]) >= 21
    assert [b.files[0][0] for b in batches if b.form != "text"] == ["z.jsonl", "a.zip"]


@pytest.mark.parametrize("seed", range(5))
def test_one_new_file_changes_its_own_batch(seed: int) -> None:
    files = _files(5000)
    before = set(plan(files, 64))
    sha256 = hashlib.sha256(b"new %d" % seed).hexdigest()
    after = set(plan([*files, (RawFile("n/new.txt", 100, "", "text"), sha256)], 64))
    assert 1 <= len(after - before) <= 3


def test_large_files_close_a_batch() -> None:
    files = [(RawFile(f"{i}.txt", 20 << 20, "", "text"), "0") for i in range(3)]
    assert [len(b.files) for b in plan(files, 64)] == [1, 1, 1]


# Reading


def test_text_files_with_trouble_among_them(tmp_path: Path) -> None:
    files = []
    for name in ("a.txt", "gone.txt", "changed.txt", "long.txt", "z.txt"):
        put(tmp_path, name, name.encode() * (1 if name != "long.txt" else 100))
    files = [(f.uri, digest(tmp_path, f)) for f in scan(tmp_path).files]
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "changed.txt").write_bytes(b"other")
    found = rows(tmp_path, RawBatch("text", tuple(files)), limits=Limits(file_bytes=500))
    assert {r["source_uri"]: r["problem"] for r in found} == {
        "a.txt": None, "gone.txt": "vanished", "changed.txt": "unstable", "long.txt": "too_long", "z.txt": None,
    }  # fmt: skip
    assert all(r["payload"] == b"" for r in found if r["problem"])
    assert all(r["sha256"] for r in found)


def test_text_tables_stay_below_the_byte_cap(tmp_path: Path) -> None:
    for i in range(10):
        put(tmp_path, f"{i}.txt", bytes([48 + i]) * 100)
    batch = RawBatch("text", tuple((f.uri, digest(tmp_path, f)) for f in scan(tmp_path).files))
    assert [t.num_rows for t in read(tmp_path, batch, target=5, max_bytes=300)] == [3, 3, 3, 1]


LINES = [f'{{"id": {i}, "text": "خبر {i}"}}'.encode() for i in range(1, 6)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_of_a_container(tmp_path: Path, end: bytes, packed: bool) -> None:
    data = b"\xef\xbb\xbf" + LINES[0] + end + end + b"  " + end + end.join(LINES[1:])
    batch = container(
        tmp_path, "a.jsonl.gz" if packed else "a.jsonl", gzip.compress(data) if packed else data
    )
    found = rows(tmp_path, batch)
    assert [r["payload"] for r in found] == LINES
    assert [r["source_uri"] for r in found] == [f"{batch.files[0][0]}#{n}" for n in range(1, 6)]
    assert [r["line"] for r in found] == [1, 4, 5, 6, 7]
    for row in found[1:]:
        assert data[row["byte"] :].startswith(row["payload"])  # type: ignore[index, misc, arg-type]


def test_only_line_feeds_split(tmp_path: Path) -> None:
    line = '{"text": "سطر\u2028ثان\u2029ثالث\x85\x0b"}'.encode()
    assert [r["payload"] for r in rows(tmp_path, container(tmp_path, "a.jsonl", line + b"\n" + line))] == [
        line,
        line,
    ]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_containers_become_utf8(tmp_path: Path, codec: str) -> None:
    text = "\n".join(f'{{"text": "خبر رقم {i} بالعربية"}}' for i in range(3))
    found = rows(tmp_path, container(tmp_path, "a.jsonl", text.encode(codec)))
    assert [r["payload"].decode() for r in found] == text.split("\n")  # type: ignore[attr-defined]


def test_a_record_above_the_limit_is_skipped_alone(tmp_path: Path) -> None:
    data = b"\n".join([LINES[0], b'{"text": "' + b"x" * 300_000 + b'"}', LINES[1]])
    found = rows(tmp_path, container(tmp_path, "a.jsonl", data), limits=Limits(record_bytes=1000))
    assert [(r["source_uri"], r["problem"], r["line"]) for r in found] == [
        ("a.jsonl#1", None, 1), ("a.jsonl#2", "too_long", 2), ("a.jsonl#3", None, 3),
    ]  # fmt: skip


def test_chunks_are_cut_by_content(tmp_path: Path) -> None:
    lines = [
        f'{{"id": {i}, "text": "{hashlib.md5(str(i).encode()).hexdigest()}"}}'.encode() for i in range(3000)
    ]
    first = container(tmp_path, "a.jsonl", b"\n".join(lines))
    second = container(tmp_path, "b.jsonl", b"\n".join([*lines[:1500], b'{"new": 1}', *lines[1500:]]))
    tables = [
        {tuple(t["payload"].to_pylist()) for t in read(tmp_path, batch, target=50)}
        for batch in (first, second)
    ]
    assert len(tables[1] - tables[0]) <= 3
    assert sum(map(len, tables[0])) == 3000
    assert max(map(len, tables[0])) <= 100


def _many(count: int) -> bytes:
    return b"".join(b'{"id": %d, "text": "%s"}\n' % (i, os.urandom(40).hex().encode()) for i in range(count))


def _split(found: list[dict[str, object]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    return [r for r in found if not r["problem"]], [r for r in found if r["problem"]]


def test_truncated_archive_keeps_what_came_before(tmp_path: Path) -> None:
    data = _many(4000)
    packed = gzip.compress(data)
    good, bad = _split(rows(tmp_path, container(tmp_path, "a.jsonl.gz", packed[: len(packed) // 2])))
    assert 1000 < len(good) < 3000
    assert data.startswith(b"\n".join(r["payload"] for r in good) + b"\n")  # type: ignore[misc]
    assert [(r["source_uri"], r["problem"]) for r in bad] == [("a.jsonl.gz", "truncated_archive")]
    assert str(bad[0]["detail"]).startswith(f"{len(good)} records read")


@pytest.mark.parametrize("cut", [1, 5, 9, 12, -9, -4, -1])
def test_archive_cut_anywhere(tmp_path: Path, cut: int) -> None:
    found = rows(tmp_path, container(tmp_path, "a.jsonl.gz", gzip.compress(_many(10))[:cut]))
    _, bad = _split(found)
    assert [r["problem"] for r in bad] == ["truncated_archive"]


def test_bad_checksum_is_named_and_nothing_else_is_lost(tmp_path: Path) -> None:
    one, two = _many(300), _many(200)
    packed = bytearray(gzip.compress(one))
    packed[-6] ^= 0xFF
    good, bad = _split(rows(tmp_path, container(tmp_path, "a.jsonl.gz", bytes(packed) + gzip.compress(two))))
    assert len(good) == 500
    assert [r["problem"] for r in bad] == ["bad_archive"]
    assert "incorrect data check" in str(bad[0]["detail"])


def test_corrupt_member_between_good_ones(tmp_path: Path) -> None:
    parts = [_many(300), _many(300), _many(300)]
    middle = bytearray(gzip.compress(parts[1]))
    middle[len(middle) // 2 : len(middle) // 2 + 40] = b"\xff" * 40
    packed = gzip.compress(parts[0]) + bytes(middle) + gzip.compress(parts[2])
    good, bad = _split(rows(tmp_path, container(tmp_path, "a.jsonl.gz", packed)))
    payloads = {r["payload"] for r in good}
    assert set(parts[0].splitlines()) <= payloads
    assert set(parts[2].splitlines()) <= payloads
    assert [r["problem"] for r in bad] == ["bad_archive"]


@pytest.mark.parametrize(
    ("tail", "problem"), [(b"junk" * 50, "bad_archive"), (b"\x00" * 512, None), (b"", None)]
)
def test_after_the_last_member(tmp_path: Path, tail: bytes, problem: str | None) -> None:
    packed = gzip.compress(_many(50)) + gzip.compress(b"") + gzip.compress(_many(50)) + tail
    good, bad = _split(rows(tmp_path, container(tmp_path, "a.jsonl.gz", packed)))
    assert len(good) == 100
    assert [r["problem"] for r in bad] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("name", "pack"), [("a.jsonl.gz", bytes), ("a.jsonl", gzip.compress), ("a.txt", gzip.compress)]
)
def test_content_beats_the_ending(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    found = rows(tmp_path, container(tmp_path, name, pack(_many(100))))
    assert len(found) == (1 if name == "a.txt" else 100)
    assert {r["problem"] for r in found} == {None}
    assert all(str(r["detail"]).startswith("wrong_extension@") for r in found)


def test_binary_in_jsonl(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, container(tmp_path, "a.jsonl", b"%PDF-1.7\n" + _many(100)))
    assert (row["problem"], row["source_uri"]) == ("binary", "a.jsonl")


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("packed", [False, True])
def test_empty_container_is_accounted_for(tmp_path: Path, data: bytes, packed: bool) -> None:
    batch = container(
        tmp_path, "a.jsonl.gz" if packed else "a.jsonl", gzip.compress(data) if packed else data
    )
    assert [r["problem"] for r in rows(tmp_path, batch)] == ["empty"]


@pytest.mark.parametrize("filling", [b"x", b"\n", b'{"a":1}\n'])
def test_bombs_stop_early(tmp_path: Path, filling: bytes) -> None:
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b'{"text": "first"}\n')
    piece = filling * ((1 << 20) // len(filling))
    packed = head + b"".join(packer.compress(piece) for _ in range(64)) + packer.flush()
    limits = Limits(ratio_floor=1 << 20, ratio=20)
    batch = container(tmp_path, "a.jsonl.gz", packed)
    problems = []
    count = 0
    for table in read(tmp_path, batch, target=1000, limits=limits):
        problems += [p for p in table["problem"].to_pylist() if p and p != "too_long"]
        count += table.num_rows
    assert problems == ["bomb"]
    assert count < 500_000


def test_size_limit_of_an_archive(tmp_path: Path) -> None:
    batch = container(tmp_path, "a.jsonl.gz", gzip.compress(_many(20_000)))
    _, bad = _split(rows(tmp_path, batch, limits=Limits(unpacked_bytes=1 << 20)))
    assert [r["problem"] for r in bad] == ["bomb"]


def test_container_that_vanished_or_changed(tmp_path: Path) -> None:
    batch = container(tmp_path, "a.jsonl", b"\n".join(LINES))
    put(tmp_path, "a.jsonl", b"\n".join(LINES[:2]))
    good, bad = _split(rows(tmp_path, batch))
    assert (len(good), [r["problem"] for r in bad]) == (2, ["unstable"])
    (tmp_path / "a.jsonl").unlink()
    assert [r["problem"] for r in rows(tmp_path, batch)] == ["vanished"]


def test_problems_of_the_listing_are_raw_rows(tmp_path: Path) -> None:
    put(tmp_path, "x.exe")
    put(tmp_path, "a.txt")
    table = problem_table(scan(tmp_path).problems)
    assert table.schema.equals(RAW.schema)
    assert table["problem"].to_pylist() == ["unsupported_format"]


@given(st.lists(st.binary(max_size=30).filter(lambda b: b"\n" not in b), max_size=8), st.integers(1, 9))
def test_lines_survive_any_chunking(lines: list[bytes], size: int) -> None:
    from pipeline.streams import split_lines

    data = b"\n".join(lines)
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    found = list(split_lines(iter(pieces), 1000))
    offset = 0
    expected = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if offset == 0 else b"")
        if line not in (b"", b"\r"):
            expected.append((number, offset, text))
        offset += len(line) + 1
    assert [(line.number, line.byte, line.data) for line in found if line.size and line.data != b""] == [
        item for item in expected if item[2]
    ]


def test_errors_cross_process_borders() -> None:
    import pickle

    error = UnreadableError("gone", place="a.txt", next_action="x", reason="vanished")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.reason, copy.message, copy.place) == ("vanished", "gone", "a.txt")


def test_module_lists_its_names() -> None:
    assert all(hasattr(sources, name) for name in sources.__all__)
