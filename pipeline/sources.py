"""The raw folder: what lies in it, what changed, how it falls into batches, and its records as raw tables.

Articles are ``.txt`` (one per file), ``.jsonl``/``.ndjson`` or the same with ``.gz`` (one per line). Ignored
without a word: names that start with ``.`` or ``_``, editor and transfer leftovers (``~``, ``.tmp``,
``.part``, ``.swp``, ``.crdownload``), and files named README or LICENSE. Everything else is a problem that ends
in ``rejects``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import InputError
from pipeline.rawfiles import (
    RawReader,
    UnreadableError,
    from_uri,
    next_action,
    reason_of,
    retrying,
    to_uri,
    transient,
)
from pipeline.schemas import RAW
from pipeline.streams import CHUNK, Damage, Limits, as_utf8, inflate, no_binary, split_lines

__all__ = [
    "Limits", "Listing", "RawBatch", "RawFile", "RawProblem", "UnreadableError", "date_of", "digest", "plan",
    "problem_table", "read", "scan", "to_path", "transient",
]  # fmt: skip

FORMS = ((".txt", "text"), (".jsonl", "jsonl"), (".ndjson", "jsonl"), (".jsonl.gz", "jsonl.gz"), (".ndjson.gz", "jsonl.gz"))  # fmt: skip
BATCH_BYTES = 32 << 20
_LEFTOVER = ("~", ".tmp", ".part", ".swp", ".crdownload")
_PAPERS = ("readme", "license")
_DAY = re.compile(
    r"(?:^|/)(?:dt=)?([0-9]{4})-([0-9]{2})-([0-9]{2})(?=/|$)|(?:^|/)([0-9]{4})/([0-9]{2})/([0-9]{2})(?=/|$)"
)


@dataclass(frozen=True, slots=True)
class RawFile:
    """One raw file. uri: escaped POSIX path below the root. size: bytes. stamp: changes whenever the file may have
    (size, modification and change time, inode). form: ``text``, ``jsonl`` or ``jsonl.gz``."""

    uri: str
    size: int
    stamp: str
    form: str


@dataclass(frozen=True, slots=True)
class RawProblem:
    """A place of the raw folder that cannot be an input, with its reason code."""

    uri: str
    reason: str
    detail: str
    next_action: str


@dataclass(frozen=True)
class Listing:
    """The raw folder: files and problems sorted by uri, and the number of entries that were ignored."""

    files: tuple[RawFile, ...]
    problems: tuple[RawProblem, ...]
    ignored: int = 0


@dataclass(frozen=True)
class RawBatch:
    """Files that are read together: (uri, SHA-256 of the raw bytes). A container is alone in its batch."""

    form: str
    files: tuple[tuple[str, str], ...]


def to_path(root: Path, uri: str) -> Path:
    """The file that ``uri`` (without a record number) names."""
    return Path(os.path.join(root, from_uri(uri)))


def _ignored(name: str) -> bool:
    lower = name.lower()
    return name[0] in "._" or lower.endswith(_LEFTOVER) or lower.partition(".")[0] in _PAPERS


def _form(name: str) -> str | None:
    lower = name.lower()
    return next((form for suffix, form in FORMS if lower.endswith(suffix)), None)


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"


class _Scan:
    """State of one walk: an explicit stack, because folders may be nested deeper than Python recurses."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self.files: list[RawFile] = []
        self.problems: list[RawProblem] = []
        self.ignored = 0

    def problem(self, relative: str, reason: str, detail: str) -> None:
        self.problems.append(RawProblem(to_uri(relative), reason, detail, next_action(reason)))

    def walk(self) -> None:
        folders = [""]
        while folders:
            relative = folders.pop()
            try:
                with retrying(lambda at=relative: os.scandir(os.path.join(self.root, at))) as entries:  # type: ignore[misc]
                    for entry in entries:
                        path = f"{relative}/{entry.name}" if relative else entry.name
                        if self.entry(entry, path):
                            folders.append(path)
            except OSError as error:
                if not relative:
                    raise
                self.problem(relative, reason_of(error), f"folder cannot be listed: {error.strerror}")

    def entry(self, entry: os.DirEntry[str], path: str) -> bool:
        """Note one directory entry; True where it is a folder to walk."""
        if _ignored(entry.name):
            self.ignored += 1
            return False
        try:
            if entry.is_symlink():
                found = self.link(entry, path)
                if found is None:
                    return False
            else:
                found = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.problem(path, reason_of(error), error.strerror or str(error))
            return False
        if stat.S_ISDIR(found.st_mode):
            return True
        form = _form(entry.name)
        if not stat.S_ISREG(found.st_mode):
            self.problem(path, "not_a_regular_file", f"file type {stat.filemode(found.st_mode)[0]}")
        elif form is None:
            suffix = os.path.splitext(entry.name)[1]
            kind = f"ending {to_uri(suffix)}" if suffix else "no ending"
            self.problem(path, "unsupported_format", f"{kind}; read are {', '.join(end for end, _ in FORMS)}")
        else:
            self.files.append(RawFile(to_uri(path), found.st_size, _stamp(found), form))
        return False

    def link(self, entry: os.DirEntry[str], path: str) -> os.stat_result | None:
        """Judge a symbolic link; returns the status of a regular file inside the root, else notes a problem."""
        try:
            target = os.path.realpath(entry.path, strict=True)
        except FileNotFoundError:
            self.problem(path, "link_dangling", "points to nothing")
            return None
        except OSError as error:
            self.problem(path, "link_loop", error.strerror or str(error))
            return None
        if target != self.root and not target.startswith(os.path.join(self.root, "")):
            self.problem(path, "link_outside", "points out of the raw folder")
            return None
        found = os.stat(target)
        if stat.S_ISDIR(found.st_mode):
            here = os.path.join(os.path.dirname(entry.path), "")
            loop = here.startswith(os.path.join(target, ""))
            inside = to_uri(os.path.relpath(target, self.root))
            self.problem(path, "link_loop" if loop else "link_folder", f"points to {inside}")
            return None
        return found


def scan(root: Path) -> Listing:
    """List the raw folder, without opening a file; one status call per entry.

    Symbolic links to files inside the root count as files (twins are recognised by content); links to folders are
    not followed, links that leave the root, dangle or loop are problems.

    Raises InputError where the root is missing, no folder, unreadable, or holds nothing to read.
    """
    place = str(root)
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            raise InputError(
                "the raw folder is not a folder", place=place, next_action="Set paths.raw to a folder."
            )
        walk = _Scan(os.fspath(root))
        walk.walk()
    except FileNotFoundError as error:
        raise InputError(
            "the raw folder does not exist", place=place, next_action="Mount or create it, or set paths.raw."
        ) from error
    except OSError as error:
        raise InputError(
            f"the raw folder cannot be listed: {error.strerror}",
            place=place,
            next_action="Check rights and mount.",
        ) from error
    if not walk.files and not walk.problems:
        raise InputError(
            "the raw folder is empty",
            place=place,
            next_action="Check the delivery: an empty night is never published.",
        )
    key: Callable[[Any], str] = lambda item: item.uri  # noqa: E731
    return Listing(tuple(sorted(walk.files, key=key)), tuple(sorted(walk.problems, key=key)), walk.ignored)


def date_of(uri: str) -> str | None:
    """The batch date that a path names: a folder ``YYYY-MM-DD``, ``dt=YYYY-MM-DD`` or ``YYYY/MM/DD``; the innermost.

    >>> date_of("2026-11-01/a.txt"), date_of("x/dt=2026-11-01/a.jsonl#3"), date_of("2026/11/01/a.txt")
    ('2026-11-01', '2026-11-01', '2026-11-01')
    >>> date_of("2026-02-30/a.txt") is None and date_of("2026-11-01.txt") is None
    True
    """
    folder = uri.rpartition("/")[0]
    for match in reversed(list(_DAY.finditer(folder))):
        year, month, day = (int(part) for part in match.groups() if part)
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            continue
    return None


def digest(root: Path, file: RawFile) -> str:
    """SHA-256 of the raw bytes, streamed; a file that changes meanwhile is read once more.

    Raises UnreadableError with reason ``unstable``, ``vanished``, ``permission``, ``not_a_regular_file`` or
    ``io_error``.
    """
    for _ in range(2):
        with RawReader(os.fspath(root), file.uri) as reader:
            sha = hashlib.sha256()
            seen = 0
            while data := reader.read(1 << 20):
                sha.update(data)
                seen += len(data)
            if seen == reader.size and reader.unchanged():
                return sha.hexdigest()
    raise UnreadableError(
        "changed while it was read, twice",
        place=file.uri,
        next_action=next_action("unstable"),
        reason="unstable",
    )


def plan(files: Sequence[tuple[RawFile, str]], target: int) -> list[RawBatch]:
    """Group the files of one unit into batches of about ``target`` articles, in order of their content's hash.

    A batch ends after a file whose hash says so (content-defined chunking), so that a new or removed file changes
    its own batch and, rarely, the next, and a renamed one leaves every batch with the same documents; between
    target/3 and 2·target files, and about 32 MiB. Containers are batches of their own.
    """
    batches: list[RawBatch] = []
    group: list[tuple[str, str]] = []
    size = 0

    def close() -> None:
        nonlocal group, size
        if group:
            batches.append(RawBatch("text", tuple(group)))
        group, size = [], 0

    for file, sha256 in sorted(files, key=lambda item: (item[1], item[0].uri)):
        if file.form != "text":
            batches.append(RawBatch(file.form, ((file.uri, sha256),)))
            continue
        if group and size + file.size > BATCH_BYTES:
            close()
        group.append((file.uri, sha256))
        size += file.size
        if _cut(sha256.encode("ascii"), len(group), target):
            close()
    close()
    return batches


def _cut(key: bytes, count: int, target: int) -> bool:
    """True where a batch of ``count`` items ends after the item ``key``."""
    return count >= 2 * target or (count >= target // 3 and zlib.crc32(key) % target == 0)


class _Rows:
    """Rows of one raw table in the making."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in RAW.names}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.columns["source_uri"])

    def add(
        self, uri: str, form: str, payload: bytes, line: int | None = None, byte: int | None = None
    ) -> None:
        sha256 = hashlib.sha256(payload).hexdigest()
        self._append((uri, form, payload, line, byte, None, None, sha256))
        self.bytes += len(payload)

    def problem(
        self,
        uri: str,
        form: str,
        damage: Damage,
        *,
        line: int | None = None,
        byte: int | None = None,
        sha256: str | None = None,
    ) -> None:
        self._append((uri, form, b"", line, byte, damage.reason, damage.detail[:200], sha256))

    def _append(self, values: tuple[Any, ...]) -> None:
        for name, value in zip(RAW.names, values, strict=True):
            self.columns[name].append(value)

    def table(self) -> pa.Table:
        return RAW.columnar(self.columns)


def problem_table(problems: Sequence[RawProblem]) -> pa.Table:
    """The problems of a listing as raw rows, so that ingest accounts for them like any other input."""
    rows = _Rows()
    for problem in problems:
        rows.problem(problem.uri, "text", Damage(problem.reason, problem.detail))
    return rows.table()


def read(
    root: Path, batch: RawBatch, *, target: int, max_bytes: int = BATCH_BYTES, limits: Limits | None = None
) -> Iterator[pa.Table]:
    """Read a batch as raw tables (schema ``RAW``), at least one, of about ``target`` rows and ``max_bytes`` each.

    Text batches give one table (more only above ``max_bytes``). Containers are streamed and cut by content, so that
    an inserted record changes its own table only. Whatever cannot be read is a row with a problem: ``vanished``,
    ``permission``, ``unstable`` (not the bytes that the batch names), ``too_long``, ``binary``, ``truncated_archive``,
    ``bad_archive``, ``bomb``, ``io_error`` …; no OSError escapes. Memory: one table and one record.
    """
    limits = limits or Limits()
    if batch.form == "text":
        yield from _read_texts(os.fspath(root), batch, max_bytes, limits)
    else:
        yield from _read_container(os.fspath(root), batch, target, max_bytes, limits)


def _read_texts(root: str, batch: RawBatch, max_bytes: int, limits: Limits) -> Iterator[pa.Table]:
    rows = _Rows()
    for uri, sha256 in batch.files:
        try:
            with RawReader(root, uri) as reader:
                if reader.size > limits.file_bytes:
                    finding = f"{reader.size} bytes, the limit is {limits.file_bytes}"
                    rows.problem(uri, "text", Damage("too_long", finding), sha256=sha256)
                    continue
                if len(rows) and rows.bytes + reader.size > max_bytes:
                    yield rows.table()
                    rows = _Rows()
                payload = _read_all(reader, limits.file_bytes)
        except UnreadableError as error:
            rows.problem(uri, "text", Damage(error.reason, error.message), sha256=sha256)
            continue
        if hashlib.sha256(payload).hexdigest() == sha256:
            rows.add(uri, "text", payload)
        else:
            rows.problem(uri, "text", Damage("unstable", "changed after it was listed"), sha256=sha256)
    yield rows.table()


def _read_all(reader: RawReader, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while size <= limit and (data := reader.read(1 << 20)):
        pieces.append(data)
        size += len(data)
    return b"".join(pieces)


def _read_container(
    root: str, batch: RawBatch, target: int, max_bytes: int, limits: Limits
) -> Iterator[pa.Table]:
    ((uri, sha256),) = batch.files
    damage: list[Damage] = []
    rows = _Rows()
    count = 0
    try:
        with RawReader(root, uri) as reader:
            hashed = hashlib.sha256()
            for line in split_lines(
                _chunks(reader, batch.form, hashed.update, damage, limits), limits.record_bytes
            ):
                if line.data is not None and not line.data.strip():
                    continue
                count += 1
                name = f"{uri}#{count}"
                if line.data is None:
                    long = Damage("too_long", f"{line.size} bytes, the limit is {limits.record_bytes}")
                    rows.problem(name, "json", long, line=line.number, byte=line.byte)
                    continue
                rows.add(name, "json", line.data, line.number, line.byte)
                if _cut(line.data, len(rows), target) or rows.bytes >= max_bytes:
                    yield rows.table()
                    rows = _Rows()
            if not damage and hashed.hexdigest() != sha256:
                damage.append(Damage("unstable", "changed after it was listed"))
    except UnreadableError as error:
        damage.append(Damage(error.reason, error.message))
    if not damage and not count:
        damage.append(Damage("empty", "no record"))
    if damage:
        finding = "; ".join(item.detail for item in damage)
        rows.problem(uri, "json", Damage(damage[0].reason, f"{count} records read; {finding}"), sha256=sha256)
    if len(rows) or not count:
        yield rows.table()


def _chunks(
    reader: RawReader, form: str, seen: Callable[[bytes], None], damage: list[Damage], limits: Limits
) -> Iterator[bytes | None]:
    """The unpacked bytes of a container, as UTF-8 where it was UTF-16."""

    def read_packed() -> bytes:
        data = reader.read(CHUNK)
        seen(data)
        return data

    plain: Iterator[bytes | None] = iter(read_packed, b"")
    return as_utf8(no_binary(inflate(read_packed, damage, limits) if form == "jsonl.gz" else plain, damage))
